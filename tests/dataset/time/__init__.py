"""How times are read, and the times of each vertex type."""
