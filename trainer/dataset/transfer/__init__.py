"""The inputs of another graph, by the schema of the one that was learned from."""
