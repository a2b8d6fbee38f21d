"""Which collections are one vertex type, and which one relation; imports no other group."""
