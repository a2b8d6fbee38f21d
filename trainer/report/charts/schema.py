"""The types and relations of a heterogeneous graph as boxes and arrows."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from trainer.numerals import count
from trainer.record import GraphRecord, Relation, VertexType
from trainer.report.charts.svg import Chart, clip, drawing, tag

_MAX_TYPES = 10
_MAX_RELATIONS = 24
_WIDTH, _ROOM = 560.0, 64.0
_BOX = (152.0, 44.0)
_Point = tuple[float, float]


def schema_chart(graph: GraphRecord) -> Chart | None:
    """Draw the types with their vertices and the stored relations with their edges; None for a plain graph."""
    stored = [relation for relation in graph.relations if not relation.reverse_of]
    turned = [relation.reverse_of for relation in graph.relations if relation.reverse_of]
    num_types = len(graph.types)
    if not 2 <= num_types <= _MAX_TYPES or len(stored) > _MAX_RELATIONS:
        return None
    height = 70.0 if num_types == 2 else 250.0 + 22.0 * max(0, num_types - 4)
    height += _ROOM
    middles = _middles([vertex_type.name for vertex_type in graph.types], height)
    between: dict[frozenset[str], list[Relation]] = defaultdict(list)
    for relation in stored:
        between[frozenset((relation.source, relation.target))].append(relation)
    arrows = [
        _arrow(
            relation,
            middles,
            index - (len(group) - 1) / 2,
            [relation.source, relation.name, relation.target] in turned,
        )
        for group in between.values()
        for index, relation in enumerate(group)
    ]
    boxes = [_box(vertex_type, middles[vertex_type.name]) for vertex_type in graph.types]
    legend = [("relation as stored", "accent")] + ([("reverse added", "unlabelled")] if turned else [])
    description = "; ".join(f"{relation.source} {relation.name} {relation.target}" for relation in stored)
    return Chart(
        title="Types and relations",
        note="Boxes are vertex types with their vertices, arrows relations with their edges.",
        svg=drawing("schema", "Types and relations", f"{description}.", _WIDTH, height, _heads(), *arrows, *boxes),
        legend=legend,
    )


def _middles(names: Sequence[str], height: float) -> dict[str, _Point]:
    """Boxes on an ellipse, the first at the left."""
    across, down = (_WIDTH - _BOX[0]) / 2 - 4, (height - _BOX[1] - _ROOM) / 2
    centre = _WIDTH / 2, height / 2 + _ROOM / 4
    angles = (math.pi + 2 * math.pi * index / len(names) for index in range(len(names)))
    return {
        name: (centre[0] + across * math.cos(angle), centre[1] + down * math.sin(angle))
        for name, angle in zip(names, angles, strict=True)
    }


def _box(vertex_type: VertexType, middle: _Point) -> Markup:
    x, y = middle
    shape = {"x": x - _BOX[0] / 2, "y": y - _BOX[1] / 2, "width": _BOX[0], "height": _BOX[1], "rx": 6}
    name, vertices = vertex_type.name, count(vertex_type.vertices) + (", target" if vertex_type.target else "")
    return tag(
        "g",
        tag("title", f"{name}: {vertices}"),
        tag("rect", **shape, class_="type target" if vertex_type.target else "type"),
        tag("text", clip(name, 17), x=x, y=y - 3, text_anchor="middle", class_="ink"),
        tag("text", vertices, x=x, y=y + 14, text_anchor="middle", class_="small"),
    )


def _arrow(relation: Relation, middles: Mapping[str, _Point], lane: float, reverse: bool) -> Markup:
    source, target = relation.source, relation.target
    words = f"{clip(relation.name, 20)} {count(relation.edges)}"
    tip = tag("title", f"{source} {relation.name} {target}: {count(relation.edges)} edges")
    if source == target:
        path, label = _loop(middles[source], lane)
        reverse = False
    else:
        path, label = _curve(middles[source], middles[target], lane if source < target else -lane)
    line = tag(
        "path",
        tip,
        d=path,
        class_="arrow",
        marker_end="url(#schema-head)",
        marker_start="url(#schema-tail)" if reverse else None,
    )
    text = tag("text", words, x=label[0], y=label[1], text_anchor="middle", class_="small halo")
    return tag("g", line, text)


def _curve(start: _Point, end: _Point, lane: float) -> tuple[str, _Point]:
    """A bow between two boxes, beside others between the same two."""
    across, down = end[0] - start[0], end[1] - start[1]
    length = math.hypot(across, down) or 1.0
    bend = 46 * lane
    middle = (start[0] + end[0]) / 2 - down / length * bend, (start[1] + end[1]) / 2 + across / length * bend
    first, last = _edge_of_box(start, middle), _edge_of_box(end, middle)
    top = (first[0] + last[0]) / 4 + middle[0] / 2, (first[1] + last[1]) / 4 + middle[1] / 2
    return f"M{first[0]:.1f} {first[1]:.1f} Q{middle[0]:.1f} {middle[1]:.1f} {last[0]:.1f} {last[1]:.1f}", (
        top[0],
        top[1] - 5,
    )


def _loop(middle: _Point, lane: float) -> tuple[str, _Point]:
    """From the top of a box back into it."""
    x, y, width = middle[0], middle[1] - _BOX[1] / 2, 26.0
    height = 30 + 18 * abs(lane)
    path = f"M{x - width:.1f} {y:.1f} C{x - width:.1f} {y - height:.1f} {x + width:.1f} {y - height:.1f} {x + width:.1f} {y - 2:.1f}"
    return path, (x, y - height + 2 - 14 * lane)


def _edge_of_box(middle: _Point, towards: _Point) -> _Point:
    """Where the line from the middle of a box leaves it, with a little air."""
    across, down = towards[0] - middle[0], towards[1] - middle[1]
    reach = min(
        (_BOX[0] / 2 + 3) / abs(across) if across else math.inf, (_BOX[1] / 2 + 3) / abs(down) if down else math.inf
    )
    return (middle[0] + across * reach, middle[1] + down * reach) if math.isfinite(reach) else middle


def _heads() -> Markup:
    def head(name: str, colour: str) -> Markup:
        facing = {"orient": "auto-start-reverse", "markerUnits": "userSpaceOnUse", "viewBox": "0 0 10 10"}
        size = {"refX": 9, "refY": 5, "markerWidth": 9, "markerHeight": 9}
        return tag("marker", tag("path", d="M0 0L10 5L0 10z", class_=f"fill-{colour}"), id=name, **facing, **size)

    return tag("defs", head("schema-head", "accent"), head("schema-tail", "unlabelled"))
