"""Named graphs out of ArangoDB over HTTP: only what a run uses, batch by batch, without a lost or doubled row."""
