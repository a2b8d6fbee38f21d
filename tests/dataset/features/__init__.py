"""Which attributes are features, and what is learned of them."""
