"""Where a graph comes from, and what it is in memory: numpy only, no torch.

The files here are what other rooms use: the graph, its columns, and the port of its sources. `building` makes tables
out of documents, for every source; `dump` and `arango` are the sources, which `open` chooses from.
"""
