"""How good the predictions are: confusion matrix, ROC curve, predicted against true, errors."""

from collections.abc import Sequence

from trainer.numerals import count, figure, score, share, tick
from trainer.record import Label, PredictedVsTrue, RocCurve, label_text
from trainer.report.charts.svg import NOTHING, Chart, Frame, clip, drawable, drawing, padded, tag, ticks
from trainer.report.names import PARTS

MAX_MATRIX_CLASSES = 24
_MAX_DOTS = 1500
_MAX_CORNERS = 200


def confusion_matrix(matrix: Sequence[Sequence[int]], classes: Sequence[Label], part: str) -> Chart | None:
    """Draw a heat map: rows are true classes, columns predictions, colour is the share of the row."""
    size = len(matrix)
    if size > MAX_MATRIX_CLASSES:
        return None
    names = [label_text(label) for label in classes]
    longest = max(map(len, names))
    slanted = longest * size > 32
    left = max(44 + min(longest, 16) * 7.0, 80.0 if size == 2 else 0.0)
    top = 38 + (min(longest, 16) * 4.2 if slanted else 0)
    cell = min((480 - left - 24) / size, 158.0 if size == 2 else 92.0)
    body = [
        tag("text", "Predicted", x=left + cell * size / 2, y=12, text_anchor="middle", class_="label"),
        tag(
            "text",
            "True",
            x=12,
            y=top + cell * size / 2,
            transform=f"rotate(-90 12 {top + cell * size / 2:.1f})",
            text_anchor="middle",
            class_="label",
        ),
    ]
    for index, name in enumerate(names):
        x, y = left + (index + 0.5) * cell, top + (index + 0.5) * cell
        turn = f"rotate(-38 {x:.1f} {top - 8:.1f})" if slanted else None
        anchor = "start" if slanted else "middle"
        body.append(tag("text", clip(name, 16), tag("title", name), x=x, y=top - 8, transform=turn, text_anchor=anchor))
        body.append(tag("text", clip(name, 16), tag("title", name), x=left - 8, y=y, dy="0.35em", text_anchor="end"))
    for true, row in enumerate(matrix):
        whole = sum(row)
        for predicted, value in enumerate(row):
            part_of = value / whole if whole else 0.0
            x, y = left + predicted * cell, top + true * cell
            tip = f"{names[true]} → {names[predicted]}: {count(value)} ({share(value, whole)} of {names[true]})"
            body.append(tag("rect", x=x, y=y, width=cell - 2, height=cell - 2, rx=3, class_="cell-back"))
            body.append(
                tag(
                    "rect",
                    tag("title", tip),
                    x=x,
                    y=y,
                    width=cell - 2,
                    height=cell - 2,
                    rx=3,
                    class_="cell",
                    fill_opacity=f"{part_of:.3f}".rstrip("0").rstrip("."),
                )
            )
            middle = {"x": x + cell / 2 - 1, "text_anchor": "middle", "pointer_events": "none"}
            if cell >= 40:
                body.append(tag("text", count(value), **middle, y=y + cell / 2 - 3, class_="ink value"))
                body.append(tag("text", share(value, whole), **middle, y=y + cell / 2 + 13, class_="ink small"))
            elif cell >= 24 and value < 1000:
                body.append(tag("text", count(value), **middle, y=y + cell / 2, dy="0.35em", class_="ink small"))
    right = sum(matrix[index][index] for index in range(size))
    whole = sum(map(sum, matrix))
    description = f"{count(right)} of {count(whole)} {part.lower()} vertices are on the diagonal."
    return Chart(
        title=f"Confusion matrix, {part.lower()}",
        note="Colour and percent: share of the true class.",
        svg=drawing(
            "confusion",
            f"Confusion matrix, {part.lower()}",
            description,
            480,
            top + cell * size + 4,
            NOTHING.join(body),
        ),
    )


def roc_curve(curve: RocCurve, area: float | None) -> Chart:
    """Draw the true positive rate against the false positive rate."""
    points = list(zip(curve.fpr, curve.tpr, strict=True))
    part = PARTS[curve.part].lower()
    stride = max(1, len(points) // _MAX_CORNERS)
    kept = [*points[:-1:stride], points[-1]]
    frame = Frame(width=480, height=400, x_domain=(0, 1), y_domain=(0, 1), left=64, right=50, top=14)
    path = " ".join(f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in kept)
    floor = f"{frame.x(points[-1][0]):.1f},{frame.y(0):.1f} {frame.x(points[0][0]):.1f},{frame.y(0):.1f}"
    scale = ticks(0, 1, wanted=4)
    return Chart(
        title=f"ROC curve, {part}",
        note=f"Area under the curve {score(area)}; the dashed line is guessing.",
        svg=drawing(
            "roc",
            f"ROC curve, {part}",
            f"Area under the curve {score(area)}.",
            480,
            400,
            frame.axes(scale, scale, "False positive rate", "True positive rate"),
            tag("polygon", points=f"{path} {floor}", class_="area fill-accent"),
            tag("line", x1=frame.x(0), y1=frame.y(0), x2=frame.x(1), y2=frame.y(1), class_="guide"),
            tag("polyline", points=path, class_="curve stroke-accent"),
        ),
    )


def predicted_against_true(curve: PredictedVsTrue, target: str) -> Chart | None:
    """Draw one dot for each vertex; on the diagonal the prediction is right."""
    points = _pairs(curve)
    if not points:
        return None
    part = PARTS[curve.part].lower()
    stride = -(-len(points) // _MAX_DOTS)
    kept = points[::stride]
    domain = padded([value for point in kept for value in point])
    frame = Frame(width=480, height=400, x_domain=domain, y_domain=domain, left=64, right=50, top=14)
    scale = ticks(*domain, wanted=4)
    dots = "".join(f"M{frame.x(x):.1f} {frame.y(y):.1f}h0" for x, y in kept)
    some = f"{count(len(kept))} of {count(len(points))} vertices drawn. " if stride > 1 else ""
    name = clip(target, 28)
    return Chart(
        title=f"Predicted against true, {part}",
        note=f"{some}On the dashed line a prediction is exact.",
        svg=drawing(
            "scatter",
            f"Predicted against true {name}, {part}",
            f"{count(len(points))} vertices.",
            480,
            400,
            frame.axes(scale, scale, f"True {name}", "Predicted"),
            tag("path", d=dots, class_="dots stroke-accent", stroke_opacity=0.75 if len(kept) < 300 else 0.5),
            tag(
                "line",
                x1=frame.x(domain[0]),
                y1=frame.y(domain[0]),
                x2=frame.x(domain[1]),
                y2=frame.y(domain[1]),
                class_="guide",
            ),
        ),
    )


def error_histogram(curve: PredictedVsTrue) -> Chart | None:
    """Draw how the errors (predicted minus true) are spread."""
    errors = sorted(predicted - true for true, predicted in _pairs(curve))
    part = PARTS[curve.part].lower()
    if len(errors) < 2 or not 0 < errors[-1] - errors[0] < 1e300:
        return None
    bins = 31
    reach = max(abs(errors[len(errors) // 200]), abs(errors[-1 - len(errors) // 200])) or max(map(abs, errors))
    heights = [0] * bins
    for error in errors:
        heights[min(bins - 1, max(0, int((error + reach) / (2 * reach) * bins)))] += 1
    frame = Frame(width=480, height=400, x_domain=(-reach, reach), y_domain=(0, max(heights) * 1.05), left=64, top=14)
    width = 2 * reach / bins
    bars = [
        tag(
            "rect",
            tag("title", f"{tick(low, width / 10)} to {tick(low + width, width / 10)}: {count(height)}"),
            x=frame.x(low),
            y=frame.y(height),
            width=max(1.0, frame.x(width) - frame.x(0) - 1.5),
            height=frame.y(0) - frame.y(height),
            class_="fill-accent",
        )
        for index, height in enumerate(heights)
        if height
        for low in (-reach + index * width,)
    ]
    median = errors[len(errors) // 2]
    return Chart(
        title=f"Errors, {part}",
        note=f"Predicted minus true; median {figure(median)}. The outermost bars hold everything beyond.",
        svg=drawing(
            "errors",
            f"Histogram of errors, {part}",
            f"Median error {figure(median)}.",
            480,
            400,
            frame.axes(
                ticks(-reach, reach, wanted=5),
                ticks(*frame.y_domain, wanted=4, whole=True),
                "Error",
                "Vertices",
            ),
            *bars,
            tag("line", x1=frame.x(0), x2=frame.x(0), y1=frame.top, y2=frame.y(0), class_="guide"),
        ),
    )


def _pairs(curve: PredictedVsTrue) -> list[tuple[float, float]]:
    pairs = zip(map(drawable, curve.true), map(drawable, curve.predicted), strict=True)
    return [(true, predicted) for true, predicted in pairs if true is not None and predicted is not None]
