"""Tests of what queue-manager and this service say to each other."""
