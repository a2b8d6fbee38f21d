"""Every variable and flag of a run: defined, read, checked and documented here, and nowhere else."""
