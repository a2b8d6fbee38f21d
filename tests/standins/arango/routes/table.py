"""Path -> who answers it; the table is the whole of the API that the stand-in has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..faults import Endpoint
from ..instance import Call
from ..wire import Reply
from . import collections, cursor, documents, graphs, system

Handler = Callable[[Call], Reply]

_ANY = None


@dataclass(frozen=True, slots=True)
class Route:
    """One path and its methods; an open one needs no sign-in."""

    pattern: tuple[str | None, ...]
    endpoint: Endpoint
    methods: Mapping[str, Handler]
    is_open: bool = False

    def fits(self, segments: tuple[str, ...]) -> bool:
        """Return whether the path is this route's."""
        return len(segments) == len(self.pattern) and all(
            expected in (_ANY, given) for expected, given in zip(self.pattern, segments, strict=True)
        )


_ROUTES = (
    Route(("_open", "auth"), "auth", {"POST": system.sign_in}, is_open=True),
    Route(("_admin", "server", "availability"), "availability", {"GET": system.availability}, is_open=True),
    Route(("_api", "version"), "version", {"GET": system.version}),
    Route(("_api", "database", "current"), "database", {"GET": system.current_database}),
    Route(("_api", "collection"), "collection", {"GET": collections.index, "POST": collections.create}),
    Route(("_api", "collection", _ANY), "collection", {"GET": collections.info}),
    Route(("_api", "collection", _ANY, "properties"), "collection", {"GET": collections.properties}),
    Route(("_api", "collection", _ANY, "count"), "collection", {"GET": collections.number}),
    Route(("_api", "gharial"), "gharial", {"GET": graphs.index}),
    Route(("_api", "gharial", _ANY), "gharial", {"GET": graphs.info}),
    Route(("_api", "gharial", _ANY, "vertex"), "gharial", {"GET": graphs.vertex_collections}),
    Route(("_api", "gharial", _ANY, "edge"), "gharial", {"GET": graphs.edge_collections}),
    Route(("_api", "document", _ANY), "document", {"POST": documents.insert}),
    Route(("_api", "document", _ANY, _ANY), "document", {"GET": documents.read}),
)
_CURSOR_METHODS: Mapping[str, Handler] = {
    "POST": cursor.advance,
    "PUT": cursor.advance,
    "DELETE": cursor.delete,
}


def find(method: str, segments: tuple[str, ...]) -> Route | None:
    """Return the route of a path, whatever the method, or None if no handler owns it."""
    if segments[:2] == ("_api", "cursor"):
        # The cursor handler counts the parts of the path itself and has its own words for a wrong number.
        if len(segments) == 2 and method == "POST":
            return Route(segments, "cursor-create", {"POST": cursor.create})
        return Route(segments, "cursor-delete" if method == "DELETE" else "cursor-next", _CURSOR_METHODS)
    return next((route for route in _ROUTES if route.fits(segments)), None)
