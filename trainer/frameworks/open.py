"""The choice of a backend by the name of its framework."""

from __future__ import annotations

import pkgutil

from trainer.errors import SettingsError
from trainer.frameworks.backend import Backend
from trainer.frameworks.installation import FrameworkImport
from trainer.registry.frameworks import FRAMEWORKS


def open_backend(name: str) -> Backend:
    """The backend of a framework; imports what it needs.

    Raises:
        SettingsError: the framework is not known to this version, not installed, or cannot be imported.
    """
    FrameworkImport(name).wait()
    framework = FRAMEWORKS[name]
    try:
        backend: Backend = pkgutil.resolve_name(framework.backend)
    except ImportError as error:  # a library of another version, which lacks what the backend takes of it
        what = " ".join(str(error).split())
        raise SettingsError(
            f"FRAMEWORK={name!r} is installed here and cannot be used ({what:.300}); {framework.remedy}."
        ) from error
    return backend
