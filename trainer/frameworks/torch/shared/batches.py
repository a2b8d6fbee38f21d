"""Each batch of the single run, shared out: every rank draws all of it, and learns from its own of the vertices.

All draw the same random numbers, so that any number of ranks takes the steps that one takes. The price is that drawing is
not shared: it goes on in a thread beside the steps, and costs every rank what it costs a single run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from trainer.frameworks.torch.batches import Batch, SampledBatches
from trainer.frameworks.torch.tensors import GraphTensors
from trainer.models.reach import Reach
from trainer.ranks.ranks import Ranks
from trainer.sampling.batch_plan import BatchPlan
from trainer.sampling.sampler import Hop, NeighborSampler
from trainer.sampling.share import share


class SharedBatches(SampledBatches):
    """A rank's share of the batches around the training vertices."""

    def __init__(
        self, graph: GraphTensors, reach: Reach, sampler: NeighborSampler, plan: BatchPlan, ranks: Ranks
    ) -> None:
        """Draw what a single run draws."""
        super().__init__(graph, reach, sampler, plan)
        self._rank, self._size = ranks.rank, ranks.size

    def _batch(self, rows: NDArray[np.int64], hops: Sequence[Hop]) -> Batch:
        own = np.array_split(np.arange(len(rows)), self._size)[self._rank]
        part, _ = share(hops, {self._graph.target_type: own})
        return replace(super()._batch(rows[own], part), labels=torch.from_numpy(rows))
