"""Another graph, such as that of another day, seen through the schema of the one that was learned from."""
