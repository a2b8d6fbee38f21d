"""A trained model at work: predictions for a graph."""
