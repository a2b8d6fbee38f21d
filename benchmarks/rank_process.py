"""One process of a run, on a graph that it makes in memory, and what that took; its place stands in its variables.

python -m benchmarks.rank_process GRAPH NUM_VERTICES FINDINGS [flags of a run]

The libraries are imported before the program begins, so that their memory is known; a high-water mark of the kernel's is set
back when the first epoch begins.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.graphs import GRAPHS
from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.graph import Graph
from trainer.graph.source import Progress
from trainer.process.memory import prefer_huge_pages

LIBRARIES = (
    "scipy.sparse",
    "torch.distributed",
    "torch_geometric.nn",
    "trainer.artifacts.metrics_file",
    "trainer.frameworks.pyg.backend",
    "trainer.job.follow",
    "trainer.job.run",
    "trainer.ranks.together",
    "trainer.report",
    "trainer.training.baselines.measuring",
)


class _Made:
    """A source that makes its graph when it is asked for it."""

    def __init__(self, name: str, num_vertices: int) -> None:
        self._name, self._num_vertices = name, num_vertices

    def load(self, names: Sequence[str], wanted: AttributeFilter, progress: Progress) -> Graph:
        """See `GraphSource.load`."""
        graph = GRAPHS[self._name](self._num_vertices)
        progress(graph.num_vertices, graph.num_edges)
        return graph


def main(name: str, num_vertices: int, findings: Path, flags: Sequence[str]) -> int:
    """Run the program and write down what it took; returns its exit code.

    Args:
        name: of `GRAPHS`.
        num_vertices: of the graph.
        findings: a JSON file of bytes beyond the libraries: `loading` until the first epoch, `held` when it begins,
            `epochs` the most from then on.
        flags: of the program, without the graph.
    """
    prefer_huge_pages()
    for library in LIBRARIES:
        import_module(library)

    import trainer.preparation
    import trainer.training.fit as fitting
    from main import main as run

    imports, found, fit = _kept("VmRSS"), {}, fitting.fit

    def measured_fit(*args: Any, **kwargs: Any) -> Any:
        found["loading"], found["held"] = _kept("VmHWM") - imports, _kept("VmRSS") - imports
        Path("/proc/self/clear_refs").write_text("5")
        result = fit(*args, **kwargs)
        found["epochs"] = _kept("VmHWM") - imports
        return result

    vars(trainer.preparation)["open_source"] = lambda graph, arango: _Made(name, num_vertices)
    vars(fitting)["fit"] = measured_fit
    code = run(["--graph_path", "in-memory", "--graph_name", name, *flags])
    findings.write_text(json.dumps(found))
    return code


def _kept(which: str) -> int:
    """Bytes of this process in memory, VmRSS, or the most so far, VmHWM."""
    found = re.search(rf"{which}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None, "Linux says it"
    return int(found[1]) * 1024


if __name__ == "__main__":
    code = main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])
    sys.stdout.flush()
    os._exit(code)
