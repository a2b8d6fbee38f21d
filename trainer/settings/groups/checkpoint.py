"""How a training goes on after its pod was killed."""

from typing import Annotated

from trainer.settings.setting import Group, setting
from trainer.settings.values import choice


class CheckpointSettings(Group, heading="training"):
    """How a training goes on after its pod was killed."""

    checkpoint_every: float = setting(60.0, "Seconds between checkpoints.", "a number of at least 0.1", ge=0.1)
    resume: Annotated[str, choice("auto", "never")] = setting(
        "auto",
        "`auto` continues from the checkpoint of an earlier run with the same QUEUE_ID, settings and graph.",
        "auto or never",
    )
