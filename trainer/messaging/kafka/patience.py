"""How long a run waits for Kafka: all limits in one place, in seconds where the name ends in `_S`, in milliseconds where in `_MS`."""

START_TIMEOUT_S = 20.0
"""How long the first event waits for its topic, and then for its delivery: longer than a broker needs to elect a leader."""
READY_TIMEOUT_S = 20.0
"""How long the reading of the control topic may take without progress, before the run begins."""
END_TIMEOUT_S = 30.0
"""How long the terminal event is tried: nobody would know how the run ended."""
LAST_CHANCE_S = 3.0
"""How long the terminal event is tried once Kafka has been given up."""
MESSAGE_TIMEOUT_S = 40.0
"""How long one producer tries; longer than any limit above, so that within them the same one tries again, without duplicates."""

CONNECT_TIMEOUT_MS = 8_000
"""An address that swallows packets is reported within the limits above, by name."""
REQUEST_TIMEOUT_MS = 8_000
"""A connection that a firewall has forgotten is given up in time for another one within the limits above."""
RECONNECT_AFTER_MS = 500
"""The longest pause between two connections: a broker that is back is found soon."""
FIRST_METADATA_TIMEOUT_S = 0.25
"""How long the first question for the topics may take, and so how late a refusal is seen; each further one twice as long."""
METADATA_TIMEOUT_S = 4.0
"""How long any question for the topics may take: a slow network needs longer than the first."""
OFFSETS_TIMEOUT_S = 5.0
"""How long a question for the offsets of a partition may take."""
TOPIC_REQUEST_TIMEOUT_S = 3.0
"""How long the brokers may take to describe a topic."""
TOPIC_CALL_TIMEOUT_S = 4.0
"""A little longer than the request's own, which fails with a reason."""

STUCK_AFTER_S = 5.0
"""A producer that is connected for so long and delivers nothing never will."""
SECOND_LOOK_AFTER_S = 1.5
"""A topic that was created a second ago is not known to every broker yet, so it is missing only if it still is by then."""
DEAF_AFTER_S = 8.0
"""How long a topic that was read may be unreadable before it is said, where nothing refuses it."""
REFRESH_S = 10.0
"""How often the control topic is looked at: whether it is there, the same as before, and has new partitions."""
PROOF_S = 3.0
"""How long the end of each partition may take to be reported before reading is begun again."""

FETCH_WAIT_MS = 500
"""How long a broker may hold back its answer to a reader for whom there is nothing; a message ends that at once."""
STEP_S = 0.5
"""The pause between two tries to deliver, and how often a delivery that is waited for is looked at."""
RETRY_S = 0.3
"""The pause between two tries to read the control topic."""
POLL_S = 0.1
"""How long a thread that serves a client waits for something to do, and so how late it sees that it shall end."""
DESCRIBE_POLL_S = 0.05
"""The same while a topic is being described, which is quick."""
LEAST_CALL_S = 0.05
"""A call that comes too late is made all the same, this short."""

CLOSE_TIMEOUT_S = 2.0
"""How long the end waits for progress events, and for the consumer: nothing is lost with either."""
RETIRE_S = 1.5
"""How long a producer that is replaced may take to report what became of its messages; longer than the next limit."""
LAST_REPORTS_S = 1.0
"""How long a producer that ends waits for the reports of what it dropped."""
