"""How long the end may take after a stop."""

from trainer.settings.setting import Group, setting


class StopSettings(Group, heading="training", listed_after="resume"):
    """How long the end may take after a stop."""

    stop_deadline: float = setting(
        90.0,
        "Seconds that everything after a stop command or a signal may take: the model and its metrics first, the terminal "
        "event always; what does not fit is dropped with a warning. Keep it below the pod's grace period.",
        "a number from 5 to 86400",
        ge=5,
        le=86400,
    )
