"""What the parts are made of: their sizes, their classes, their stretches of time."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from markupsafe import Markup

from trainer.numerals import count, duration, figure, share
from trainer.record import ClassCounts, Label, PartCounts, SplitRecord, label_text
from trainer.report.charts.svg import NOTHING, Chart, Frame, drawing, tag, ticks
from trainer.report.names import COUNTS

_PER_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}
_MAX_CLASSES = 9


def part_sizes(counts: PartCounts) -> Chart:
    """Draw one bar that holds all vertices of the target type."""
    segments = [(COUNTS[name], size, name) for name, size in counts if size]
    description = ", ".join(f"{label} {count(size)}" for label, size, _ in segments)
    return Chart(
        title="Parts",
        svg=drawing(
            "sizes",
            "Size of each part",
            f"{description}.",
            480,
            40,
            _hatch("sizes"),
            _stack(segments, 2, 480, 34, 0),
        ),
        legend=[(f"{label} {count(size)}", colour) for label, size, colour in segments],
    )


def class_balance(class_counts: ClassCounts, classes: Sequence[Label]) -> Chart:
    """Draw one bar for each part, cut by class; beyond nine classes the small ones share a segment."""
    names = [label_text(label) for label in classes]
    counts_of = {part: counts for part, counts in class_counts if any(counts.values())}
    total = {name: sum(counts[name] for counts in counts_of.values()) for name in names}
    shown = names
    if len(names) > _MAX_CLASSES:
        largest = sorted(names, key=lambda name: -total[name])[: _MAX_CLASSES - 1]
        shown = [name for name in names if name in largest]
    others = f"{len(names) - len(shown)} other classes"
    body: list[Markup] = []
    for index, (part, counts) in enumerate(counts_of.items()):
        y = index * 40
        segments = [(name, counts[name], f"class-{number}") for number, name in enumerate(shown)]
        rest = sum(counts.values()) - sum(size for _, size, _ in segments)
        if rest:
            segments.append((others, rest, "unassigned"))
        body.append(tag("text", COUNTS[part], x=0, y=y + 21, class_="ink"))
        body.append(_stack(segments, y, 480, 34, 84))
    legend = [(name, f"class-{number}") for number, name in enumerate(shown)]
    if len(shown) < len(names):
        legend.append((others, "unassigned"))
    return Chart(
        title="Class balance",
        note="Share of each class in each part.",
        svg=drawing(
            "balance",
            "Class balance of each part",
            "; ".join(f"{COUNTS[part]}: {_class_shares(counts)}" for part, counts in counts_of.items()) + ".",
            480,
            40 * len(counts_of) - 4,
            NOTHING.join(body),
        ),
        legend=legend,
    )


def time_axis(split: SplitRecord) -> Chart | None:
    """Draw how many vertices of each part lie where on the time axis; None for a split that is not in time."""
    axis, unit = split.time_axis, split.time_unit
    if axis is None:
        return None
    bars = {"train": axis.train, "val": axis.val, "test": axis.test, "embargo": axis.embargo}
    bins = len(axis.edges) - 1
    heights = [sum(sizes) for sizes in zip(*bars.values(), strict=True)]
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
    whole = [moment(edge) for edge in axis.edges]
    body: list[Markup] = []
    width = frame.x(1) - frame.x(0)
    for index in range(bins):
        base = 0
        for name, sizes in bars.items():
            size = sizes[index]
            if not size:
                continue
            tip = f"{COUNTS[name]}: {count(size)}, {whole[index]} to {whole[index + 1]}"
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
    steps = 3 if short or unit == "ordinal" else 2  # four days fit side by side, but three hours of a day
    marks = [round(bins * step / steps) for step in range(steps + 1)]
    x_ticks = [(float(mark), whole[mark][:10] if short and unit != "ordinal" else whole[mark]) for mark in marks]
    present = [(COUNTS[name], name) for name, sizes in bars.items() if any(sizes)]
    return Chart(
        title="On the time axis",
        note=f"Vertices by {split.time_field}.",
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


def moment(value: str | float) -> str:
    """Print a time: a date in UTC, or the number of an ordinal axis."""
    if isinstance(value, str):
        return datetime.fromisoformat(value).strftime("%Y-%m-%d %H:%M")
    return count(int(value)) if value == int(value) else figure(value)


def span(value: float, unit: str) -> str:
    """Print a length on the time axis."""
    return figure(value) if unit == "ordinal" else duration(value / _PER_SECOND[unit])


def _stack(segments: Sequence[tuple[str, int, str]], y: float, width: float, height: float, left: float) -> Markup:
    whole = sum(size for _, size, _ in segments)
    x = left
    body = []
    for label, size, colour in segments:
        extent = size / whole * (width - left)
        if not size:
            continue
        tip = tag("title", f"{label}: {count(size)} ({share(size, whole)})")
        fill = "fill:url(#sizes-hatch)" if colour == "embargo" else None
        shape = {"x": x, "y": y, "width": max(0.6, extent - 1.5), "height": height, "rx": 2}
        body.append(tag("rect", tip, **shape, class_=f"fill-{colour}", style=fill))
        if extent > 44:
            middle = {"x": x + extent / 2, "y": y + height / 2, "dy": "0.35em", "text_anchor": "middle"}
            body.append(tag("text", share(size, whole), **middle, class_=f"on-{colour}", pointer_events="none"))
        x += extent
    return NOTHING.join(body)


def _hatch(name: str) -> Markup:
    back = tag("rect", width=6, height=6, class_="hatch-back")
    lines = tag("line", x1=0, y1=0, x2=0, y2=6, class_="hatch")
    pattern = {"width": 6, "height": 6, "patternUnits": "userSpaceOnUse", "patternTransform": "rotate(45)"}
    return tag("defs", tag("pattern", back, lines, id=f"{name}-hatch", **pattern))


def _class_shares(counts: Mapping[str, int]) -> str:
    whole = sum(counts.values())
    return ", ".join(f"{name} {share(size, whole)}" for name, size in list(counts.items())[:_MAX_CLASSES])
