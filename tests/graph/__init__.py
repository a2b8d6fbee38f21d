"""Tests of the graph in memory and of where it comes from."""
