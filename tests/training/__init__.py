"""Training: losses, epochs, stops, measures and baselines."""
