"""Loaded by the server that forks runs: it ends with the tests that use it, and its runs with it."""

from tests.left_behind import die_with_parent

die_with_parent()
