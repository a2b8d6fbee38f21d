"""Turn the sections of a run's record into rows of text that the report only has to print."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from trainer.numerals import UNKNOWN, count, duration, figure, score, share
from trainer.record import (
    BaselineMeasures,
    ClassMeasures,
    FeatureRecord,
    GraphRecord,
    Label,
    Measures,
    Part,
    RunRecord,
    Timings,
    label_text,
)
from trainer.report.names import LOWER_IS_BETTER, MEASURES, PARTS

MAX_ROWS = 200
MAX_CLASS_ROWS = 50
MAX_CONFUSED_ROWS = 20
_MAX_NAMES = 12
_SECRET_WORDS = ("PASSWORD", "SECRET", "TOKEN", "ACCESS_KEY")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a table; `best` holds the columns in which it leads."""

    name: str
    cells: Sequence[str]
    ours: bool = False
    best: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True, kw_only=True)
class Strip:
    """One measure on one line: where the model and its baselines stand, as (name, text, percent, ours)."""

    name: str
    hint: str
    marks: Sequence[tuple[str, str, float | None, bool]]


def contenders(run: RunRecord, part: Part) -> dict[str, Measures]:
    """Return the measures of the model and of its baselines on a part, the model first."""
    ours = {run.model.type: run.metrics.of(part)}
    theirs = {title(name, baseline): baseline.of(part) for name, baseline in (run.baselines or {}).items()}
    return {name: measures for name, measures in (ours | theirs).items() if measures is not None}


def title(name: str, baseline: BaselineMeasures) -> str:
    """Return what a baseline is called; those of older records and of newer versions have a name at least."""
    return baseline.title or name.replace("_", " ").capitalize()


def baseline_notes(run: RunRecord) -> list[str]:
    """Return a sentence for each baseline that was fitted, and for each that was left out."""
    notes = []
    for name, baseline in (run.baselines or {}).items():
        facts = [
            f"{words} {plain(value)}"
            for words, value in (
                ("strength", figure(baseline.strength) if baseline.strength else None),
                ("standardised inputs:", baseline.standardised),
                ("iterations", baseline.iterations),
                ("series by", baseline.series),
                ("vertices without an earlier label:", baseline.without_earlier_label),
            )
            if value is not None
        ]
        if baseline.reduced:
            facts.append(f"reduced to end in time: {'; '.join(baseline.reduced)}")
        if facts:
            notes.append(f"{title(name, baseline)}: {'; '.join(facts)}.")
    return notes + list(run.baselines_left_out.values())


def comparison(run: RunRecord) -> tuple[list[str], list[tuple[str, str, list[Row]]]]:
    """Return the names of the measures, and for each part its title, its size and its rows."""
    parts = {part: rows for part in PARTS if (rows := contenders(run, part))}
    names_of = MEASURES[run.task]
    keys = [
        key
        for key in names_of
        if any(getattr(measures, key) is not None for rows in parts.values() for measures in rows.values())
    ]
    groups = []
    for part, rows in reversed(parts.items()):
        leaders = [_leader(key, rows) for key in keys]
        lines = [
            Row(
                name=name,
                cells=[_format(key)(getattr(measures, key)) for key in keys],
                ours=name == run.model.type,
                best=frozenset(column for column, leader in enumerate(leaders) if leader == name),
            )
            for name, measures in rows.items()
        ]
        groups.append((PARTS[part], count(rows[run.model.type].num), lines))
    return [names_of[key] + (_of_positive(run) if key == "average_precision" else "") for key in keys], groups


def _of_positive(run: RunRecord) -> str:
    return "" if run.positive_class is None else f", class {label_text(run.positive_class)}"


def _format(key: str) -> Callable[[float | None], str]:
    return figure if key in LOWER_IS_BETTER else score


def _leader(key: str, rows: Mapping[str, Measures]) -> str | None:
    known = {name: value for name, measures in rows.items() if (value := getattr(measures, key)) is not None}
    if len(known) < 2:
        return None
    return (min if key in LOWER_IS_BETTER else max)(known, key=lambda name: known[name])


def strips(run: RunRecord, part: Part) -> list[Strip]:
    """Return the three measures of the task that show best where the model stands."""
    third = "roc_auc" if run.task == "binary" else "balanced_accuracy"
    rows = contenders(run, part)
    strips = []
    for key in ("mae", "rmse", "r2") if run.task == "regression" else ("accuracy", third, "f1_macro"):
        values = {name: getattr(measures, key) for name, measures in rows.items()}
        known = [value for value in values.values() if value is not None]
        if not known:
            continue
        top = max(known) * 1.08 if key in LOWER_IS_BETTER else 1.0
        marks = [
            (
                name.partition(",")[0],
                _format(key)(value),
                None if value is None else round(min(100.0, max(0.0, 100 * value / (top or 1.0))), 2),
                name == run.model.type,
            )
            for name, value in values.items()
        ]
        hint = "lower is better" if key in LOWER_IS_BETTER else "higher is better"
        strips.append(Strip(name=MEASURES[run.task][key], hint=hint, marks=marks))
    return strips


def per_class(measures: ClassMeasures, classes: Sequence[Label]) -> list[Row]:
    """Return precision, recall, F1 and size of each class; of many classes, of the largest ones."""
    counts = list((measures.class_counts or {}).values())
    if measures.confusion_matrix is not None:
        return _per_class(measures.confusion_matrix, classes)
    if measures.by_class is None:
        return []
    columns = measures.by_class.precision, measures.by_class.recall, measures.by_class.f1
    largest = sorted(range(len(classes)), key=lambda index: -counts[index])[:MAX_CLASS_ROWS]
    return [
        Row(
            name=label_text(classes[index]), cells=[*(score(column[index]) for column in columns), count(counts[index])]
        )
        for index in largest
    ]


def confused(measures: ClassMeasures) -> list[Row]:
    """Return the commonest mistakes between many classes."""
    return [
        Row(name=label_text(pair.true), cells=[label_text(pair.predicted), count(pair.vertices)])
        for pair in (measures.most_confused or [])[:MAX_CONFUSED_ROWS]
    ]


def _per_class(matrix: Sequence[Sequence[int]], classes: Sequence[Label]) -> list[Row]:
    """Return the same out of a confusion matrix."""
    table = []
    for index, row in enumerate(matrix[:MAX_ROWS]):
        hit, true, predicted = row[index], sum(row), sum(other[index] for other in matrix)
        precision = hit / predicted if predicted else None
        recall = hit / true if true else None
        f1 = 2 * hit / (true + predicted) if true + predicted else None
        table.append(
            Row(name=label_text(classes[index]), cells=[score(precision), score(recall), score(f1), count(true)])
        )
    return table


def feature_rows(features: Sequence[FeatureRecord], graph: GraphRecord) -> list[Row]:
    """Return one line for each input feature, with its vertex type where there are several."""
    vertices = {vertex_type.name: vertex_type.vertices for vertex_type in graph.types}
    several = have_types(features)
    rows = []
    for feature in features[:MAX_ROWS]:
        missing = f" ({share(feature.missing, vertices[feature.type])})" if feature.missing else ""
        cells = [
            *([feature.type] if several else []),
            feature.kind + (f" of {len(feature.categories)}" if feature.categories else ""),
            count(feature.columns),
            count(feature.missing) + missing,
            figure(feature.imputed) + (" + indicator" if feature.missing_indicator else ""),
            figure(feature.mean),
            figure(feature.scale),
        ]
        rows.append(Row(name=feature.name, cells=cells))
    return rows


def have_types(features: Iterable[FeatureRecord]) -> bool:
    """Whether the features are those of several vertex types."""
    return len({feature.type for feature in features}) > 1


def vertex_rows(graph: GraphRecord) -> list[Row]:
    """Return one line for each vertex collection."""
    return [
        Row(name=name, cells=[count(collection.vertices), names(collection.attributes)])
        for name, collection in list(graph.vertex_collections.items())[:MAX_ROWS]
    ]


def edge_rows(graph: GraphRecord) -> list[Row]:
    """Return one line for each edge collection."""
    rows = []
    for name, edges in list(graph.edge_collections.items())[:MAX_ROWS]:
        counts = map(count, (edges.edges, edges.dangling, edges.self_loops, edges.duplicates))
        rows.append(Row(name=name, cells=[f"{names(edges.sources)} → {names(edges.targets)}", *counts]))
    return rows


def missing_rows(graph: GraphRecord) -> list[Row]:
    """Return the attributes that lack values, the emptiest first; shares are of the types that have them."""
    ordered = sorted(graph.missing_values.items(), key=lambda item: -item[1])
    return [
        Row(name=name, cells=[count(missing), share(missing, _vertices_with(graph, name))])
        for name, missing in ordered[:MAX_ROWS]
    ]


def _vertices_with(graph: GraphRecord, attribute: str) -> int:
    """The vertices of all collections that have the attribute, and of those that are one type with such a collection."""
    collections = graph.vertex_collections
    holders = {name for name, collection in collections.items() if attribute in collection.attributes}
    for vertex_type in graph.types:
        if vertex_type.collections.keys() & holders:
            holders |= vertex_type.collections.keys()
    return sum(collections[name].vertices for name in holders)


def setting_rows(settings: Mapping[str, Any]) -> list[Row]:
    """Return the settings as text; anything that sounds like a secret is hidden even if it was passed in."""
    rows = []
    for name, value in sorted(settings.items()):
        hidden = value not in (None, "") and any(word in name.upper() for word in _SECRET_WORDS)
        rows.append(Row(name=name, cells=["••••••" if hidden else plain(value)]))
    return rows


def timing_rows(timings: Timings) -> list[Row]:
    """Return the duration of each phase."""
    return [Row(name=name.replace("_", " "), cells=[duration(value)]) for name, value in timings.plain().items()]


def plain(value: object) -> str:
    """Print any JSON value for a table cell."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list | tuple) and all(isinstance(item, str | int | float) for item in value):
        return names(value)
    return json.dumps(value, ensure_ascii=False, default=str)[:400]


def names(values: Sequence[object], most: int = _MAX_NAMES) -> str:
    """Print a list of names, cut to a dozen or to `most`."""
    rest = len(values) - most
    return ", ".join(map(str, values[:most])) + (f" and {rest:,} more" if rest > 0 else "") or UNKNOWN
