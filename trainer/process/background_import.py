"""Heavy modules, loaded in a thread while the run waits for its graph."""

from __future__ import annotations

import importlib
import threading
from contextlib import suppress


class BackgroundImport:
    """Modules on their way into memory; their errors come up where they are imported in earnest."""

    def __init__(self, *names: str) -> None:
        """Nothing is imported yet."""
        self._names = names
        # No daemon: Python would end around the half-loaded libraries, and may crash in them.
        self._thread = threading.Thread(target=self._import, name="imported-ahead")
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin, unless that was done before; returns at once."""
        with self._lock:
            if self._thread.ident is None:
                self._thread.start()

    def wait(self) -> None:
        """Wait until the modules are there, or cannot be."""
        self.start()
        self._thread.join()

    def _import(self) -> None:
        with suppress(Exception):  # the import statement that follows raises it again
            for name in self._names:
                importlib.import_module(name)
