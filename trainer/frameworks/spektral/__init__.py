"""Spektral on TensorFlow: its layers, and a training of its own around them."""
