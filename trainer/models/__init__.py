"""What learns: PyG's own models, by name."""
