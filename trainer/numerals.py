"""Print numbers for people: few digits, one sign for "unknown", units where there is one."""

import math

UNKNOWN = "–"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def figure(value: float | None) -> str:
    """Print a measured number with three or four significant digits."""
    if value is None:
        return UNKNOWN
    size = abs(value)
    if size == 0:
        return "0"
    if size >= 1e6 or size < 1e-4:
        return _scientific(value)
    if size >= 1000:
        return f"{value:,.0f}"
    decimals = max(0, 3 - math.floor(math.log10(size))) if size >= 1 else 2 - math.floor(math.log10(size))
    return _minus(f"{value:.{min(decimals, 6)}f}")


def score(value: float | None) -> str:
    """Print a score with three decimals, so that a column of scores lines up."""
    return figure(value) if value is None or abs(value) >= 1000 else _minus(f"{value:.3f}")


def count(value: int) -> str:
    """Print a count with thousands separated."""
    return f"{value:,}"


def share(part: float, whole: float) -> str:
    """Print a part of a whole in percent."""
    if whole <= 0:
        return UNKNOWN
    percent = 100 * part / whole
    if 0 < percent < 1:
        return "<1 %"
    return f"{percent:.0f} %"


def duration(seconds: float | None) -> str:
    """Print seconds in the unit that reads best."""
    if seconds is None:
        return UNKNOWN
    if seconds < 0.001:
        return "<1 ms" if seconds > 0 else "0 s"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, left = divmod(hours, 24)
    if days > 1:
        return f"{days:,} d {left} h" if left else f"{days:,} d"
    first, second = (f"{hours} h", f"{minutes} min") if hours else (f"{minutes} min", f"{rest} s")
    return first if second.startswith("0 ") else f"{first} {second}"


def tick(value: float, step: float) -> str:
    """Print an axis tick with just the decimals that its step needs."""
    if value == 0:
        return "0"
    size = max(abs(value), step)
    if size >= 1e5 or step < 1e-4:
        magnitudes = math.floor(math.log10(size)) - math.floor(math.log10(step))
        return _scientific(value, digits=max(0, min(3, magnitudes)))
    return _minus(f"{value:,.{max(0, -math.floor(math.log10(step) + 1e-9))}f}")


def _scientific(value: float, digits: int = 2) -> str:
    mantissa, exponent = f"{value:.{digits}e}".split("e")
    return _minus(f"{mantissa}×10") + str(int(exponent)).translate(_SUPERSCRIPT)


def _minus(text: str) -> str:
    return text.replace("-", "−")
