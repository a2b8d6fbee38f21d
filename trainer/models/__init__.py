"""What learns: PyG's models by name, over one relation or many, on sums over neighbours that are fast both ways."""
