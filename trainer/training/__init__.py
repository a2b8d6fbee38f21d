"""How a model learns, and how well it does."""
