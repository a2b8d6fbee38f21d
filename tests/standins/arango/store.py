"""Databases, collections and documents in memory, with the scan order of a database that promises none."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from threading import RLock
from typing import Any, Literal

from .scan import shuffled, turned
from .values import Document, as_stored, is_stored

CollectionType = Literal[2, 3]

DOCUMENT: Literal[2] = 2
EDGE: Literal[3] = 3

_SYSTEM_COLLECTIONS = (
    "_analyzers",
    "_appbundles",
    "_apps",
    "_aqlfunctions",
    "_frontend",
    "_graphs",
    "_jobs",
    "_queues",
)
_KEY = re.compile(r"[A-Za-z0-9_\-.@()+,=;$!*'%:]{1,254}")
_LOADED_REV = "_gkzddnK--_"
_ticks = count(68906)


def is_key(key: object) -> bool:
    """Return whether a value may be a document's `_key`."""
    return isinstance(key, str) and _KEY.fullmatch(key) is not None


def next_tick() -> int:
    """Return the next of the rising numbers that become ids and generated keys."""
    return next(_ticks)


class Collection:
    """One collection; stored documents never change in place: running queries keep a snapshot."""

    def __init__(
        self,
        type: CollectionType = DOCUMENT,
        documents: Iterable[Mapping[str, Any]] = (),
        *,
        wait_for_sync: bool = False,
    ) -> None:
        """Fill a collection.

        Args:
            type: 2 for documents, 3 for edges.
            documents: Documents in insertion order; a missing `_key` is generated, `_id` follows from it.
            wait_for_sync: Whether writes answer 201 instead of 202.

        Raises:
            ValueError: A document could not exist in the database.
        """
        self.type = type
        self.wait_for_sync = wait_for_sync
        self.name = ""
        self.seed = ""
        self.id = str(next_tick())
        self.lock = RLock()
        self.by_key: dict[str, Document] = {}
        self._shuffled: list[Document] | None = None
        self._num_scans = 0
        for given in documents:
            document = _clean(given)
            key = document.get("_key")
            if not is_key(key):
                raise ValueError(f"document _key {key!r} is not legal")
            if key in self.by_key:
                raise ValueError(f"document _key {key!r} is there twice")
            if type == EDGE and not has_ends(document):
                raise ValueError(f"edge {key!r} needs _from and _to of the form collection/key")
            self.by_key[str(key)] = document

    @property
    def is_system(self) -> bool:
        """Whether the collection belongs to the database itself."""
        return self.name.startswith("_")

    @property
    def documents(self) -> list[Document]:
        """Every document as a client would get it, in insertion order."""
        with self.lock:
            return [self.full(document) for document in self.by_key.values()]

    def full(self, document: Document) -> Document:
        """Return a stored document with its computed attributes, in the order the database sends them."""
        head: Document = {"_key": document["_key"], "_id": f"{self.name}/{document['_key']}"}
        if "_from" in document and self.type == EDGE:
            head |= {"_from": document["_from"], "_to": document["_to"]}
        head["_rev"] = self.revision(document)
        return head | {name: value for name, value in document.items() if name not in head}

    def revision(self, document: Document) -> str:
        """Return a stored document's `_rev`; documents that were there from the start share one."""
        return str(document.get("_rev", _LOADED_REV))

    def put(self, document: Document) -> None:
        """Store a document under its `_key`, in place of an older one."""
        with self.lock:
            self.by_key[str(document["_key"])] = document
            self._shuffled = None

    def scan(self) -> Sequence[Document]:
        """Return a snapshot in no order to rely on, another one each time."""
        with self.lock:
            if self._shuffled is None:
                self._shuffled = shuffled(self.by_key.values(), f"{self.seed}/{self.name}")
            self._num_scans += 1
            return turned(self._shuffled, self.by_key.values(), self._num_scans)


class Database:
    """One database: its collections, the system ones included, and its named graphs."""

    def __init__(
        self, collections: Mapping[str, Collection] | None = None, graphs: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        """Fill a database.

        Args:
            collections: Name -> collection.
            graphs: Graphs as `{"name": …, "edgeDefinitions": […], "orphanCollections": […]}`; `_key` may
                stand for `name`, as it does in the `_graphs` collection.
        """
        self.lock = RLock()
        self.id = str(next_tick())
        self.collections: dict[str, Collection] = {}
        rows = [{"_key": g.get("name", g.get("_key")), "orphanCollections": [], **g} for g in graphs]
        system = {name: Collection() for name in _SYSTEM_COLLECTIONS}
        if rows:
            system["_graphs"] = Collection(DOCUMENT, [{k: v for k, v in r.items() if k != "name"} for r in rows])
        for name, collection in (system | dict(collections or {})).items():
            self.add(name, collection)

    @property
    def graphs(self) -> dict[str, Document]:
        """Named graphs as documents of `_graphs`, by name."""
        stored = self.collections["_graphs"]
        return {key: stored.full(document) for key, document in stored.by_key.items()}

    def add(self, name: str, collection: Collection) -> None:
        """Take a collection in under a name."""
        collection.name = name
        self.collections[name] = collection

    def prepare(self, seed: str) -> None:
        """Draw the scan orders of all collections from a seed."""
        for collection in self.collections.values():
            collection.seed = seed
            collection.scan()

    def num_documents(self) -> int:
        """Return the number of documents in all collections."""
        return sum(len(collection.by_key) for collection in self.collections.values())


def has_ends(document: Mapping[str, Any]) -> bool:
    """Return whether an edge names both ends as collection/key; the ends themselves may be missing."""
    return all(
        isinstance(end := document.get(name), str) and 0 < end.find("/") < len(end) - 1 for name in ("_from", "_to")
    )


def _clean(given: Mapping[str, Any]) -> Document:
    if type(given) is dict and "_key" in given and "_id" not in given and all(map(is_stored, given.values())):
        return given
    stored = {str(name): as_stored(value) for name, value in given.items() if name != "_id"}
    return {"_key": str(next_tick())} | stored
