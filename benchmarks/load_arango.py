"""A graph over HTTP: ours against a python-arango loop, and against transfer and `orjson.loads` of the same bytes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.arango_server import DATABASE, PASSWORD, USER, serve
from benchmarks.dumps import ATTRIBUTES, GRAPH, described, write_market
from benchmarks.load_folder import as_data
from benchmarks.results import is_quick
from benchmarks.side_by_side import Row, compare

_BATCH_SIZE = 10_000


@dataclass(frozen=True)
class Ours:
    """The reader of this program."""

    url: str
    batch_size: int = _BATCH_SIZE

    def __call__(self) -> Callable[[], object]:
        """Prepare nothing."""
        from trainer.graph.arango.source import ArangoSource
        from trainer.graph.attribute_filter import AttributeFilter
        from trainer.settings.groups.arango import ArangoSettings

        server = {"arango_url": self.url, "arango_db": DATABASE, "arango_user": USER, "arango_password": PASSWORD}
        attribute_filter = AttributeFilter(
            frozenset({"ts"}), lambda name: False, all_numeric=True, needs_all_names=True
        )
        source = ArangoSource(ArangoSettings.model_validate(server), batch_size=self.batch_size)
        return lambda: source.load([GRAPH], attribute_filter, lambda vertices, edges: None)


@dataclass(frozen=True)
class Loop:
    """A cursor loop into pandas and PyG, as one would write it."""

    url: str

    def __call__(self) -> Callable[[], object]:
        """Prepare nothing."""
        return self._load

    def _load(self) -> object:
        import pandas as pd
        from arango.client import ArangoClient

        client = ArangoClient(self.url)
        database: Any = client.db(DATABASE, USER, PASSWORD)
        frames = {}
        for name in ("candles", "next"):
            cursor = database.aql.execute(
                "FOR d IN @@c RETURN d", bind_vars={"@c": name}, batch_size=_BATCH_SIZE, stream=True, allow_retry=True
            )
            frames[name] = pd.DataFrame(list(cursor))
        client.close()
        return as_data(frames["candles"], frames["next"])


@dataclass(frozen=True)
class BytesAlone:
    """The same bytes, received and parsed one batch after the other, and nothing made of them."""

    url: str

    def __call__(self) -> Callable[[], object]:
        """Prepare nothing."""
        return self._load

    def _load(self) -> None:
        import base64
        from http.client import HTTPConnection

        import orjson

        connection = HTTPConnection(self.url.removeprefix("http://"))
        headers = {"Authorization": f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"}
        cursors = f"/_db/{DATABASE}/_api/cursor"

        def ask(method: str, path: str, body: bytes = b"") -> Any:
            connection.request(method, path, body, headers)
            return orjson.loads(connection.getresponse().read())

        for collection, names in (("candles", ["_key", *sorted([*ATTRIBUTES, "ts"])]), ("next", ["_from", "_to"])):
            binds = {f"a{place}": name for place, name in enumerate(names)}
            options = f" OPTIONS {{ maxProjections: {len(names)} }}" if len(names) > 5 else ""
            query = f"FOR d IN @@c{options} RETURN [{', '.join(f'd.@{bind}' for bind in binds)}]"
            body: dict[str, Any] = {"query": query, "bindVars": {"@c": collection, **binds}, "batchSize": _BATCH_SIZE}
            body["options"] = {"stream": True, "allowRetry": True}
            answer = ask("POST", cursors, orjson.dumps(body))
            cursor_id = answer["id"]
            while answer["hasMore"]:
                answer = ask("POST", f"{cursors}/{cursor_id}/{answer['nextBatchId']}")
            ask("DELETE", f"{cursors}/{cursor_id}")
        connection.close()


def main() -> None:
    """Measure against both."""
    num_vertices = 20_000 if is_quick() else 100_000
    size = described(num_vertices)
    with tempfile.TemporaryDirectory() as name, serve(write_market(Path(name), num_vertices)) as url:
        loop = Row(f"load {size}, HTTP", "python-arango loop, pandas, PyG", repeats=5)
        compare(loop, Ours(url), Loop(url))
        alone = Row(f"load {size}, HTTP, the least", "transfer and orjson.loads alone", target=0.83, repeats=5)
        compare(alone, Ours(url), BytesAlone(url))


if __name__ == "__main__":
    main()
