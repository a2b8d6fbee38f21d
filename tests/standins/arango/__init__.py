"""A strict ArangoDB over real HTTP, so that the graph reader is tested on the wire and not on a mock.

It answers what a python-arango client sends while it reads named graphs and writes one document, refuses
everything else the way the database does, and fails on demand (see `faults`).
"""

from .auth import User
from .dump import load_dump
from .faults import Fault, Faults, When
from .records import Record
from .server import ArangoStandIn
from .store import Collection, Database

__all__ = [
    "ArangoStandIn",
    "Collection",
    "Database",
    "Fault",
    "Faults",
    "Record",
    "User",
    "When",
    "load_dump",
]
