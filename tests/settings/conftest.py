"""Settings read from flags, an environment and a `.env` file, and from nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from trainer.settings.definition import Settings
from trainer.settings.sources import load_settings

Load = Callable[..., Settings]
REQUIRED = {"GRAPH_NAME": "g", "GRAPH_PATH": "dump", "OUTPUT_PATH": "out/model.pt"}


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Read settings; what a run must have is in the environment unless `required` is false."""

    def read(
        *flags: str, environ: Mapping[str, str] | None = None, env_file: str | None = None, required: bool = True
    ) -> Settings:
        file = tmp_path / ".env"
        if env_file is not None:
            file.write_text(env_file, encoding="utf-8")
        return load_settings(flags, (REQUIRED if required else {}) | dict(environ or {}), file)

    return read
