"""A graph made ready to learn from: inputs, labels and parts as arrays, without torch.

Imports go one way: `attribute_names`, `warned` < `grouping` < `time` < `edges` < `labels` < `features` < `schema`, `inputs`,
`encoding` < `transfer` and `dataset`, which puts everything together.
"""
