"""How much files and servers may send: the numbers, each with why no honest graph meets it; one file a source."""
