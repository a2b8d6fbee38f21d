"""How many threads compute."""

from trainer.settings.setting import Group, setting


class ThreadsSettings(Group, heading="training", listed_after="device"):
    """How many threads compute."""

    threads: int = setting(
        0,
        "Threads to compute with; 0 for as many as OMP_NUM_THREADS says, else as the container may use, which ranks on one host "
        "share.",
        "a whole number from 0 to 1024",
        ge=0,
        le=1024,
    )
