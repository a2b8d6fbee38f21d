"""Events and commands while a run lasts: the log, the terminal, Kafka."""
