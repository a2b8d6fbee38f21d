"""How long the files may be that settings come from."""

from __future__ import annotations

from trainer.bounds.bound import MIB, Bound

LONGEST_ENV_FILE_BYTES = MIB
LONGEST_SECRET_BYTES = 65_536
LONGEST_CA_FILE_BYTES = 16 * MIB

BOUNDS = (
    Bound("LONGEST_ENV_FILE_BYTES", "`.env`", "all settings together are a few kilobytes"),
    Bound(
        "LONGEST_SECRET_BYTES",
        "the file of a `*_FILE` variable",
        "no name, key or password has more, and one variable could not hold many more",
    ),
    Bound("LONGEST_CA_FILE_BYTES", "a file of CAs", "all CAs that browsers trust are 0.5 MB"),
)
