"""What other programs may rely on, written down for them: schemas and AsyncAPI, generated from the code."""
