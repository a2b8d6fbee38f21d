"""How many threads compute."""

from trainer.settings.setting import Group, setting


class ThreadsSettings(Group, heading="training", listed_after="device"):
    """How many threads compute."""

    threads: int | None = setting(
        None,
        "Threads to compute with.",
        "a whole number from 1 to 1024",
        shown_default="OMP_NUM_THREADS; else what the container may use, which ranks on one host share",
        ge=1,
        le=1024,
    )
