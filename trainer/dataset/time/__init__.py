"""The time of each vertex; imports `grouping`."""
