"""A graph made ready to learn from: inputs, labels and parts as arrays, without torch.

Imports go one way (`tests/test_house.py`): `grouping`, `time`, `edges`, `labels`, `features`, then what a model sees (`inputs`,
`schema`, `encoding`), then `transfer` to other graphs; `dataset` puts them together.
"""
