"""Numbers that say which vertex it is and nothing about it: no features unless FEATURES names them.

Both the name and the values have to say so: `user_id` is a key, `trades` with as many different numbers is none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.attribute_names import is_key_name, is_running_number_name
from trainer.graph.columns import NumberColumn

FEW_CODES = 20
"""So many different numbers that come back under the name of a key are codes of a few kinds, such as `sector_id`."""
_FEWEST_EQUAL = 20
"""So many vertices whose number is their key are no chance."""


def why_key(name: str, column: NumberColumn, keys: NDArray[np.bytes_]) -> str | None:
    """Why the numbers are keys; None where they may say something.

    Args:
        name: the attribute.
        column: its values.
        keys: `_key` of the vertices, UTF-8 bytes of shape [vertices].
    """
    known = ~column.missing
    numbers = column.values[known]
    if column.boolean or not len(numbers):
        return None
    if len(numbers) >= _FEWEST_EQUAL and _are_keys(numbers, keys[known]):
        return "is the same as _key"
    is_key, is_running = is_key_name(name), is_running_number_name(name)
    if not (is_key or is_running) or not _is_whole(numbers):
        return None
    distinct = np.unique(numbers)
    if is_key and len(distinct) == len(numbers):
        return "is named like a key, and no two vertices have the same number"
    if is_key and len(distinct) > FEW_CODES:
        return f"is named like a key, and holds {len(distinct)} different whole numbers"
    span = float(distinct[-1]) - float(distinct[0])
    if is_running and len(distinct) == len(numbers) and span < 2 * len(numbers):
        return "is named like a running number, and is one"
    return None


def holds_codes(name: str, column: NumberColumn) -> int:
    """How many different whole numbers there are under the name of a key, if they are more than two; else 0."""
    numbers = column.values[~column.missing]
    if column.boolean or not is_key_name(name) or not len(numbers) or not _is_whole(numbers):
        return 0
    num = len(np.unique(numbers))
    return num if num > 2 else 0


def _is_whole(numbers: NDArray[Any]) -> bool:
    return numbers.dtype.kind == "i" or bool((numbers == np.floor(numbers)).all())


def _are_keys(numbers: NDArray[Any], keys: NDArray[np.bytes_]) -> bool:
    if numbers[0] != np.floor(numbers[0]) or str(int(numbers[0])).encode() != keys[0]:
        return False
    return _is_whole(numbers) and all(
        str(int(number)).encode() == key for number, key in zip(numbers.tolist(), keys.tolist(), strict=True)
    )
