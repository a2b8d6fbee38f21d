"""Graphs in folders that `arangodump` has written."""
