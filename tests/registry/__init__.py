"""What a row is enough for: one more model, one more framework."""
