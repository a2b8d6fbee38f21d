"""Predictions without the graph, for the model to be compared with."""
