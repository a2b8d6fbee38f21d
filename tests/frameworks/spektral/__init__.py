"""Spektral as a framework: its layers say what PyG's say, and its training keeps what is promised of every training.

These tests are skipped where TensorFlow and Spektral are not installed; `make test-spektral` has them.
"""
