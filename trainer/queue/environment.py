"""The environment of one run: the fields of a start message as variables of our settings.

Only this module knows which field becomes which variable. A field that the message leaves out is left
out here too, so that the shared configuration or the setting's own default holds.
"""

import json

from trainer.queue.command import Start


def environment(start: Start) -> dict[str, str]:
    """Return the variables that are this queue's own: those of the documented environment block, then the others."""
    values = {
        "QUEUE_ID": start.queue_id,
        "SYMBOL": start.symbol,
        "TYPE": start.type,
        "GRAPH_NAME": start.graph_name,
        "EPOCHS": None if start.epochs is None else str(start.epochs),
        "MODEL_TYPE": start.model_type,
        "FEATURES": None if start.features is None else json.dumps(start.features, ensure_ascii=False),
        "TARGET": start.target,
        "LOSS_FN": start.loss_fn,
        "TELEMETRY_PRODUCER_ID": start.telemetry_id,
        "JOB_TIMESTAMP": None if start.timestamp is None else repr(start.timestamp),
    }
    own = {name: value for name, value in values.items() if value is not None}
    return own | {name.upper(): value for name, value in start.other.values.items()}
