"""The part of a sample that some of its seeds need: what they would have drawn, had the others not been there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.sampling.sampler import Block, Hop

Places = dict[str, NDArray[np.int64]]
"""By type, which rows of a hop are used: first the targets, then the others, in the order of the hop."""


def share(hops: Sequence[Hop], own: Mapping[str, NDArray[np.int64]]) -> tuple[list[Hop], list[Places]]:
    """The hops from some of the seeds outwards.

    Args:
        hops: of all seeds.
        own: by type, which of the seeds, ascending.

    Returns:
        The hops, in which every target has the very edges that it has in `hops`, and where their rows are there.
    """
    targets: Places = dict(own)
    found, used = [], []
    for hop in hops:
        part, targets = _share(hop, targets)
        found.append(part)
        used.append(targets)
    return found, used


def _share(hop: Hop, targets: Places) -> tuple[Hop, Places]:
    number = {name: np.full(len(rows), -1, dtype=np.int64) for name, rows in hop.rows.items()}
    for name, places in targets.items():
        number[name][places] = np.arange(len(places))
    # before the sources are numbered, of which seeds of other ranks may be some
    chosen = {edge_type: _in_order(number[edge_type[2]][block.index[1]]) for edge_type, block in hop.blocks.items()}
    used = {name: targets.get(name, np.empty(0, dtype=np.int64)) for name in hop.rows}
    for name, rows in hop.rows.items():
        is_source = np.zeros(len(rows), dtype=bool)
        for edge_type, block in hop.blocks.items():
            if edge_type[0] == name:
                is_source[block.index[0, chosen[edge_type]]] = True
        new = np.flatnonzero(is_source & (number[name] < 0))
        number[name][new] = len(used[name]) + np.arange(len(new))
        used[name] = np.concatenate([used[name], new])
    blocks = {}
    for (source, name, target), block in hop.blocks.items():
        edges = chosen[source, name, target]
        ends = number[source][block.index[0, edges]], number[target][block.index[1, edges]]
        scale = None if block.scale is None else block.scale[edges]
        blocks[source, name, target] = Block(np.stack(ends), block.edge[edges], scale)
    return Hop({name: rows[used[name]] for name, rows in hop.rows.items()}, blocks), used


def _in_order(targets: NDArray[np.int64]) -> NDArray[np.int64]:
    """The edges whose target has a number, by that number; those of one target stay in their order."""
    edges = np.flatnonzero(targets >= 0)
    of_edges = targets[edges]
    is_ordered = (of_edges[1:] >= of_edges[:-1]).all()
    ordered: NDArray[np.int64] = edges if is_ordered else edges[np.argsort(of_edges, kind="stable")]
    return ordered
