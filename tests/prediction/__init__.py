"""The measures of predictions, and how they are stored."""
