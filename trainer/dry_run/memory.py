"""How much memory a run would need, reckoned before torch is loaded: an estimate, rounded up.

It is about whole runs on a CPU. `trainer/registry/memory_use.py` has the figures of each model, and how they were found;
`benchmarks/memory_estimate.py` measures how far the estimates are off: peaks were 0.86 to 1.02 times them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.dataset import Dataset
from trainer.dataset.inputs import Inputs
from trainer.dry_run.result import MemoryEstimate
from trainer.dry_run.work import Sizes, Work
from trainer.models.spec import HomogeneousSpec, ModelSpec
from trainer.registry.frameworks import FRAMEWORKS
from trainer.registry.memory_use import MemoryUse
from trainer.registry.models import MODELS
from trainer.sampling.batch_plan import MAX_PIECE, BatchPlan, plan_batches
from trainer.settings.groups.sampling import SamplingSettings

_PROGRAM_BYTES = 1_000_000_000
"""A whole run on a graph of a few thousand vertices: torch's build for CPUs, and the libraries of the evaluation."""
_DRAWN_BYTES = 256
"""For each edge that is drawn: rows, places and weights, of this batch and of the one that is drawn meanwhile."""
_DROPOUT = 2.0
"""Vectors that dropout keeps for each vertex and layer."""
_COPIES = 4
"""Of each learned number: the number, its gradient, and two moments of the optimiser."""
_FLOAT = 4


def estimate_memory(
    dataset: Dataset, spec: ModelSpec, sampling: SamplingSettings, num_parameters: int | None, loading_bytes: int | None
) -> MemoryEstimate:
    """The largest of what the phases of a run need.

    Args:
        dataset: what is learned from.
        spec: the model.
        sampling: BATCH_SIZE and NUM_NEIGHBORS.
        num_parameters: of the model; None where it is not known.
        loading_bytes: what loading and preparing took at their peak; None where it is not known.
    """
    framework = FRAMEWORKS[spec.framework]
    program = _PROGRAM_BYTES + framework.more_program_bytes
    arrays, training = _array_bytes(dataset), _training_bytes(dataset, spec, sampling, num_parameters)
    total = None if training is None else program + max(loading_bytes or 0, arrays + training)
    if framework.has_estimate:
        on = "mini-batches" if sampling.batch_size else "the whole graph"
        reckoned = f"{spec.type} on {on}, reckoned from vertices, edges and widths"
    else:
        reckoned = f"not known: no training with FRAMEWORK={spec.framework} was measured"
    return MemoryEstimate(
        total_bytes=_rounded_up(total),
        program_bytes=program,
        loading_bytes=_rounded_up(loading_bytes),
        dataset_bytes=_rounded_up(arrays) or 0,
        training_bytes=_rounded_up(training),
        reckoned={
            "program_bytes": "interpreter and libraries, with torch's build for CPUs",
            "loading_bytes": "loading and preparing the graph: the peak of this dry run",
            "dataset_bytes": "the arrays to learn from",
            "training_bytes": reckoned,
            "total_bytes": "the program, and loading or dataset and training, whichever is more",
        },
    )


def _training_bytes(
    dataset: Dataset, spec: ModelSpec, sampling: SamplingSettings, num_parameters: int | None
) -> float | None:
    use, inputs = MODELS[spec.type].memory, dataset.inputs
    if use is None or not FRAMEWORKS[spec.framework].has_estimate:
        return None
    rows = np.flatnonzero(dataset.split.mask("train"))
    plan = plan_batches(sampling, spec.num_layers, 0, rows, inputs.graph_of_row)
    epoch = _Epoch(inputs, spec, use)
    peak = epoch.whole_graph() if plan is None else epoch.batches(plan)
    return peak + _COPIES * _FLOAT * (num_parameters or 0)


def _rounded_up(num_bytes: float | None) -> int | None:
    """To whole megabytes; nothing finer is known."""
    return None if num_bytes is None else math.ceil(num_bytes / 1e6) * 1_000_000


def _array_bytes(dataset: Dataset) -> int:
    arrays: list[NDArray[Any]] = [dataset.y, dataset.target.y, dataset.target.labelled, dataset.split.part]
    for vertices in dataset.inputs.vertices.values():
        arrays += [vertices.x, vertices.keys, vertices.collection]
        if vertices.time is not None:
            arrays += [vertices.time.values, vertices.time.missing]
    for edges in dataset.inputs.edges.values():
        arrays.append(edges.index)
        if edges.weight is not None:
            arrays.append(edges.weight)
    return sum(array.nbytes for array in arrays)


class _Epoch:
    """What an epoch of a model needs."""

    def __init__(self, inputs: Inputs, spec: ModelSpec, use: MemoryUse) -> None:
        """Of this model on these inputs."""
        self._sizes, self._use = Sizes(inputs, spec), use
        self._is_narrow = isinstance(spec, HomogeneousSpec)  # the last layer gives the outputs, and there is no encoder
        self._heads = spec.heads or 1
        self._dropout = _DROPOUT if spec.dropout else 0.0
        self._hidden_bytes: int = _FLOAT * spec.hidden_channels
        self._input_bytes: dict[str, int] = {
            name: _FLOAT * inputs.vertices[name].x.shape[1] for name in self._sizes.rows
        }
        self._edge_input_bytes: int = _FLOAT * spec.in_channels if isinstance(spec, HomogeneousSpec) else 0

    def whole_graph(self) -> float:
        """The whole graph at once."""
        return self._bytes(self._sizes.whole_graph()) + self._use.edge.num_bytes * sum(self._sizes.edges.values())

    def batches(self, plan: BatchPlan) -> float:
        """A batch, or afterwards the outputs of all vertices."""
        work = self._sizes.average_batch(plan)
        return max(self._bytes(work) + _DRAWN_BYTES * work.num_edges, self._pieces())

    def _pieces(self) -> float:
        """The outputs of all vertices, a layer at a time: the vectors of two layers, and a piece of the graph."""
        all_rows, num_edges = sum(self._sizes.rows.values()), min(sum(self._sizes.edges.values()), MAX_PIECE)
        vertex, edge = self._use.vertex, self._use.edge
        per_row = vertex.hidden * self._hidden_bytes + max(self._input_bytes.values())
        per_edge = (edge.hidden + edge.kept) * self._hidden_bytes + _DRAWN_BYTES / 2  # nothing is drawn meanwhile
        return 2 * all_rows * self._hidden_bytes + per_row * min(all_rows, num_edges) + per_edge * num_edges

    def _bytes(self, work: Work) -> float:
        vertex, edge, first = self._use.vertex, self._use.edge, work.layers[0]
        kept = work.layers[:-1] if self._is_narrow else work.layers
        kept_rows, kept_edges = sum(layer.num_rows for layer in kept), sum(layer.num_edges for layer in kept)
        encoded = 0 if self._is_narrow else sum(work.rows.values())
        vectors = vertex.hidden * max(work.rows.values()) + vertex.kept * (kept_rows + encoded)
        vectors += edge.hidden * max(first.edges.values(), default=0) + edge.kept * kept_edges
        inputs = vertex.inputs * sum(num * self._input_bytes[name] for name, num in work.rows.items())
        inputs += edge.inputs * first.num_edges * self._edge_input_bytes
        heads = edge.bytes_per_head * self._heads * work.num_edges
        return (vectors + self._dropout * kept_rows) * self._hidden_bytes + inputs + heads
