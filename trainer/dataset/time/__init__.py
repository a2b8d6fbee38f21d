"""The time of each vertex, and edges that carry the future into the past."""
