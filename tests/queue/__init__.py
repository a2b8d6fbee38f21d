"""Commands of queue-manager, and the Job that a start message becomes."""
