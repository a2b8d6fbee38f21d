"""The edges of each relation as arrays: weighted, reversed, and kept from the future; imports `grouping` and `time`."""
