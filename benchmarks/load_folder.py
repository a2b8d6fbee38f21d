"""A graph out of a dump folder: ours against `json.loads` per line into pandas."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.dumps import ATTRIBUTES, GRAPH, data_file, described, write_market
from benchmarks.results import is_quick
from benchmarks.side_by_side import Row, compare


@dataclass(frozen=True)
class Ours:
    """The reader of this program."""

    folder: Path

    def __call__(self) -> Callable[[], object]:
        """Prepare nothing."""
        from trainer.graph.attribute_filter import AttributeFilter
        from trainer.graph.dump.source import DumpSource

        everything = AttributeFilter(frozenset(), lambda name: True, all_numeric=True, needs_all_names=True)
        return lambda: DumpSource(self.folder).load([GRAPH], everything, lambda vertices, edges: None)


@dataclass(frozen=True)
class Peer:
    """What one would write."""

    folder: Path

    def __call__(self) -> Callable[[], object]:
        """Prepare nothing."""
        return self._load

    def _load(self) -> object:
        import pandas as pd

        frames = {}
        for name in ("candles", "next"):
            path = data_file(self.folder, name)
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
                frames[name] = pd.DataFrame([json.loads(line) for line in lines])
        return as_data(frames["candles"], frames["next"])


def as_data(vertices: Any, edges: Any) -> object:
    """Two data frames as PyG takes them."""
    import numpy as np
    import pandas as pd
    import torch
    from torch_geometric.data import Data

    rows = pd.Series(np.arange(len(vertices)), index=vertices["_id"])
    index = np.stack([rows.reindex(edges[side]).to_numpy() for side in ("_from", "_to")])
    x = torch.from_numpy(vertices[ATTRIBUTES].to_numpy(np.float32))
    return Data(x=x, edge_index=torch.from_numpy(index))


def main() -> None:
    """Measure plain and compressed folders."""
    num_vertices = 20_000 if is_quick() else 100_000
    size = described(num_vertices)
    with tempfile.TemporaryDirectory() as name:
        for compress in (False, True):
            folder = write_market(Path(name) / f"{compress}", num_vertices, compress=compress)
            kind = "gzip folder" if compress else "folder"
            row = Row(f"load {size}, {kind}", "json.loads per line, pandas", target=3, repeats=5)
            compare(row, Ours(folder), Peer(folder))


if __name__ == "__main__":
    main()
