"""Models: what trains fast is what PyG has."""
