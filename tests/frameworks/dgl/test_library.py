"""DGL is imported so that it asks for nothing: no network, no home, no place to write, and it says nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from tests.conftest import EXAMPLE, ROOT, clean_environment
from tests.registry.test_one_more_model import scores_in
from trainer.registry.frameworks import FRAMEWORKS, not_installed

ALONE = """
import os, sys
kept = tuple(sys.argv[1].split(os.pathsep))

def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        refuse(event, arguments)
    paths = {"open": 1, "os.mkdir": 1, "os.remove": 1, "os.rename": 2, "os.rmdir": 1, "os.symlink": 2}.get(event, 0)
    if event == "open" and not (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        return
    for path in arguments[:paths]:
        if isinstance(path, (str, bytes)) and not os.path.abspath(os.fsdecode(path)).startswith(kept):
            refuse(event, arguments)

def refuse(event, arguments):
    os.write(2, f"refused: {event} {arguments}\\n".encode())
    os._exit(99)

sys.addaudithook(watch)
import importlib
sys.exit(importlib.import_module(sys.argv[2]).main(sys.argv[3:]))
"""
"""Runs a program, and ends it at once where it connects to anything or writes outside of the folders that it is given."""


def alone(folder: Path, program: str, *flags: str | Path, home: Path | None) -> None:
    """Run a program in a process that may write into `folder` only, has no network, and `home` or none at all."""
    environment = clean_environment() | {"TMPDIR": str(folder)}
    environment.pop("HOME", None)
    if home is not None:
        environment["HOME"] = str(home)
    kept = os.pathsep.join([str(folder), "/dev/", "/proc/self/", "/sys/fs/cgroup"])
    command = [sys.executable, "-B", "-c", ALONE, kept, program, *map(str, flags)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_three_runs_need_neither_network_nor_home_nor_a_place_to_write(tmp_path: Path) -> None:
    """The home is no folder, or there is none: two runs leave the same model, and its predictions are theirs."""
    home = tmp_path / "home"
    home.write_text("no folder")
    folder = tmp_path / "out"
    graph = ("--graph_path", EXAMPLE, "--graph_name", "market_5m")
    flags = (
        *graph,
        "--framework",
        "dgl",
        "--epochs",
        "2",
        "--queue_id",
        "q",
        "--save_predictions",
        "--resume",
        "never",
    )
    folder.mkdir()
    for name, where in (("a", home), ("b", None)):
        alone(folder, "main", *flags, "--output_path", folder / name / "m.pt", home=where)
    assert (folder / "a" / "m.pt").read_bytes() == (folder / "b" / "m.pt").read_bytes()
    of_model = ("--model", folder / "a" / "m.pt", "--output_path", folder / "p.csv.gz")
    alone(folder, "trainer.predict", *graph, *of_model, home=home)
    own, again = scores_in(folder / "a" / "predictions.csv.gz"), scores_in(folder / "p.csv.gz")
    np.testing.assert_allclose(again, own, rtol=0, atol=1e-6)
    assert home.read_text() == "no folder"


def test_the_choice_of_another_backend_is_not_heard(tmp_path: Path) -> None:
    """What DGLBACKEND says is DGL's matter elsewhere; here the layers are torch's, on the threads that torch has."""
    code = (
        "import torch; from trainer.frameworks.dgl.backend import BACKEND; BACKEND.set_threads(1);"
        "import dgl; assert dgl.backend.backend_name == 'pytorch'; print(dgl.utils.get_num_threads())"
    )
    environment = clean_environment() | {"DGLBACKEND": "tensorflow", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")
    assert list(tmp_path.iterdir()) == []


def test_a_python_without_dgl_is_told_which_has_it() -> None:
    """PyPI has no package of it for a newer one."""
    assert not_installed(FRAMEWORKS["dgl"], (3, 12)).startswith(
        "is not installed here, where Python is 3.12: it has wheels for 3.11 and older"
    )
