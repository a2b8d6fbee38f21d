"""Which attributes are features, and the columns that they become."""
