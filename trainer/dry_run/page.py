"""A dry run as a person at a terminal sees it: tables of what was made of the graph, and what the training would cost."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from trainer.dry_run.result import DryRun, MemoryEstimate, ModelSize
from trainer.process.printable import one_line, several_lines
from trainer.record import AttributeDecision, Decisions, SplitRecord, label_text

_MAX_ROWS = 200
"""Rows of one table; the JSON form has them all."""
_MAX_CLASSES = 20
_PARTS = ("train", "val", "test")
_MAX_COLLECTIONS = 6
_FLEXIBLE = ("why", "from → to", "how it is reckoned")
"""Columns that give way to the names in the others."""
_MIN_WIDTH = 14
"""Characters that are left to such a column."""
_NONE = "–"
_NOTE = "yellow"


def print_dry_run(console: Console, result: DryRun) -> None:
    """Tables of types, relations and attributes; then label, parts, leaks, model, memory and warnings."""
    graph, decisions = result.graph, result.graph.decisions
    size = f"{graph.vertices:,} vertices, {graph.edges:,} edges"
    _line(console, f"Dry run: {result.model.type} would learn {result.target.name} of {result.graph_name} ({size})")
    assert decisions is not None, "every graph that is prepared has them"
    _print_types(console, decisions)
    _print_relations(console, decisions)
    _print_attributes(console, decisions)
    _print_target(console, result)
    _print_split(console, result.split)
    _print_model(console, result.model)
    _print_memory(console, result.memory)
    _print_warnings(console, result, decisions)


def _print_types(console: Console, decisions: Decisions) -> None:
    rows = [
        [row.name, row.role, row.reason, _others(row.collections, row.name), f"{row.vertices:,}"]
        for row in decisions.types
    ]
    _table(console, "Vertex types", ["type", "taken as", "why", "collections", "vertices"], rows)


def _print_relations(console: Console, decisions: Decisions) -> None:
    ends = {end for row in decisions.relations for end in (row.source, row.target)}
    rows = [
        [
            row.name,
            f"{row.source} → {row.target}" if len(ends) > 1 else "",
            row.reason,
            _others(row.collections, row.name),
            f"{row.edges:,}",
            f"{row.dropped:,}" if row.dropped else "",
        ]
        for row in decisions.relations
    ]
    heads = ["relation", "from → to", "why", "collections", "edges", "dropped"]
    _table(console, "Relations", heads, rows, numbers=2)


def _print_attributes(console: Console, decisions: Decisions) -> None:
    has_several = len({row.type for row in decisions.attributes}) > 1
    rows = [
        [
            row.attribute,
            row.type if has_several else "",
            row.role,
            _why(row),
            _NONE if row.missing is None else f"{row.missing:,}",
            f"{row.unreadable:,}" if row.unreadable else "",
        ]
        for row in decisions.attributes
    ]
    _table(console, "Attributes", ["attribute", "type", "taken for", "why", "missing", "unreadable"], rows, numbers=2)


def _why(row: AttributeDecision) -> str:
    if not row.unit:
        return row.reason
    return f"{row.reason}; " + ("running numbers" if row.unit == "ordinal" else f"in {row.unit}")


def _others(collections: Sequence[str], name: str) -> str:
    """The collections, a line each, where they do not go without saying."""
    shown = list(collections[:_MAX_COLLECTIONS])
    if len(collections) > len(shown):
        shown.append(f"… ({len(collections):,} in all)")
    return "" if shown == [name] else "\n".join(shown)


def _print_target(console: Console, result: DryRun) -> None:
    target = result.target
    counts = f"{target.labelled:,} vertices with a label, {target.unlabelled:,} without"
    _line(console, f"\nTarget: {target.name} of {target.type}, {result.task}; {counts}")
    if result.classes is not None:
        shown = ", ".join(map(label_text, result.classes[:_MAX_CLASSES]))
        more = f", … ({len(result.classes):,} in all)" if len(result.classes) > _MAX_CLASSES else ""
        positive = "" if result.positive_class is None else f"; the positive one is {label_text(result.positive_class)}"
        _line(console, f"Classes: {shown}{more}{positive}")


def _print_split(console: Console, split: SplitRecord) -> None:
    by = f" by {split.time_field} ({split.time_unit})" if split.method == "temporal" else ""
    of = f", stored in {', '.join(split.attributes)}" if split.attributes else ""
    counts, bounds = split.counts.plain(), split.boundaries or {}
    rows = [
        [part, _time(bounds.get(f"{part}_start")), _time(bounds.get(f"{part}_end")), f"{count:,}"]
        for part, count in counts.items()
        if count or part in _PARTS
    ]
    _table(console, f"Split: {split.method}{by}{of}", ["part", "first", "last", "vertices"], rows)
    if split.class_counts is None:
        return
    of_part = split.class_counts.plain()
    rows = [[name, *(f"{of_part[part][name]:,}" for part in _PARTS)] for name in of_part["train"]]
    rows = (
        sorted(rows, key=lambda row: -sum(of_part[part][row[0]] for part in _PARTS))
        if len(rows) > _MAX_CLASSES
        else rows
    )
    _table(console, "Classes by part", ["class", *_PARTS], rows, numbers=len(_PARTS), max_rows=_MAX_CLASSES)


def _time(value: str | float | None) -> str:
    """A bound of a part; UTC goes without saying in ISO 8601's short form."""
    return "" if value is None else str(value).replace("+00:00", "Z")


def _print_warnings(console: Console, result: DryRun, decisions: Decisions) -> None:
    _line(console, "\nWarnings", style="bold")
    if not result.leaks:
        has_time = any(row.role == "time" and row.type == result.target.type for row in decisions.attributes)
        why = "" if has_time else f"; no {result.target.type} has a time"
        _line(console, f"No edge is known to carry the future into the past{why}.")
    for warning in result.graph.warnings:
        _line(console, f"note: {warning}", style=_NOTE)


def _print_model(console: Console, model: ModelSize) -> None:
    size = "an unknown number of" if model.num_parameters is None else f"{model.num_parameters:,}"
    layers = f"{model.num_layers} layer{'' if model.num_layers == 1 else 's'} of {model.hidden_channels}"
    _line(console, f"\nModel: {model.type} ({model.framework}), {layers}, {size} parameters")
    for note in model.notes:
        _line(console, f"  {note}")


def _print_memory(console: Console, memory: MemoryEstimate) -> None:
    rows = [
        [name.removesuffix("_bytes"), reckoned, _megabytes(getattr(memory, name))]
        for name, reckoned in memory.reckoned.items()
    ]
    _table(console, "Main memory of a run, estimated", ["of", "how it is reckoned", "MB"], rows)


def _megabytes(num_bytes: int | None) -> str:
    return _NONE if num_bytes is None else f"{num_bytes / 1e6:,.0f}"


def _table(
    console: Console,
    title: str,
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    numbers: int = 1,
    max_rows: int = _MAX_ROWS,
) -> None:
    """A table without the columns that say nothing; the last `numbers` columns hold numbers."""
    shown = rows[:max_rows]
    used = [index for index in range(len(heads)) if any(row[index] for row in shown)]
    widths = {
        index: max(cell_len(line) for row in [heads, *shown] for line in row[index].split("\n")) for index in used
    }
    flexible = {index for index in used if heads[index] in _FLEXIBLE}
    needed = sum(_MIN_WIDTH if index in flexible else width for index, width in widths.items()) + 3 * len(used)
    names_fit = needed <= console.width
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for index in used:
        is_number = index >= len(heads) - numbers
        table.add_column(
            Text(heads[index]),
            justify="right" if is_number else "left",
            overflow="fold",
            no_wrap=is_number or (names_fit and index not in flexible),
        )
    for row in shown:
        table.add_row(*(_shown(row[index]) for index in used))
    _line(console, f"\n{title}", style="bold")
    console.print(table)
    if len(rows) > max_rows:
        _line(console, f"The first {max_rows} of {len(rows):,}; LOG_FORMAT=json prints them all.")


def _line(console: Console, sentence: str, style: str = "") -> None:
    """One line; an empty one before it where the sentence begins with a line end."""
    if sentence.startswith("\n"):
        console.line()
    console.print(Text(one_line(sentence.removeprefix("\n"))), style=style, soft_wrap=True)


def _shown(text: str) -> Text:
    """A text of the graph as it is: never read as markup, and without characters that steer a terminal."""
    return Text(several_lines(text))
