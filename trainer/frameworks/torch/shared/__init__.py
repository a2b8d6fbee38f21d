"""One training shared by several ranks: each learns from some of the vertices, and all take the same steps."""
