"""Bad inputs over the real command line: the right exit code, one sentence that names the culprit, nothing left."""
