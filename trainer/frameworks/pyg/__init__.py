"""PyTorch Geometric's models, on sums over neighbours that are fast both ways."""
