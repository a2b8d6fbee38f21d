"""What frameworks on torch share: sums over neighbours, a model layer by layer, and the training loop."""
