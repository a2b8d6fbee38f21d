"""Mini-batches and their neighbours, in NumPy."""
