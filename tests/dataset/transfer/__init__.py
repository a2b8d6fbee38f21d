"""Other graphs, seen through the schema of the one that was learned from."""
