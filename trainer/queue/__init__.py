"""What queue-manager sends, and the Kubernetes Job that it makes of a start message."""
