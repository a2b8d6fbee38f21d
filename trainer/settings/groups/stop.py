"""How long the end may take after a stop."""

from trainer.settings.setting import Group, setting

LONGEST_STOP_S = 86_400


class StopSettings(Group, heading="training", listed_after="resume"):
    """How long the end may take after a stop."""

    stop_deadline: float = setting(
        90.0,
        "Seconds that everything after a stop command or a signal may take: the model and its metrics first, the terminal "
        "event always; what does not fit is dropped with a warning. Keep it below the pod's grace period.",
        f"a number from 5 to {LONGEST_STOP_S}",
        ge=5,
        le=LONGEST_STOP_S,
    )
