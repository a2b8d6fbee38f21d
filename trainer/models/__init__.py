"""Which model a graph gets, as plain values: no framework is needed to say it."""
