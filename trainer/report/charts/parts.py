"""What the parts are made of: their sizes, their classes, their place in time."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from markupsafe import Markup

from trainer.report.charts.svg import NOTHING, Chart, Frame, drawing, tag, ticks
from trainer.report.numerals import count, duration, figure, share
from trainer.report.reading import PART_NAMES, PARTS, listing, mapping, number, numbers

_PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
_COUNT_NAMES = {**PART_NAMES, "embargo": "Embargo", "unlabelled": "No label", "unassigned": "In no part"}
_MAX_CLASSES = 9


def part_sizes(counts: Mapping[str, Any]) -> Chart | None:
    """Draw one bar that holds all vertices of the target collection."""
    sizes = {name: number(counts.get(name)) or 0.0 for name in _COUNT_NAMES}
    sizes = {name: size for name, size in sizes.items() if size > 0}
    if not sizes:
        return None
    segments = [(_COUNT_NAMES[name], size, name) for name, size in sizes.items()]
    spoken = ", ".join(f"{label} {count(size)}" for label, size, _ in segments)
    return Chart(
        title="Parts",
        svg=drawing(
            "sizes",
            "Size of each part",
            f"{spoken}.",
            480,
            40,
            _hatch("sizes"),
            _stack(segments, 2, 480, 34, 0),
        ),
        legend=[(f"{label} {count(size)}", colour) for label, size, colour in segments],
    )


def class_balance(class_counts: Mapping[str, Any], classes: Sequence[Any]) -> Chart | None:
    """Draw one bar for each part, cut by class; beyond nine classes the small ones share a segment."""
    known = {part: {str(k): number(v) or 0.0 for k, v in mapping(class_counts.get(part)).items()} for part in PARTS}
    known = {part: counts for part, counts in known.items() if sum(counts.values()) > 0}
    if not known:
        return None
    found = list(dict.fromkeys([*map(str, classes), *(name for counts in known.values() for name in counts)]))
    total = {name: sum(counts.get(name, 0.0) for counts in known.values()) for name in found}
    shown = found
    if len(found) > _MAX_CLASSES:
        largest = set(sorted(found, key=lambda name: -total[name])[: _MAX_CLASSES - 1])
        shown = [name for name in found if name in largest]
    body: list[Markup] = []
    for index, (part, counts) in enumerate(known.items()):
        y = index * 40
        segments = [(name, counts.get(name, 0.0), f"class-{place}") for place, name in enumerate(shown)]
        rest = sum(counts.values()) - sum(size for _, size, _ in segments)
        if rest > 0:
            segments.append((f"{len(found) - len(shown)} other classes", rest, "unassigned"))
        body.append(tag("text", PART_NAMES[part], x=0, y=y + 21, class_="ink"))
        body.append(_stack(segments, y, 480, 34, 84))
    legend = [(name, f"class-{place}") for place, name in enumerate(shown)]
    if len(shown) < len(found):
        legend.append((f"{len(found) - len(shown)} other classes", "unassigned"))
    return Chart(
        title="Class balance",
        note="Share of each class in each part.",
        svg=drawing(
            "balance",
            "Class balance of each part",
            "; ".join(f"{PART_NAMES[part]}: {_spoken(counts)}" for part, counts in known.items()) + ".",
            480,
            40 * len(known) - 4,
            NOTHING.join(body),
        ),
        legend=legend,
    )


def time_axis(axis: Mapping[str, Any], unit: object, field: object) -> Chart | None:
    """Draw how many vertices of each part lie where on the time axis."""
    edges = list(listing(axis.get("edges")))
    bars = {name: numbers(axis.get(name)) for name in (*PARTS, "embargo")}
    bins = len(edges) - 1
    if bins < 1 or not any(any(heights[:bins]) for heights in bars.values()):
        return None
    heights = [sum(part[index] if index < len(part) else 0.0 for part in bars.values()) for index in range(bins)]
    frame = Frame(
        width=480,
        height=260,
        x_domain=(0, bins),
        y_domain=(0, max(heights) * 1.05),
        left=46,
        right=6,
        top=8,
        bottom=26,
    )
    whole = [moment(edge, unit) for edge in edges]
    body: list[Markup] = []
    width = frame.x(1) - frame.x(0)
    for index in range(bins):
        base = 0.0
        for name, part in bars.items():
            size = part[index] if index < len(part) else 0.0
            if size <= 0:
                continue
            tip = f"{_COUNT_NAMES[name]}: {count(size)}, {whole[index]} to {whole[index + 1]}"
            body.append(
                tag(
                    "rect",
                    tag("title", tip),
                    x=frame.x(index),
                    y=frame.y(base + size),
                    width=max(0.8, width - 0.8),
                    height=frame.y(base) - frame.y(base + size),
                    class_=f"fill-{name}",
                    style="fill:url(#time-hatch)" if name == "embargo" else None,
                )
            )
            base += size
    short = all(text[11:] == "00:00" for text in whole) or len({text[:10] for text in whole}) > 5
    steps = 3 if short or not _dated(edges[0], unit) else 2  # four days fit side by side, but three hours of a day
    marks = [round(bins * step / steps) for step in range(steps + 1)] if bins >= steps else [0, bins]
    x_ticks = [
        (float(mark), whole[mark][:10] if short and _dated(edges[mark], unit) else whole[mark]) for mark in marks
    ]
    present = [(_COUNT_NAMES[name], name) for name, part in bars.items() if any(part)]
    return Chart(
        title="On the time axis",
        note=f"Vertices by {field}." if field else "",
        svg=drawing(
            "time",
            "Split on the time axis",
            f"From {whole[0]} to {whole[-1]}: {', '.join(label for label, _ in present)}.",
            480,
            260,
            _hatch("time"),
            frame.axes(x_ticks, ticks(*frame.y_domain, wanted=4, whole=True), ""),
            NOTHING.join(body),
        ),
        legend=present,
    )


def moment(value: object, unit: object) -> str:
    """Print a place on the time axis: a date in UTC where the unit allows one, else the number."""
    found = number(value)
    if found is None:
        try:
            return datetime.fromisoformat(str(value)).strftime("%Y-%m-%d %H:%M")
        except ValueError:
            return str(value)
    if str(unit) not in _PER_SECOND:
        return count(found) if found == int(found) else figure(found)
    try:
        start = datetime(1970, 1, 1, tzinfo=UTC)
        return (start + timedelta(seconds=found / _PER_SECOND[str(unit)])).strftime("%Y-%m-%d %H:%M")
    except OverflowError:
        return figure(found)


def span(value: object, unit: object) -> str:
    """Print a length on the time axis."""
    found = number(value)
    return figure(found) if found is None or str(unit) not in _PER_SECOND else duration(found / _PER_SECOND[str(unit)])


def _dated(value: object, unit: object) -> bool:
    return number(value) is None or str(unit) in _PER_SECOND


def _stack(segments: Sequence[tuple[str, float, str]], y: float, width: float, height: float, left: float) -> Markup:
    whole = sum(size for _, size, _ in segments)
    place = left
    body = []
    for label, size, colour in segments:
        extent = size / whole * (width - left) if whole else 0.0
        if extent <= 0:
            continue
        tip = tag("title", f"{label}: {count(size)} ({share(size, whole)})")
        fill = "fill:url(#sizes-hatch)" if colour == "embargo" else None
        shape = {"x": place, "y": y, "width": max(0.6, extent - 1.5), "height": height, "rx": 2}
        body.append(tag("rect", tip, **shape, class_=f"fill-{colour}", style=fill))
        if extent > 44:
            middle = {"x": place + extent / 2, "y": y + height / 2, "dy": "0.35em", "text_anchor": "middle"}
            body.append(tag("text", share(size, whole), **middle, class_=f"on-{colour}", pointer_events="none"))
        place += extent
    return NOTHING.join(body)


def _hatch(name: str) -> Markup:
    back = tag("rect", width=6, height=6, class_="hatch-back")
    lines = tag("line", x1=0, y1=0, x2=0, y2=6, class_="hatch")
    pattern = {"width": 6, "height": 6, "patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"}
    return tag("defs", tag("pattern", back, lines, id=f"{name}-hatch", **pattern))


def _spoken(counts: Mapping[str, float]) -> str:
    whole = sum(counts.values())
    return ", ".join(f"{name} {share(size, whole)}" for name, size in list(counts.items())[:_MAX_CLASSES])
