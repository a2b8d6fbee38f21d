"""Whole runs: the program as a process, or its job with nothing around it."""
