"""The name of a relation."""

EdgeType = tuple[str, str, str]
"""Source type, relation, target type; PyG's word."""
