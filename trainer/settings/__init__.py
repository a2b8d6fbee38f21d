"""Every variable and flag of a run: defined, read, checked and documented here, and nowhere else."""

from trainer.settings.definition import Settings
from trainer.settings.sources import load_settings

__all__ = ["Settings", "load_settings"]
