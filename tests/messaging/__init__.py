"""Messaging: the pace of events."""
