"""Mini-batches and their neighbours, in NumPy; needs nothing of the dataset."""
