"""Kafka around a run: its events go to one topic, the commands of queue-manager come from another."""
