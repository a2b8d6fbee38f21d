"""Turn the sections of metrics.json into rows of text that the report only has to print."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trainer.report.numerals import UNKNOWN, count, duration, figure, score, share
from trainer.report.reading import PART_NAMES, PARTS, listing, mapping, number
from trainer.report.verdict import LOWER_IS_BETTER

MAX_ROWS = 200
_MAX_NAMES = 12
_SECRET_WORDS = ("PASSWORD", "SECRET", "TOKEN", "ACCESS_KEY")
METRIC_NAMES = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "f1_macro": "F1, macro",
    "roc_auc": "ROC AUC",
    "average_precision": "Average precision",
    "loss": "Loss",
    "mae": "MAE",
    "rmse": "RMSE",
    "r2": "R²",
}
MODEL_NAMES = {"linear": "Linear, without graph", "majority_class": "Largest class", "mean": "Mean"}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a table; `best` holds the columns in which it leads."""

    name: str
    cells: Sequence[str]
    ours: bool = False
    best: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True, kw_only=True)
class Strip:
    """One metric on one line: where the model and its baselines stand, as (name, text, percent, ours)."""

    name: str
    hint: str
    marks: Sequence[tuple[str, str, float | None, bool]]


def contenders(metrics: Mapping[str, Any], part: str) -> dict[str, Mapping[str, Any]]:
    """Return the model and the baselines that have numbers for a part, the model first."""
    ours = mapping(mapping(metrics.get("metrics")).get(part))
    model = str(mapping(metrics.get("model")).get("type") or "Model")
    found = {model: ours} if ours else {}
    for name in sorted(mapping(metrics.get("baselines"))):
        theirs = mapping(mapping(mapping(metrics.get("baselines")).get(name)).get(part))
        if theirs:
            found[MODEL_NAMES.get(name, name)] = theirs
    return found


def comparison(metrics: Mapping[str, Any]) -> tuple[list[str], list[tuple[str, str, list[Row]]]]:
    """Return the metric names, and for each part its title, its size and its rows."""
    parts = {part: contenders(metrics, part) for part in PARTS}
    keys = [
        key
        for key in METRIC_NAMES
        if any(number(values.get(key)) is not None for rows in parts.values() for values in rows.values())
    ]
    groups = []
    for part in reversed(PARTS):
        rows = parts[part]
        if not rows:
            continue
        leaders = {key: _leader(key, rows) for key in keys}
        model = str(mapping(metrics.get("model")).get("type") or "Model")
        size = count(mapping(mapping(metrics.get("metrics")).get(part)).get("num"))
        lines = [
            Row(
                name=name,
                cells=[(figure if key in LOWER_IS_BETTER else score)(values.get(key)) for key in keys],
                ours=name == model,
                best=frozenset(place for place, key in enumerate(keys) if leaders[key] == name and len(rows) > 1),
            )
            for name, values in rows.items()
        ]
        groups.append((PART_NAMES[part], size, lines))
    return [METRIC_NAMES[key] for key in keys], groups


def strips(metrics: Mapping[str, Any], part: str) -> list[Strip]:
    """Return the three metrics of the task that show best where the model stands."""
    regression = metrics.get("task") == "regression"
    third = "roc_auc" if metrics.get("task") == "binary" else "balanced_accuracy"
    rows = contenders(metrics, part)
    found = []
    for key in ("mae", "rmse", "r2") if regression else ("accuracy", third, "f1_macro"):
        values = {name: number(row.get(key)) for name, row in rows.items()}
        known = [value for value in values.values() if value is not None]
        if not known:
            continue
        top = max(known) * 1.08 if key in LOWER_IS_BETTER else 1.0
        show = figure if key in LOWER_IS_BETTER else score
        marks = [
            (
                name,
                show(value),
                None if value is None else round(min(100.0, max(0.0, 100 * value / (top or 1.0))), 2),
                place == 0,
            )
            for place, (name, value) in enumerate(values.items())
        ]
        hint = "lower is better" if key in LOWER_IS_BETTER else "higher is better"
        found.append(Strip(name=METRIC_NAMES[key], hint=hint, marks=marks))
    return found


def per_class(matrix: Sequence[Any], classes: Sequence[Any]) -> list[Row]:
    """Return precision, recall, F1 and size of each class, out of a confusion matrix."""
    rows = [[number(value) or 0.0 for value in listing(row)] for row in matrix]
    if any(len(row) != len(rows) for row in rows):
        return []
    table = []
    for index, row in enumerate(rows):
        hit, true, guessed = row[index], sum(row), sum(other[index] for other in rows)
        precision = hit / guessed if guessed else None
        recall = hit / true if true else None
        f1 = 2 * hit / (true + guessed) if true + guessed else None
        name = str(classes[index]) if index < len(classes) else str(index)
        table.append(Row(name=name, cells=[score(precision), score(recall), score(f1), count(true)]))
    return table[:MAX_ROWS]


def feature_rows(features: Sequence[Any], vertices_by_type: Mapping[str | None, float]) -> list[Row]:
    """Return one line for each input feature, with its vertex type where there are several."""
    rows = []
    several = have_types(features)
    for feature in (mapping(item) for item in features[:MAX_ROWS]):
        categories = listing(feature.get("categories"))
        kind = f"{feature.get('kind') or UNKNOWN}" + (f" of {len(categories)}" if categories else "")
        missing = number(feature.get("missing"))
        vertices = vertices_by_type.get(str(feature.get("type"))) or vertices_by_type.get(None)
        lost = count(missing) + (f" ({share(missing, vertices)})" if missing and vertices else "")
        imputed = figure(feature.get("imputed")) + (" + indicator" if feature.get("missing_indicator") else "")
        cells = [str(feature.get("type"))] if several else []
        cells += [kind, count(feature.get("columns")), lost, imputed]
        rows.append(
            Row(
                name=str(feature.get("name") or UNKNOWN),
                cells=[*cells, figure(feature.get("mean")), figure(feature.get("scale"))],
            )
        )
    return rows


def have_types(features: Sequence[Any]) -> bool:
    """Whether the features are those of several vertex types."""
    return len({str(mapping(feature).get("type")) for feature in features}) > 1


def vertex_rows(graph: Mapping[str, Any]) -> list[Row]:
    """Return one line for each vertex collection."""
    return [
        Row(
            name=str(name),
            cells=[count(mapping(facts).get("vertices")), names(mapping(facts).get("attributes"))],
        )
        for name, facts in list(mapping(graph.get("vertex_collections")).items())[:MAX_ROWS]
    ]


def edge_rows(graph: Mapping[str, Any]) -> list[Row]:
    """Return one line for each edge collection."""
    rows = []
    for name, facts in list(mapping(graph.get("edge_collections")).items())[:MAX_ROWS]:
        known = mapping(facts)
        way = f"{names(known.get('from'))} → {names(known.get('to'))}"
        counts = [count(known.get(key)) for key in ("edges", "dangling", "self_loops", "duplicates")]
        rows.append(Row(name=str(name), cells=[way, *counts]))
    return rows


def missing_rows(graph: Mapping[str, Any]) -> list[Row]:
    """Return the attributes that lack values, the emptiest first; shares are of the types that have them."""
    found = [(str(name), number(value) or 0.0) for name, value in mapping(graph.get("missing_values")).items()]
    ordered = sorted((item for item in found if item[1] > 0), key=lambda item: -item[1])
    return [
        Row(name=name, cells=[count(value), share(value, _vertices_with(graph, name))])
        for name, value in ordered[:MAX_ROWS]
    ]


def _vertices_with(graph: Mapping[str, Any], attribute: str) -> float:
    """The vertices of all collections that have the attribute, and of those that are one type with such a collection."""
    facts = {str(name): mapping(found) for name, found in mapping(graph.get("vertex_collections")).items()}
    holders = {name for name, found in facts.items() if attribute in map(str, listing(found.get("attributes")))}
    for kind in map(mapping, listing(graph.get("types"))):
        members = set(map(str, mapping(kind.get("collections"))))
        if members & holders:
            holders |= members
    return sum(number(facts[name].get("vertices")) or 0.0 for name in holders if name in facts)


def setting_rows(settings: Mapping[str, Any]) -> list[Row]:
    """Return the settings as text; anything that sounds like a secret is hidden even if it was passed in."""
    rows = []
    for name, value in sorted((str(key), value) for key, value in settings.items()):
        hidden = value not in (None, "") and any(word in name.upper() for word in _SECRET_WORDS)
        rows.append(Row(name=name, cells=["••••••" if hidden else plain(value)]))
    return rows


def timing_rows(timings: Mapping[str, Any]) -> list[Row]:
    """Return the seconds of each stage in words."""
    return [Row(name=str(name).replace("_", " "), cells=[duration(value)]) for name, value in timings.items()]


def plain(value: object) -> str:
    """Print any JSON value for a table cell."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list | tuple) and all(isinstance(item, str | int | float) for item in value):
        return names(value) or UNKNOWN
    return json.dumps(value, ensure_ascii=False, default=str)[:400]


def names(value: object, most: int = _MAX_NAMES) -> str:
    """Print a list of names, cut to a dozen or to `most`."""
    found = [str(item) for item in listing(value)]
    rest = len(found) - most
    return ", ".join(found[:most]) + (f" and {rest:,} more" if rest > 0 else "") if found else UNKNOWN


def _leader(key: str, rows: Mapping[str, Mapping[str, Any]]) -> str | None:
    known = {name: value for name, row in rows.items() if (value := number(row.get(key))) is not None}
    if len(known) < 2:
        return None
    return (min if key in LOWER_IS_BETTER else max)(known, key=lambda name: known[name])
