"""Loaded last by the server that forks runs: what it has loaded is shared by all of them, and no garbage for any of them.

A collection would look at each object of torch in every run again, which writes to its memory and so copies it.
"""

import gc

gc.collect()
gc.freeze()
