"""Graphs out of ArangoDB, on the strict stand-in or on the server of TEST_ARANGO_URL."""
