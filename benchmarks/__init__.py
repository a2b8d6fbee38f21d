"""What this program gains over what one would write without it, measured side by side."""
