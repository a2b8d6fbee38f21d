"""What one server holds, and one request on its way through it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import orjson

from .auth import Guard
from .cursors import Cursors
from .errors import ApiError, unknown_collection
from .faults import Due, Endpoint, Sighting
from .store import Collection, Database
from .wire import Reply, Request


@dataclass(slots=True)
class Instance:
    """A server's state, apart from its sockets."""

    databases: dict[str, Database]
    guard: Guard
    version: str
    last_batch_has_id: bool
    cursors: Cursors = field(default_factory=Cursors)
    revisions: "count[int]" = field(default_factory=count)

    def next_revision(self) -> str:
        """Return a `_rev` that no other document has."""
        return f"_gk{next(self.revisions):06x}--_"


@dataclass(slots=True)
class Call:
    """One request: where it goes, who sent it, and what is to go wrong with it."""

    instance: Instance
    request: Request
    database_name: str
    segments: tuple[str, ...]
    query: Mapping[str, str]
    endpoint: Endpoint = "unknown"
    user: str = ""
    due: Due = field(default_factory=Due)

    @property
    def database(self) -> Database:
        """The database that the path names; it has been checked to exist."""
        return self.instance.databases[self.database_name]

    @property
    def path(self) -> str:
        """The path without the database prefix."""
        return "/" + "/".join(self.segments)

    @property
    def owner(self) -> tuple[str, str]:
        """Whose cursors the request may touch."""
        return self.database_name, self.user

    def collection(self, name: str) -> Collection:
        """Return a collection or raise 404/1203."""
        try:
            return self.database.collections[name]
        except KeyError:
            raise unknown_collection(name) from None

    def flag(self, name: str) -> bool:
        """Return a query parameter as a boolean."""
        return self.query.get(name, "").lower() in ("1", "true", "yes", "on", "y")

    def json(self) -> Any:
        """Return the decoded body or raise 400/600; NaN, 1e400 and lone surrogates are no JSON."""
        try:
            return orjson.loads(self.request.body)
        except orjson.JSONDecodeError as exc:
            raise ApiError(600, f"VPackError error: {exc.msg}") from None

    def pause(self) -> None:
        """Wait as long as a slow reply has to; only the first call of a request waits."""
        time.sleep(self.due.take_pause())

    def sighting(self) -> Sighting:
        """Return what faults may look at."""
        rest = self.segments[2:]
        if self.endpoint == "cursor-create":
            return Sighting(self.endpoint, self._queried_collection(), 1)
        if self.endpoint in ("cursor-next", "cursor-delete"):
            cursor = self.instance.cursors.peek(rest[0]) if rest else None
            if cursor is None:
                return Sighting(self.endpoint)
            asked = rest[1] if len(rest) > 1 and rest[1].isdecimal() else cursor.batch_id + 1
            return Sighting(self.endpoint, cursor.answer.collection, int(asked))
        return Sighting(self.endpoint, rest[0] if rest else None)

    def _queried_collection(self) -> str | None:
        try:
            binds = orjson.loads(self.request.body)["bindVars"]
            return next((str(value) for name, value in binds.items() if name.startswith("@")), None)
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            return None


def ok(fields: Mapping[str, object], *, code: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """Return the usual success body: `error` and `code` before the fields."""
    return Reply(code, orjson.dumps({"error": False, "code": code, **fields}), headers)
