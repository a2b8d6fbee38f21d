"""Settings: where they come from, what is refused, what the user reads."""
