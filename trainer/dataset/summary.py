"""What was made of a graph, in a few lines for the log."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from trainer.dataset.dataset import Dataset
from trainer.dataset.decisions import AttributeDecision, Decisions, TypeDecision
from trainer.dataset.labels.split import EMBARGO, PARTS
from trainer.graph.graph import join_names


def summary(dataset: Dataset) -> Iterator[str]:
    """A line for each vertex type, one for the relations, one for the label and one for the parts."""
    decisions = dataset.decisions
    for vertex_type in decisions.types:
        yield _type(vertex_type, [row for row in decisions.attributes if row.type == vertex_type.name])
    yield f"Relations: {_relations(decisions)}."
    yield _label(dataset)
    yield _split(dataset)


def _type(decision: TypeDecision, rows: list[AttributeDecision]) -> str:
    collections = "" if decision.collections == (decision.name,) else f" of {join_names(decision.collections)}"
    size = f"{decision.name}: {decision.vertices:,} vertices{collections}"
    if decision.role == "left out":
        return f"{size}; left out, {decision.reason}."
    merged = f" ({decision.reason})" if len(decision.collections) > 1 else ""
    times = [f"{row.attribute} ({row.unit})" for row in rows if row.role == "time"]
    features = [row.attribute for row in rows if row.role == "feature"]
    left_out = sorted((row for row in rows if row.role == "left out"), key=lambda row: (row.reason, row.attribute))
    parts = [
        f"{size}{merged}, {decision.role}",
        f"time {join_names(times)}" if times else "no time",
        f"{len(features)} features: {join_names(features)}" if features else "no features",
    ]
    by_reason = [
        f"{join_names(row.attribute for row in group)} ({reason})"
        for reason, group in groupby(left_out, key=lambda row: row.reason)
    ]
    return "; ".join([*parts, *([f"left out: {', '.join(by_reason)}"] if by_reason else [])]) + "."


def _relations(decisions: Decisions) -> str:
    shown = [
        f"{relation.name} ({relation.source} to {relation.target}, {relation.edges:,} edges)"
        for relation in decisions.relations
    ]
    return join_names(shown)


def _label(dataset: Dataset) -> str:
    target = dataset.target
    num = int(target.labelled.sum())
    sentence = f"Label: {target.name} of {dataset.inputs.target_type}, {target.task}; {num:,} vertices have one"
    if target.classes is None:
        return f"{sentence}."
    counts = np.bincount(target.y[target.labelled], minlength=len(target.classes)).tolist()
    return f"{sentence}: {join_names(f'{label} ({count:,})' for label, count in zip(target.classes, counts, strict=True))}."


def _split(dataset: Dataset) -> str:
    split, time = dataset.split, dataset.inputs.time
    by = f" by {time.field} ({time.unit})" if split.method == "temporal" and time is not None else ""
    bounds = split.boundaries or {}
    parts = []
    for name in PARTS:
        start, end = bounds.get(f"{name}_start"), bounds.get(f"{name}_end")
        span = "" if start is None else f" ({start} to {end})"
        parts.append(f"{name} {int(split.mask(name).sum()):,}{span}")
    embargo = int((split.part == EMBARGO).sum())
    return f"Split: {split.method}{by}; {', '.join(parts)}" + (f", embargo {embargo:,}." if embargo else ".")
