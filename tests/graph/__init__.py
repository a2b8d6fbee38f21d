"""Tests of the graph in memory and of the folders it comes from."""
