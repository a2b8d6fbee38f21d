"""A graph made ready to learn from: target, split, features, tensors."""
