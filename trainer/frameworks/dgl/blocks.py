"""An `Adjacency` as a graph of DGL's, made once."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import torch

from trainer.frameworks.dgl.library import dgl
from trainer.frameworks.torch.sparse import Adjacency

_BLOCKS: WeakKeyDictionary[Adjacency, dgl.DGLGraph] = WeakKeyDictionary()


def block_of(adjacency: Adjacency) -> dgl.DGLGraph:
    """The edges from sources to targets, in the order of the adjacency; the arrays are shared.

    The edges are numbered explicitly: without numbers, which DGL allows, its sums with weights fail.
    """
    block = _BLOCKS.get(adjacency)
    if block is None:
        numbers = torch.arange(adjacency.col.numel(), dtype=adjacency.col.dtype)
        block = dgl.create_block(
            ("csc", (adjacency.crow, adjacency.col, numbers)),
            num_src_nodes=adjacency.num_sources,
            num_dst_nodes=adjacency.num_targets,
        )
        _BLOCKS[adjacency] = block
    return block
