"""One run from its start to its end; `run.py` is the door."""
