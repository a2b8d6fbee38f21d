"""Which queue the run belongs to, and how its events name it."""

from typing import Annotated

from pydantic import BeforeValidator

from trainer.settings.moments import parse_moment
from trainer.settings.setting import Group, setting


class QueueSettings(Group, heading="queue"):
    """Which queue the run belongs to, and how its events name it."""

    queue_id: str = setting(
        "", "Identifies the run for queue-manager; names its artifacts.", "a string", shown_default="local-<graph_name>"
    )
    symbol: str | None = setting(None, "The market symbol, copied into every event.", "a string")
    type: str = setting("gnn_trainer", "The type of worker, copied into every event.", "a string")
    telemetry_producer_id: str = setting(
        "", "The producer named in every event.", "a string", shown_default="gnn-trainer__<last part of QUEUE_ID>"
    )
    job_timestamp: Annotated[float, BeforeValidator(parse_moment)] | None = setting(
        None,
        "When the run was requested, as a number since 1970: seconds, milli-, micro- or nanoseconds."
        " Older stop commands are ignored.",
        "a number above 0 that counts seconds, milli-, micro- or nanoseconds since 1970",
        shown_default="ten minutes before the start of the process",
    )
