"""What a run would learn, said without learning it: DRY_RUN."""
