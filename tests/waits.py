"""How long a test waits for what must come."""

LONG_S = 300.0
"""Seconds that only something that hangs takes: how busy a machine is must not decide."""
