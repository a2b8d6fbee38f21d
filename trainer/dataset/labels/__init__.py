"""The type and the attribute to predict, and the parts of its labelled vertices; imports `grouping` and `time`."""
