"""Learning curves: what each epoch did to the loss and to the scores, with the best epoch marked."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from trainer.numerals import figure, tick
from trainer.record import Epoch
from trainer.report.charts.svg import NOTHING, Chart, Frame, drawable, drawing, log_ticks, padded, tag, ticks

_MAX_POINTS = 260
_MAX_TOOLTIPS = 60
Point = tuple[float, float | None]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One curve: a field of each epoch, its name and its colour class."""

    key: str
    name: str
    colour: str


def learning_chart(
    name: str,
    title: str,
    history: Sequence[Epoch],
    lines: Sequence[Line],
    best_epoch: int,
    *,
    width: float = 480,
    floor: float = -math.inf,
) -> Chart | None:
    """Draw some fields of the history against the epoch; None when there is nothing to draw."""
    epochs = [float(epoch.epoch) for epoch in history]
    values_of = {line: [drawable(getattr(epoch, line.key)) for epoch in history] for line in lines}
    curves: dict[Line, list[Point]] = {
        line: list(zip(epochs, values, strict=True))
        for line, values in values_of.items()
        if any(value is not None for value in values)
    }
    if not curves:
        return None
    values = [value for points in curves.values() for _, value in points if value is not None]
    domain, log = _domain(values, floor)
    first, last = min(epochs), max(epochs)
    span = (first, last) if last > first else (first - 1, last + 1)
    frame = Frame(width=width, height=300, x_domain=span, y_domain=domain, log_y=log)
    best = float(best_epoch)
    body = [
        frame.axes(
            ticks(span[0], span[1], wanted=6, whole=True),
            log_ticks(*domain) if log else ticks(domain[0], domain[1], wanted=6),
            "Epoch",
        ),
        _clip_path(name, frame),
        _best(frame, best),
        *(_curve(frame, name, points, line, best) for line, points in curves.items()),
        _tooltips(frame, epochs, curves),
    ]
    notes = ["Logarithmic scale."] if log else []
    notes += [f"Values below {tick(floor, 1.0)} are cut off."] if min(values) < domain[0] else []
    description = "; ".join(_describe(line, points) for line, points in curves.items())
    return Chart(
        title=title,
        svg=drawing(name, title, f"{description}.", width, 300, *body),
        note=" ".join(notes),
        legend=[(line.name, line.colour) for line in curves],
    )


def thinned(points: Sequence[Point], limit: int = _MAX_POINTS) -> list[Point]:
    """Keep the lowest and the highest point of each bucket: a long curve keeps its shape and its spikes."""
    if len(points) <= limit:
        return list(points)
    size = math.ceil(len(points) / (limit // 2))
    kept: list[Point] = []
    for start in range(0, len(points), size):
        bucket = points[start : start + size]
        known = [point for point in bucket if point[1] is not None]
        if not known:
            kept.append(bucket[0])
            continue
        ordered = sorted(known, key=lambda point: point[1] or 0.0)
        extremes = {ordered[0], ordered[-1]}
        kept.extend(sorted(extremes, key=lambda point: point[0]))
    ends = [point for point in (points[0], points[-1]) if point not in kept]
    return sorted([*kept, *ends], key=lambda point: point[0])


def _domain(values: Sequence[float], floor: float) -> tuple[tuple[float, float], bool]:
    """Choose the vertical scale, logarithmic when all values are positive and far apart."""
    low, high = min(values), max(values)
    if low > 0 and high / low > 50:
        return (low / 1.2, high * 1.2), True
    if low < floor < high:
        values = [max(value, floor) for value in values]
    return padded(values), False


def _curve(frame: Frame, name: str, points: Sequence[Point], line: Line, best: float) -> Markup:
    drawn: list[Markup] = []
    run: list[tuple[float, float]] = []
    for epoch, value in [*thinned(points), (0.0, None)]:
        if value is not None:
            run.append((frame.x(epoch), frame.y(value)))
            continue
        if len(run) == 1:
            drawn.append(tag("circle", cx=run[0][0], cy=run[0][1], r=3, class_=f"fill-{line.colour}"))
        elif run:
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
            drawn.append(tag("polyline", points=path, class_=f"curve stroke-{line.colour}"))
        run = []
    at_best = next((value for epoch, value in points if epoch == best and value is not None), None)
    if at_best is not None:
        marker = {"cx": frame.x(best), "cy": frame.y(at_best), "r": 4.5}
        drawn.append(tag("circle", **marker, class_=f"marker fill-{line.colour}"))
    return tag("g", *drawn, clip_path=f"url(#{name}-clip)")


def _clip_path(name: str, frame: Frame) -> Markup:
    area = tag(
        "rect",
        x=frame.left - 5,
        y=frame.top - 5,
        width=frame.width - frame.left - frame.right + 10,
        height=frame.height - frame.top - frame.bottom + 10,
    )
    return tag("defs", tag("clipPath", area, id=f"{name}-clip"))


def _best(frame: Frame, epoch: float) -> Markup:
    x = frame.x(epoch)
    late = x > frame.width * 0.6
    return tag(
        "g",
        tag("line", x1=x, x2=x, y1=frame.top - 6, y2=frame.height - frame.bottom, class_="best"),
        tag(
            "text",
            f"best epoch {epoch:.0f}",
            x=x - 6 if late else x + 6,
            y=frame.top - 2,
            text_anchor="end" if late else "start",
            class_="label",
        ),
    )


def _tooltips(frame: Frame, epochs: Sequence[float], curves: dict[Line, list[Point]]) -> Markup:
    stride = math.ceil(len(epochs) / _MAX_TOOLTIPS)
    width = (frame.width - frame.left - frame.right) / max(1, math.ceil(len(epochs) / stride))
    return NOTHING.join(
        tag(
            "rect",
            tag(
                "title",
                f"Epoch {epochs[index]:.0f}",
                *(f"\n{line.name}: {figure(points[index][1])}" for line, points in curves.items()),
            ),
            x=max(frame.left, min(frame.x(epochs[index]) - width / 2, frame.width - frame.right - width)),
            y=frame.top,
            width=width,
            height=frame.height - frame.top - frame.bottom,
            class_="hit",
        )
        for index in range(0, len(epochs), stride)
    )


def _describe(line: Line, points: Sequence[Point]) -> str:
    known = [value for _, value in points if value is not None]
    return f"{line.name} goes from {figure(known[0])} to {figure(known[-1])} over {len(points)} epochs"
