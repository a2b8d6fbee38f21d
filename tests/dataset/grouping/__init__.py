"""Which collections are one vertex type, and which one relation."""
