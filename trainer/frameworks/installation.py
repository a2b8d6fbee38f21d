"""Whether a framework's libraries can be used; no library is imported before it is asked for."""

from __future__ import annotations

from trainer.errors import SettingsError
from trainer.process.background_import import BackgroundImport
from trainer.registry.frameworks import FRAMEWORKS, not_installed


class FrameworkImport:
    """The libraries of a framework, and torch, which every run needs; imported in a thread."""

    def __init__(self, name: str) -> None:
        """Nothing is imported yet.

        Raises:
            SettingsError: the framework is not known to this version, or not installed.
        """
        framework = FRAMEWORKS.get(name)
        if framework is None:
            raise SettingsError(f"FRAMEWORK={name!r} is not known here; this version has {', '.join(FRAMEWORKS)}.")
        if not framework.is_installed:
            raise SettingsError(f"FRAMEWORK={name!r} {not_installed(framework)}.")
        self._name, self._remedy = name, framework.remedy
        self._ahead = BackgroundImport("torch", *framework.imports)

    def start(self) -> None:
        """Start the thread, unless it was started before; returns at once."""
        self._ahead.start()

    def wait(self) -> None:
        """Wait until all is imported.

        Raises:
            SettingsError: a library is there and cannot be imported: one that it needs is not there, or of another version.
        """
        try:
            self._ahead.wait()
        except Exception as error:  # whatever a library raises
            raise SettingsError(
                f"FRAMEWORK={self._name!r} is installed here and cannot be used: {self._ahead.failure}; {self._remedy}."
            ) from error
