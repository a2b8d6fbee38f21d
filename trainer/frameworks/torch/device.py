"""Where to compute."""

from __future__ import annotations

import torch

from trainer.errors import SettingsError


def choose_device(name: str) -> torch.device:
    """The device that DEVICE names; `auto` is a GPU where there is one.

    Raises:
        SettingsError: it is not there.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise SettingsError(
            f"DEVICE={name!r} is not there: this machine has {torch.cuda.device_count()} GPUs; set auto or cpu."
        )
    return device
