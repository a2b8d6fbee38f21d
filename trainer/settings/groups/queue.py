"""Which queue the run belongs to, and how its events name it."""

from trainer.settings.setting import Group, setting


class QueueSettings(Group, heading="queue"):
    """Which queue the run belongs to, and how its events name it."""

    queue_id: str = setting(
        "", "Identifies the run for queue-manager; names its artifacts.", "a text", shown_default="local-<graph_name>"
    )
    symbol: str | None = setting(None, "The market symbol, passed on in every event.", "a text")
    type: str = setting("gnn_trainer", "The kind of worker, passed on in every event.", "a text")
    telemetry_producer_id: str = setting(
        "", "Who says the events.", "a text", shown_default="gnn-trainer__<last part of QUEUE_ID>"
    )
    job_timestamp: float | None = setting(
        None,
        "When the run was ordered, in seconds since 1970 (milliseconds are understood): stop commands older than this are not ours.",
        "a number above 0",
        shown_default="ten minutes before the start of the process",
        gt=0,
    )
