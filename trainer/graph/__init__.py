"""Where a graph comes from, and what it is in memory: numpy only, no torch."""
