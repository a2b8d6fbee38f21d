"""The schemas of all messages, for programs in other languages."""
