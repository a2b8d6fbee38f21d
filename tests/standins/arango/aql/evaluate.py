"""RETURN expressions -> functions over many documents at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from ..errors import ApiError
from ..store import Collection
from ..values import Document, Json, type_name
from .plan import Array, Attributes, Bind, Expression, Has, Keep, Member, TypeName, Whole

_COMPUTED = ("_id", "_rev")

Getter = Callable[[Document], Json]


def compile_rows(
    expression: Expression, binds: Mapping[str, Json], collection: Collection
) -> Callable[[Sequence[Document]], list[Json]]:
    """Return the function that turns stored documents into rows.

    Args:
        expression: What RETURN says.
        binds: Values of the bind parameters.
        collection: Where the documents are; it knows their computed attributes.
    """
    if isinstance(expression, Array):
        plain = [_plain_name(item, binds) for item in expression.items]
        names = [name for name in plain if name is not None]
        if len(names) == len(plain):
            # The bulk read: one map over the attribute names per document, no call per value.
            return lambda documents: [list(map(document.get, names)) for document in documents]
    get = _compile(expression, binds, collection)
    return lambda documents: list(map(get, documents))


def names_of(document: Document) -> list[str]:
    """Return the names that ATTRIBUTES(document, true) gives."""
    return [name for name in document if not name.startswith("_")]


def _compile(expression: Expression, binds: Mapping[str, Json], collection: Collection) -> Getter:
    match expression:
        case Whole():
            return collection.full
        case Member(path):
            return _member(_names(path, binds), collection)
        case Array(items):
            getters = [_compile(item, binds, collection) for item in items]
            return lambda document: [get(document) for get in getters]
        case Attributes():
            return lambda document: list(names_of(document))
        case TypeName(of):
            get_value = _compile(of, binds, collection)
            return lambda document: type_name(get_value(document))
        case Has(name):
            (wanted,) = _names((name,), binds, most=1)
            return lambda document: wanted in document or wanted in _COMPUTED
        case Keep(bind):
            kept = frozenset(_names((bind,), binds))
            return lambda document: {k: v for k, v in collection.full(document).items() if k in kept}


def _member(path: Sequence[str], collection: Collection) -> Getter:
    first, rest = path[0], path[1:]
    if first in _COMPUTED:
        return lambda document: _descend(collection.full(document), path)
    return (lambda document: _descend(document, path)) if rest else lambda document: document.get(first)


def _descend(value: Json, path: Iterable[str]) -> Json:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _plain_name(expression: Expression, binds: Mapping[str, Json]) -> str | None:
    if not isinstance(expression, Member):
        return None
    path = _names(expression.path, binds)
    return path[0] if len(path) == 1 and path[0] not in _COMPUTED else None


def _names(path: Iterable[str | Bind], binds: Mapping[str, Json], most: int | None = None) -> list[str]:
    names: list[str] = []
    for step in path:
        value = binds[step.name] if isinstance(step, Bind) else step
        several = value if isinstance(value, list) else [value]
        if not several or not all(isinstance(name, str) for name in several) or (most and len(several) > most):
            name = step.name if isinstance(step, Bind) else step
            raise ApiError(1553, f"AQL: bind parameter '{name}' has an invalid value or type (while parsing)")
        names += map(str, several)
    return names
