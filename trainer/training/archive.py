"""Whether a file for `torch.load` can be what `torch.save` has written: it holds all that it unpacks to.

`torch.save` compresses nothing. An archive whose parts are compressed may unpack to a thousand times its size, a tensor
whose strides are 0 to any number of copies of one value, and a list of lists of the same lists to a walk without end.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

import torch
from torch import Tensor

_SHARED = 16
"""How often the average byte of a file may be met: weights that are the best ones too are stored once, and names of attributes."""
_SMALL_BYTES = 1 << 16


class SwollenError(Exception):
    """A file would unpack to far more than it holds."""


def load_archive(content: bytes) -> Any:
    """What a file of tensors and plain values holds, on the CPU.

    Raises:
        SwollenError: it would unpack to far more than it holds.
        Exception: whatever torch or Python raise for what is no such file.
    """
    with zipfile.ZipFile(
        io.BytesIO(content)
    ) as archive:  # older formats, which are no archives, name sizes that torch believes
        parts = archive.infolist()
    if any(part.compress_type != zipfile.ZIP_STORED for part in parts):
        raise SwollenError("its parts are compressed")
    if sum(part.file_size for part in parts) > len(content):
        raise SwollenError("its parts are longer than the file")
    plain = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    _Budget(_SHARED * len(content) + _SMALL_BYTES).spend(plain)
    return plain


class _Budget:
    """How many bytes, and how many values, may be met on a walk through all that was loaded."""

    def __init__(self, num_bytes: int) -> None:
        self._left = num_bytes

    def spend(self, tree: Any) -> None:
        waiting = [tree]
        while waiting:
            value = waiting.pop()
            self._left -= 1
            if isinstance(value, Tensor):
                if value.layout is not torch.strided or value.device.type != "cpu":
                    raise SwollenError("a tensor of it is not stored value by value")
                self._left -= value.numel() * value.element_size()
            elif isinstance(value, dict):
                waiting += value.keys()
                waiting += value.values()
            elif isinstance(value, list | tuple | set | frozenset):
                waiting += value
            elif isinstance(value, str | bytes | bytearray):
                self._left -= len(value)
            if self._left < 0 or len(waiting) > self._left:
                raise SwollenError("its values are repeated without end")
