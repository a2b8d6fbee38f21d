"""Which attributes of vertex collections to read: those that the run may use, judged by what all documents hold there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from trainer.bounds import graph as bounds
from trainer.graph.arango.connection import Connection
from trainer.graph.arango.cursor import batches
from trainer.graph.arango.decoding import decode_rows
from trainer.graph.arango.queries import Query, sample_query, survey_query
from trainer.graph.arango.request_errors import unreadable
from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.building.chunks import decode
from trainer.graph.building.nested import SAMPLE_SIZE, paths_in
from trainer.graph.building.vertex_builder import SYSTEM_ATTRIBUTES, too_many_attributes
from trainer.graph.graph import HAS_NO_VALUE, HOLDS_OBJECTS, HOLDS_TEXTS
from trainer.graph.stored_column import EMPTY_ARRAY, NESTED_ARRAY, OTHER_ARRAY

_NUM_TYPES = 7
"""Types of values that a survey tells apart."""
_MAY_BE_NUMBERS = {"number", "bool", "numeral"}
_OTHER_ARRAYS = {
    OTHER_ARRAY: "holds arrays of something else than numbers",
    EMPTY_ARRAY: "holds empty arrays",
    NESTED_ARRAY: "holds nested arrays",
}


@dataclass(frozen=True)
class Survey:
    """What the documents of a collection have.

    Attributes:
        types: of each attribute, the types of its values in any document: null, bool, number, array, object, `numeral` (a text
            that spells a number or a boolean) and `text`, blank ones being null; no types if only a sample was looked at.
        paths: paths into objects of a sample.
        no_vectors: why the arrays of an attribute in a sample are no vectors, by attribute.
    """

    types: Mapping[str, set[str]]
    paths: list[str]
    no_vectors: Mapping[str, str]


@dataclass(frozen=True)
class Attributes:
    """The attributes of a collection.

    Attributes:
        names: of all attributes that were seen.
        nested: paths into objects that were seen.
        to_read: names to read.
        paths: paths to read.
        unread: what each attribute holds that might have been a feature and is not read.
    """

    names: list[str]
    nested: list[str]
    to_read: list[str]
    paths: list[str]
    unread: dict[str, str]


def survey(connection: Connection, collection: str, attribute_filter: AttributeFilter) -> Survey:
    """Look at a sample of documents, and at the values of all documents where the names in the sample are not enough."""
    sample = _read(connection, sample_query(collection, SAMPLE_SIZE), SAMPLE_SIZE)
    if len(sample) > SAMPLE_SIZE or set(map(type, sample)) - {dict}:
        raise unreadable(connection.server, "none")
    paths = sorted(paths_in(sample))
    names = {name: set[str]() for document in sample for name in document if name not in SYSTEM_ATTRIBUTES}
    if attribute_filter.can_choose_from([*names, *paths]):
        return Survey(names, paths, {})
    types: dict[str, set[str]] = defaultdict(set)
    most = _NUM_TYPES * bounds.MOST_ATTRIBUTES
    rows = _read(connection, survey_query(collection), most)
    if len(rows) > most:
        raise too_many_attributes(collection)
    for row in rows:
        name, value_type = row if type(row) is list and len(row) == 2 else (None, None)
        if not isinstance(name, str) or not isinstance(value_type, str):
            raise unreadable(connection.server, "none")
        if name not in SYSTEM_ATTRIBUTES:
            types[name].add(value_type)
    arrays = {
        name: _no_vectors([document.get(name) for document in sample]) for name in types if "array" in types[name]
    }
    return Survey(types, paths, {name: reason for name, reason in arrays.items() if reason})


def choose_attributes(surveys: Mapping[str, Survey], attribute_filter: AttributeFilter) -> dict[str, Attributes]:
    """What to read of each collection: what is numbers in one may be so in all, because they may be of one vertex type."""
    numeric = {
        name
        for each in surveys.values()
        for name, types in each.types.items()
        if types & _MAY_BE_NUMBERS or ("array" in types and name not in each.no_vectors)
    }
    return {collection: _attributes_of(each, numeric, attribute_filter) for collection, each in surveys.items()}


def _attributes_of(each: Survey, numeric: Collection[str], attribute_filter: AttributeFilter) -> Attributes:
    names = sorted(each.types)
    accepted = [name for name in names if attribute_filter(name)]
    to_read = [name for name in accepted if name in numeric or attribute_filter.accepts_any_type(name)]
    unread = {name: _what(each, name) for name in accepted if name not in to_read}
    return Attributes(names, each.paths, to_read, _paths(each, names, attribute_filter), unread)


def _paths(each: Survey, names: Collection[str], attribute_filter: AttributeFilter) -> list[str]:
    """Paths that settings name: those of the sample, else as the settings spell them below an attribute that there is."""
    known = [path for path in each.paths if attribute_filter.names_path(path) and path not in names]
    seen = {path.lower() for path in (*known, *names)}
    heads = {name.lower(): name for name in names}
    for path in attribute_filter.paths:
        head, _, rest = path.partition(".")
        if path.lower() not in seen and head.lower() in heads:
            known.append(f"{heads[head.lower()]}.{rest}")
    return sorted(known)


def _what(each: Survey, name: str) -> str:
    types = each.types[name]
    if "object" in types:
        return HOLDS_OBJECTS
    if "array" in types:
        return each.no_vectors[name]
    return HOLDS_TEXTS if "text" in types else HAS_NO_VALUE


def _no_vectors(values: Iterable[Any]) -> str:
    """Why arrays are no vectors of numbers; nothing where they may be."""
    forms = set(decode([value for value in values if isinstance(value, list)], {}).form.tolist())
    return next((reason for form, reason in _OTHER_ARRAYS.items() if form in forms), "")


def _read(connection: Connection, query: Query, most: int) -> list[Any]:
    """The rows of a query, not many more than `most`."""

    def read(query: Query) -> list[Any]:
        rows: list[Any] = []
        with closing(batches(connection, query)) as texts:
            for text in texts:
                rows += decode_rows(text, connection.server)
                if len(rows) > most:
                    break
        return rows

    return connection.run_query(query, read)
