"""How long a run waits for ArangoDB: all limits in one place, in seconds. With them a run survives a restart of the server."""

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 120.0
"""How long each wait for bytes may take: the first batch of a query may need a full scan."""
ATTEMPTS = 6
"""How often one request is sent, while a further attempt may help."""
TOTAL_S = 300.0
"""After this time a request is not sent again."""
QUERY_RUNS = 3
"""How often one query is run, from its beginning, when its cursor is gone."""
FIRST_WAIT_S = 1.0
"""The pause before the second attempt, with a random part as long; each further one is twice as long."""
LONGEST_WAIT_S = 16.0
"""Longer pauses would find a server late that came back."""
CURSOR_TTL_S = 600
"""How long the server keeps a cursor between two batches: longer than the attempts to fetch the next one may take."""
GRACE_S = 1.0
"""How long the other threads of a load that has failed may take to close their cursors."""
TICK_S = 0.1
"""How often a load says how far it is, and looks for a stop."""
