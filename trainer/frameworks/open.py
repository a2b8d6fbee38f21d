"""The choice of a backend by the name of its framework."""

from __future__ import annotations

import pkgutil

from trainer.errors import SettingsError
from trainer.frameworks.backend import Backend
from trainer.registry.frameworks import FRAMEWORKS, not_installed


def open_backend(name: str) -> Backend:
    """The backend of a framework; imports what it needs.

    Raises:
        SettingsError: the framework is not known to this version, or not installed.
    """
    framework = FRAMEWORKS.get(name)
    if framework is None:
        raise SettingsError(f"FRAMEWORK={name!r} is not known here; this version has {', '.join(FRAMEWORKS)}.")
    if not framework.is_installed:
        raise SettingsError(f"FRAMEWORK={name!r} {not_installed(framework)}.")
    backend: Backend = pkgutil.resolve_name(framework.backend)
    return backend
