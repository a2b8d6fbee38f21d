"""A plan and its bind values -> rows, slice by slice: a million edges cost nothing before they are sent."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..errors import ApiError
from ..store import Collection
from ..values import Document, Json
from .evaluate import compile_rows, names_of
from .plan import AttributeNames, Bind, Length, Plan, Scan

Binds = Mapping[str, Json]
Rows = Callable[[Sequence[Document]], list[Json]]


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a query on one snapshot; `full_count` is their number without LIMIT."""

    collection: str
    documents: Sequence[Document]
    rows: Rows
    full_count: int
    num_scanned: int

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.documents)

    def slice(self, start: int, stop: int) -> list[Json]:
        """Return some of the rows."""
        return self.rows(self.documents[start:stop])


def source_of(plan: Plan, binds: Binds) -> str:
    """Return the name of the collection that a plan reads."""
    name = binds[plan.source.name]
    if not isinstance(name, str) or not name:
        raise _bad_bind(plan.source)
    return name


def execute(plan: Plan, binds: Binds, collection: Collection) -> Answer:
    """Run a plan.

    Args:
        plan: What `parse` returned.
        binds: A value for each of its bind parameters.
        collection: The collection that the plan reads.

    Raises:
        ApiError: A bind value does not fit its place.
    """
    if isinstance(plan, Length):
        return _ready(collection, [len(collection.by_key)], 0)
    documents = collection.scan()
    if isinstance(plan, AttributeNames):
        counts = Counter(name for document in documents for name in names_of(document))
        if plan.is_counted:
            # COLLECT sorts its groups, DISTINCT promises no order.
            rows: list[Json] = [[name, counts[name]] for name in sorted(counts)]
        else:
            rows = [*reversed(counts)]
        return _ready(collection, rows, len(documents))
    return _scan(plan, binds, collection, documents)


def _scan(plan: Scan, binds: Binds, collection: Collection, documents: Sequence[Document]) -> Answer:
    rows = compile_rows(plan.result, binds, collection)
    offset, limit = _amount(plan.offset, binds), None if plan.limit is None else _amount(plan.limit, binds)
    num_scanned = len(documents)
    if plan.after is not None:
        documents = _after(documents, binds[plan.after.name])
    if plan.is_sorted:
        documents = sorted(documents, key=lambda document: str(document["_key"]))
    kept = documents if limit is None else documents[offset : offset + limit]
    return Answer(collection.name, kept, rows, len(documents), num_scanned)


def _after(documents: Sequence[Document], last: Json) -> Sequence[Document]:
    if isinstance(last, str):
        return [document for document in documents if str(document["_key"]) > last]
    # AQL orders any null, boolean or number before, and any array or object after, every string.
    return documents if last is None or isinstance(last, bool | int | float) else []


def _ready(collection: Collection, rows: Sequence[Json], num_scanned: int) -> Answer:
    boxed: list[Document] = [{"row": row} for row in rows]
    return Answer(collection.name, boxed, lambda part: [box["row"] for box in part], len(rows), num_scanned)


def _amount(given: int | Bind, binds: Binds) -> int:
    value = binds[given.name] if isinstance(given, Bind) else given
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ApiError(1504, "AQL: number out of range (while parsing)")
    return value


def _bad_bind(bind: Bind) -> ApiError:
    return ApiError(1553, f"AQL: bind parameter '{bind.name}' has an invalid value or type (while parsing)")
