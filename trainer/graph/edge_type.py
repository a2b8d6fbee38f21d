"""The type of an edge."""

EdgeType = tuple[str, str, str]
"""Source type, relation, target type; PyG's word."""
