"""How long a run waits for an S3 store: all limits in one place, in seconds."""

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 20.0
QUICK_PATIENCE_S = 15.0
"""How long a store may be away when little is lost by giving up."""
PUT_PATIENCE_S = 45.0
"""How long it may be away when a checkpoint waits to be stored."""
END_PATIENCE_S = 90.0
"""How long it may be away when the result of the training waits to be stored, all calls together."""
FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 5.0
JITTER_S = 0.3
