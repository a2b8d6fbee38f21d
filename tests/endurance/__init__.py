"""Proofs that take minutes, for anyone to run; no part of the suite. See README.md beside this file."""
