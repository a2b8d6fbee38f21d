"""The libraries that models come from, each behind the protocol `Backend`."""
