"""The paper the charts are drawn on: escaped elements, scales, ticks, axes."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup, escape

from trainer.numerals import tick

NOTHING = Markup("")
_LARGEST = 1e300


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One drawing with the words that stand around it; a legend entry is (text, colour class)."""

    title: str
    svg: Markup
    note: str = ""
    legend: Sequence[tuple[str, str]] = field(default_factory=tuple)


def tag(name: str, *children: object, **attributes: object) -> Markup:
    """Return one element; `_` stands for `-` in attribute names, and everything is escaped."""
    written = NOTHING.join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _short(value))
        for key, value in attributes.items()
        if value is not None
    )
    inner = NOTHING.join(escape(child) for child in children)
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), written, inner)


def drawing(name: str, title: str, description: str, width: float, height: float, *children: Markup) -> Markup:
    """Return an accessible SVG root that scales with its box."""
    return tag(
        "svg",
        tag("title", title, id=f"{name}-title"),
        tag("desc", description, id=f"{name}-desc"),
        *children,
        viewBox=f"0 0 {_short(width)} {_short(height)}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        class_="narrow" if width < 420 else "wide",
    )


def clip(text: str, length: int) -> str:
    """Shorten a label that would run out of its box."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def drawable(value: float | None) -> float | None:
    """Return the value, None where it is so large that no scale could hold it."""
    if value is None or abs(value) > _LARGEST:
        return None
    return value if abs(value) > 1 / _LARGEST else 0.0


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A plotting area with its two scales."""

    width: float
    height: float
    x_domain: tuple[float, float]
    y_domain: tuple[float, float]
    left: float = 54
    right: float = 14
    top: float = 18
    bottom: float = 44
    log_y: bool = False

    def x(self, value: float) -> float:
        """Return the x coordinate of a value."""
        low, high = self.x_domain
        return self.left + (value - low) / ((high - low) or 1.0) * (self.width - self.left - self.right)

    def y(self, value: float) -> float:
        """Return the y coordinate of a value."""
        low, high = self.y_domain
        if self.log_y:
            value, low, high = (math.log10(max(item, 1e-300)) for item in (value, low, high))
        share = (value - low) / ((high - low) or 1.0)
        return self.height - self.bottom - share * (self.height - self.top - self.bottom)

    def axes(
        self,
        x_ticks: Sequence[tuple[float, str]],
        y_ticks: Sequence[tuple[float, str]],
        x_label: str,
        y_label: str = "",
    ) -> Markup:
        """Return grid lines, tick labels and the names of both axes."""
        floor, edge = self.height - self.bottom, self.width - self.right
        parts = [
            tag("line", x1=self.left, x2=edge, y1=self.y(value), y2=self.y(value), class_="grid")
            for value, _ in y_ticks
        ]
        parts += [
            tag("text", text, x=self.left - 8, y=self.y(value), dy="0.35em", text_anchor="end")
            for value, text in y_ticks
        ]
        parts.append(tag("line", x1=self.left, x2=edge, y1=floor, y2=floor, class_="axis"))
        for value, text in x_ticks:
            x = self.x(value)
            parts.append(tag("line", x1=x, x2=x, y1=floor, y2=floor + 4, class_="axis"))
            # A wide label at either end would leave the drawing if it were centred.
            wide = len(text) > 6
            anchor = "start" if wide and x <= self.left else "end" if wide and x >= edge else "middle"
            parts.append(tag("text", text, x=x, y=floor + 18, text_anchor=anchor))
        middle = (self.left + edge) / 2
        if x_label:
            parts.append(tag("text", x_label, x=middle, y=self.height - 6, text_anchor="middle", class_="label"))
        if y_label:
            centre = (self.top + floor) / 2
            turned = f"rotate(-90 12 {_short(centre)})"
            parts.append(tag("text", y_label, x=12, y=centre, transform=turned, text_anchor="middle", class_="label"))
        return NOTHING.join(parts)


def ticks(low: float, high: float, wanted: int = 5, whole: bool = False) -> list[tuple[float, str]]:
    """Return round values between two bounds with their text."""
    width = high - low
    if width <= 0:
        return [(low, tick(low, abs(low) or 1.0))]
    rough = width / wanted
    power = 10.0 ** max(-300, math.floor(math.log10(rough)))
    step = next((factor * power for factor in (1, 2, 2.5, 5) if factor * power >= rough * 0.999), 10 * power)
    if whole:
        step = max(1.0, float(round(step)))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    fine = step / 10 if step == 2.5 * power and not whole else step
    return [(index * step, tick(index * step, fine)) for index in range(first, min(last, first + 20) + 1)]


def log_ticks(low: float, high: float) -> list[tuple[float, str]]:
    """Return powers of ten between two positive bounds, thinned to a handful."""
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    stride = max(1, math.ceil((last - first + 1) / 6))
    return [(10.0**power, tick(10.0**power, 10.0**power)) for power in range(first, last + 1, stride)]


def padded(values: Sequence[float], share: float = 0.06) -> tuple[float, float]:
    """Return a domain a little wider than its values, and never empty."""
    low, high = min(values), max(values)
    room = (high - low) * share or abs(high) * share or 0.5
    return low - room, high + room


def _short(value: object) -> object:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else value
