"""Named graphs: read only, and open to whoever may read the database, whatever the collections say."""

from ..errors import ApiError
from ..instance import Call, ok
from ..values import Document
from ..wire import Reply


def index(call: Call) -> Reply:
    """Answer `GET /_api/gharial`."""
    return ok({"graphs": [_described(graph) for graph in call.database.graphs.values()]})


def info(call: Call) -> Reply:
    """Answer `GET /_api/gharial/{g}`."""
    return ok({"graph": _described(_graph(call))})


def vertex_collections(call: Call) -> Reply:
    """Answer `GET /_api/gharial/{g}/vertex`: the ends of all definitions and the orphans."""
    graph = _graph(call)
    names = {name for definition in _definitions(graph) for end in ("from", "to") for name in definition[end]}
    orphans = graph["orphanCollections"]
    return ok({"collections": sorted(names | set(orphans if isinstance(orphans, list) else ()))})


def edge_collections(call: Call) -> Reply:
    """Answer `GET /_api/gharial/{g}/edge`."""
    return ok({"collections": sorted({str(d["collection"]) for d in _definitions(_graph(call))})})


def _graph(call: Call) -> Document:
    name = call.segments[2]
    try:
        return call.database.graphs[name]
    except KeyError:
        raise ApiError(1924, f"graph '{name}' not found") from None


def _described(graph: Document) -> Document:
    tail = ("_rev", "_id")
    return {k: v for k, v in graph.items() if k not in tail} | {k: graph[k] for k in tail} | {"name": graph["_key"]}


def _definitions(graph: Document) -> list[dict[str, list[str]]]:
    definitions = graph["edgeDefinitions"]
    return definitions if isinstance(definitions, list) else []
