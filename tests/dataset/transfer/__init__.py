"""Other graphs, encoded by the schema of the one that was learned from."""
