"""The target, its labels, and the split of labelled vertices into parts."""
