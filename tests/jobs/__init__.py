"""Whole runs as queue-manager starts them: `main.py` with an environment, between ArangoDB, Kafka and S3."""
