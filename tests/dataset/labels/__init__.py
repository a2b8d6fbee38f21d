"""The labels, and the parts of the labelled vertices."""
