"""From JSON documents, in whatever order and batches a source delivers them, to the tables of a graph."""
