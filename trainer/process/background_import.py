"""Heavy modules, imported in a thread while the run waits for its graph."""

from __future__ import annotations

import importlib
import threading


class BackgroundImport:
    """Modules that a thread imports; the error of one that cannot be imported is raised by `wait`."""

    def __init__(self, *names: str) -> None:
        """Nothing is imported yet."""
        self._names = names
        # No daemon: Python would shut down with half-loaded libraries, and may crash in them.
        self._thread = threading.Thread(target=self._import, name="background-import")
        self._lock = threading.Lock()
        self._error: Exception | None = None
        self._failed = ""

    @property
    def failure(self) -> str:
        """After `wait` has raised an error: which module that was, and what it said, on one line."""
        what = " ".join(str(self._error).split())
        return f"importing {self._failed} failed ({type(self._error).__name__}: {what:.300})"

    def start(self) -> None:
        """Start the thread, unless it was started before; returns at once."""
        with self._lock:
            if self._thread.ident is None:
                self._thread.start()

    def wait(self) -> None:
        """Wait until the modules are imported.

        Raises:
            Exception: what the first that failed has raised; a second import would complain of half a module instead.
        """
        self.start()
        self._thread.join()
        if self._error is not None:
            raise self._error

    def _import(self) -> None:
        for name in self._names:
            try:
                importlib.import_module(name)
            except Exception as error:
                self._error = error
            except SystemExit as error:  # a library that gives up so would end the thread without a word
                self._error = ImportError(f"it asked to end the program with {error.code!r}")
            if self._error is not None:
                self._failed = name
                return
