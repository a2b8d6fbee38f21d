"""A wrong setting, `started`, and a graph that cannot be used are reported before anything heavy is imported."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT, clean_environment
from tests.waits import LONG_S

HEAVY = ("torch", "torch_geometric", "numpy", "scipy", "sklearn", "rich")


def run_python(code: str) -> list[str]:
    """Run code in a fresh interpreter; returns the lines that it prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=LONG_S,
        check=True,
    )
    return done.stdout.splitlines()


def test_settings_error_needs_no_heavy_import() -> None:
    """A typo is answered at once."""
    code = (
        "import sys, main\n"
        "print(main.main(['--epochs', 'ten', '--graph_name', 'g']))\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    assert run_python(code) == ["2", "[]"]


def test_started_comes_before_torch() -> None:
    """`started` is emitted, and a folder that is not there refused, without torch."""
    code = """
import sys
from trainer.job.company import Company
from trainer.job.run import run_job
from trainer.ranks.patience import Patience
from trainer.ranks.place import Place
from trainer.settings.definition import Settings
from trainer.process.stop import StopToken

class Bus:
    def publish(self, event):
        print(event.status, "torch" in sys.modules)
    def close(self):
        pass

settings = Settings.from_flat({"graph_name": "g", "graph_path": "nowhere", "output_path": "model.pt"})
stop = StopToken()
print(run_job(settings, Bus(), stop, Company(Place(), Patience(60), stop)).exit_code)
"""
    assert run_python(code) == ["started False", "error False", "3"]
