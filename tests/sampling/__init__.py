"""Neighbour sampling and batch plans."""
