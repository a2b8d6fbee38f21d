"""How much memory a layer needs in training, for each model of MODEL_TYPE: figures to reckon an estimate from.

They were fitted to the peaks of an epoch on a CPU, measured for each model at 4 to 12 sizes (40,000 or 200,000 vertices,
1 to 10 edges for each, 16 or 128 inputs, hidden width 64 or 128, 2 to 4 layers). What torch takes for its first step,
however small (40 to 60 MB), is not in them; it counts as a part of the program.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one vertex needs, or one edge, in vectors of float32.

    Attributes:
        hidden: vectors of hidden width, of the layer that is computed.
        kept: such vectors that each layer keeps until the gradients are computed.
        inputs: vectors of the width of the inputs.
        num_bytes: bytes, once for all layers.
        bytes_per_head: bytes for each layer and attention head.
    """

    hidden: float = 0.0
    kept: float = 0.0
    inputs: float = 0.0
    num_bytes: int = 0
    bytes_per_head: int = 0


@dataclass(frozen=True, kw_only=True)
class MemoryUse:
    """What each vertex and each edge needs."""

    vertex: Share
    edge: Share


WHOLE_MATRICES = MemoryUse(vertex=Share(hidden=2, kept=1, inputs=1), edge=Share(num_bytes=28))
"""GraphSAGE and GraphConv: sums over neighbours without a vector for each edge."""

NORMALISED = MemoryUse(vertex=Share(hidden=2, kept=1, inputs=1), edge=Share(num_bytes=36))
"""GCN: the same with a weight for each edge."""

NETWORK = MemoryUse(vertex=Share(hidden=2, kept=2, inputs=2), edge=Share(num_bytes=28))
"""GIN: two maps in each layer."""

ADDITIVE_ATTENTION = MemoryUse(vertex=Share(hidden=2.5, kept=4, inputs=1), edge=Share(bytes_per_head=16))
"""GAT: a score for each edge and head."""

DYNAMIC_ATTENTION = MemoryUse(vertex=Share(hidden=4, kept=5, inputs=1), edge=Share(bytes_per_head=16))
"""GATv2: the same, with two maps."""

EDGE_NETWORK = MemoryUse(vertex=Share(hidden=3, kept=3.5, inputs=1), edge=Share(hidden=4, kept=4.5, inputs=2))
"""EdgeCNN: a network on each edge."""

REDUCTIONS = MemoryUse(vertex=Share(hidden=16, kept=27, inputs=14), edge=Share(hidden=6, kept=4, inputs=5.5))
"""PNA: a message for each edge, and 12 reductions for each vertex."""
