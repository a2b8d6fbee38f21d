"""Whether there is a folder for temporary files, found out before libraries that need one are imported."""

from __future__ import annotations

import tempfile

from trainer.errors import SettingsError


def check_temporary_folder() -> None:
    """Make sure that temporary files can be written.

    Raises:
        SettingsError: there is no folder for them, as in a container with a read-only root and no /tmp.
    """
    try:
        tempfile.gettempdir()
    except OSError:
        raise SettingsError(
            "There is no writable temporary folder: mount one at /tmp, or name one in the variable TMPDIR."
        ) from None
