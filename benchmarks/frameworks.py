"""An epoch of each framework, as a run makes it: forward, loss, backward, step, and the outputs that are judged.

PyTorch Geometric is ours, the peer is another framework of FRAMEWORK; one that is not installed here has no rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.graphs import NAME, candle_graph
from benchmarks.results import is_quick
from benchmarks.side_by_side import Row, compare, shown_count
from trainer.dataset.dataset import build_dataset
from trainer.frameworks.open import open_backend
from trainer.models.describe import describe_model
from trainer.process.stop import StopToken
from trainer.process.threads import available_cpus
from trainer.registry.frameworks import FRAMEWORKS
from trainer.settings.sources import load_settings

MODELS = ("GCN", "GraphSAGE", "GAT")
"""One of each kind: with values on the edges, without, with a score for each edge and head."""


@dataclass(frozen=True)
class Epoch:
    """A training of one framework."""

    framework: str
    model_type: str
    num_vertices: int

    def __call__(self) -> Callable[[], float]:
        """An epoch, which returns its loss."""
        flags = ["--framework", self.framework, "--model_type", self.model_type, "--output_path", "m.pt"]
        settings = load_settings([*flags, "--graph_path", "in-memory", "--graph_name", NAME], {})
        graph = candle_graph(self.num_vertices)
        groups = settings.data, settings.training, settings.split, settings.sampling
        dataset = build_dataset(graph, *groups, self.model_type)
        spec = describe_model(settings.model, dataset.inputs, dataset.target.num_outputs)
        backend = open_backend(self.framework)
        backend.set_threads(available_cpus())
        training = backend.make_training(spec, dataset, settings.training, settings.sampling, StopToken())

        def epoch() -> float:
            record = training.run_epoch()
            assert record is not None, "nobody stops it"
            return record.loss

        return epoch


def main() -> None:
    """Some models of each other framework."""
    num_vertices = 10_000 if is_quick() else 100_000
    shape = f"{shown_count(num_vertices)} vertices, {shown_count(20 * num_vertices)} edges"
    for name, framework in FRAMEWORKS.items():
        if name == "pyg" or not framework.is_installed:
            continue
        for model_type in (model for model in MODELS if model in framework.models):
            row = Row(f"epoch of a run, {shape}, {model_type}", f"FRAMEWORK={name}", repeats=3)
            compare(row, Epoch("pyg", model_type, num_vertices), Epoch(name, model_type, num_vertices))


if __name__ == "__main__":
    main()
