"""What came over the wire, kept for assertions."""

from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(slots=True)
class Record:
    """One request; `status` stays None while it runs, and for good if the connection was cut."""

    method: str
    database: str
    path: str
    query: dict[str, str]
    body: bytes
    user: str | None = None
    status: int | None = None

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return orjson.loads(self.body)
