"""Baselines: what is predicted without the graph."""
