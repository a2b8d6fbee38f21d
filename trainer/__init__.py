"""One-shot training of a graph neural network on a graph stored by StreamForge's graph-builder."""

__version__ = "0.2.0"
