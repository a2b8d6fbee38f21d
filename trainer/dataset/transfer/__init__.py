"""Another graph, such as that of another day, encoded by the schema of the one that was learned from."""
