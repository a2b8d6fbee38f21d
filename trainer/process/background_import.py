"""Heavy modules, imported in a thread while the run waits for its graph."""

from __future__ import annotations

import importlib
import threading
from contextlib import suppress


class BackgroundImport:
    """Modules that a thread imports; their errors are raised by the import statement that follows."""

    def __init__(self, *names: str) -> None:
        """Nothing is imported yet."""
        self._names = names
        # No daemon: Python would shut down with half-loaded libraries, and may crash in them.
        self._thread = threading.Thread(target=self._import, name="background-import")
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start the thread, unless it was started before; returns at once."""
        with self._lock:
            if self._thread.ident is None:
                self._thread.start()

    def wait(self) -> None:
        """Wait until the modules are imported, or have failed."""
        self.start()
        self._thread.join()

    def _import(self) -> None:
        with suppress(Exception):
            for name in self._names:
                importlib.import_module(name)
