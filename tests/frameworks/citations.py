"""A graph of the shape of Cora (Planetoid, Yang et al. 2016), drawn from a seed: papers with few words, few labels, and edges."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.conftest import make_graph
from trainer.graph.graph import Graph

NUM_WORDS, NUM_LABELLED = 15, 20
"""Words of each paper, and papers of each class in the training part."""
SETTINGS: dict[str, Any] = {"target": "topic", "features": ["words"], "dropout": 0.5, "weight_decay": 5e-4}
"""As in the papers about it."""


def citations(num_papers: int, num_topics: int, vocabulary: int, own_words: float, seed: int) -> Graph:
    """Papers `v` that cite two others each, 30 % of them of another topic; edges in both directions.

    Args:
        num_papers: how many, a tenth of them for validation; what is neither that nor training is the test part.
        num_topics: classes, of equal size.
        vocabulary: how many words there are.
        own_words: the share of a paper's words that are drawn from those of its topic, the rest from all.
        seed: of everything that is drawn.
    """
    rng = np.random.default_rng(seed)
    topic = rng.permutation(num_papers) % num_topics
    words = np.zeros((num_papers, vocabulary))
    for paper in range(num_papers):
        own = rng.integers(0, vocabulary // num_topics, NUM_WORDS) * num_topics + topic[paper]
        drawn = np.where(rng.random(NUM_WORDS) < own_words, own, rng.integers(0, vocabulary, NUM_WORDS))
        words[paper, drawn] = 1 / NUM_WORDS
    part = np.full(num_papers, "test", dtype=object)
    part[rng.permutation(num_papers)[: num_papers // 10]] = "val"
    for number in range(num_topics):
        part[np.flatnonzero(topic == number)[:NUM_LABELLED]] = "train"
    by_topic = [np.flatnonzero(topic == number) for number in range(num_topics)]
    edges = []
    for paper in np.repeat(np.arange(num_papers), 2).tolist():
        among = by_topic[topic[paper]]
        if rng.random() < 0.3:
            among = by_topic[(topic[paper] + rng.integers(1, num_topics)) % num_topics]
        edges += [(paper, other := rng.choice(among)), (other, paper)]
    documents = [
        {"words": words[paper].tolist(), "topic": f"t{topic[paper]}", "split": part[paper]}
        for paper in range(num_papers)
    ]
    return make_graph(documents, [(f"k{source:05}", f"k{target:05}") for source, target in edges])
