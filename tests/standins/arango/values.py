"""What the database makes of a number: clients must meet integral doubles as it would send them."""

import math
from decimal import Decimal

Json = object
Document = dict[str, Json]

_EXPONENT_FROM_ZEROS = 8
_MIN_INT, _END_INT = -(2**63), 2**64


def as_stored(value: Json) -> Json:
    """Return a value the way it comes back from the database, containers included.

    Args:
        value: Any JSON value.

    Raises:
        ValueError: The value has no JSON form, such as NaN.
    """
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int):
        return value if _MIN_INT <= value < _END_INT else _double(float(value))
    if isinstance(value, float):
        return _double(value)
    if isinstance(value, list | tuple):
        return [as_stored(item) for item in value]
    if isinstance(value, dict):
        return {str(name): as_stored(item) for name, item in value.items()}
    raise ValueError(f"{type(value).__name__} {value!r} has no JSON form")


def is_stored(value: Json) -> bool:
    """Return whether a value needs no conversion: a cheap test that spares copying a million documents."""
    if type(value) is int:
        return _MIN_INT <= value < _END_INT
    return value is None or type(value) is str or type(value) is bool


def _double(number: float) -> int | float:
    if not math.isfinite(number):
        raise ValueError(f"{number} has no JSON form")
    if not number.is_integer():
        return number
    # The database prints 1e7 as 10000000 but 1e8 as 1e+8, which a JSON reader takes for a float again.
    shortest = Decimal(repr(number)).normalize()
    exponent = shortest.as_tuple().exponent
    if isinstance(exponent, int) and exponent < _EXPONENT_FROM_ZEROS and _MIN_INT <= number < _END_INT:
        return int(shortest)
    return number
