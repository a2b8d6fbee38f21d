"""Which attributes are features, and what is learned of each; imports `grouping`, `time` and `labels`."""
