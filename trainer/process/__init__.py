"""What every program needs of its process: stop requests, its end, threads, memory, background work."""
