"""The state of the generator that dropout draws from: on a GPU that is the GPU's own, not torch's on the CPU."""

from __future__ import annotations

import torch
from torch import Tensor


def random_state(device: torch.device) -> Tensor:
    """What the next draw on a device depends on, uint8 [bytes], on the CPU."""
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()


def set_random_state(device: torch.device, state: Tensor) -> bool:
    """Go back to a state; False, with nothing changed, where it is that of another kind of device."""
    if state.shape != random_state(device).shape:
        return False
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    else:
        torch.set_rng_state(state)
    return True
