"""The edges of each relation as arrays."""
