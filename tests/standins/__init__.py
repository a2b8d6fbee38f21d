"""Servers for the tests: real ones started as processes, and what is put between them and the client."""
