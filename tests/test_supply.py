"""What comes from outside is pinned by hash, kept new by the update bot, and named with its licence."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

LOCKS = sorted(ROOT.glob("requirements*.lock"))
MAKEFILE = (ROOT / "Makefile").read_text()
PAGE = (ROOT / "docs" / "licences.md").read_text()
ROWS = {
    (name, version): licence
    for name, version, licence in re.findall(r"^\| (\S+) \| (\d\S*) \| (.+?) \| \w+ \|$", PAGE, re.MULTILINE)
}
ACCEPTED = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "MIT", "MPL-2.0", "PSF-2.0", "Zlib"),
    *("LLVM-exception", "LicenseRef-NVIDIA-Proprietary"),
}
"""Licences that allow to pass the image on; another one is a decision."""


def pins_of(lock: Path) -> set[tuple[str, str]]:
    """The packages of a lock with their versions."""
    return set(re.findall(r"^([a-z0-9][a-z0-9.-]*)==([^\s;]+)", lock.read_text(), re.MULTILINE))


def of_ci(code: str) -> str:
    """What Python prints that can import the scripts of `.ci`."""
    prelude = f"import sys; sys.path.insert(0, {str(ROOT / '.ci')!r})\n"
    done = subprocess.run([sys.executable, "-B", "-c", prelude + code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_file_of_requirements_has_its_lock() -> None:
    """What is installed comes from a lock, not from what asks for it."""
    wanted = {path.with_suffix(".lock") for path in ROOT.glob("requirements*.txt")}
    assert wanted == set(LOCKS)
    assert all(path.name in MAKEFILE for path in LOCKS)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_of_a_lock_has_hashes_and_every_pin_is_in_it(lock: Path) -> None:
    """Pip refuses a file that is none of these; a version that was raised alone would not be installed."""
    entries = re.split(r"^(?=[a-z0-9])", lock.read_text(), flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)] == []
    assert not re.search(r"://|--(extra-)?index-url|--find-links", lock.read_text())
    asked = re.findall(r"^([\w.-]+)==([^\s;]+)", lock.with_suffix(".txt").read_text(), re.MULTILINE)
    named = {(name.lower(), version) for name, version in asked if name != "tensorflow"}
    assert named <= pins_of(lock)


def test_locks_agree() -> None:
    """What the tests run beside is what a run has: one version of each package in `.venv`."""
    run, dev = dict(pins_of(ROOT / "requirements.lock")), dict(pins_of(ROOT / "requirements-dev.lock"))
    both = (run.keys() & dev.keys()) - {"networkx"}
    assert {name: dev[name] for name in both} == {name: run[name] for name in both}
    assert "torch" not in dev  # another build of it has no hash there


def test_make_installs_by_hash_alone() -> None:
    """No target brings a package that no lock names."""
    lines = [line for line in MAKEFILE.splitlines() if "pip install" in line]
    assert lines
    assert [line for line in lines if "--require-hashes" not in line] == []


def test_the_bot_pins_digests_and_says_what_to_run() -> None:
    """The base image and the actions get a digest, and a raised pin gets its lock."""
    config = json.loads((ROOT / "renovate.json").read_text())
    assert {"docker:pinDigests", "helpers:pinGitHubActionDigests"} <= set(config["extends"])
    assert {"pip_requirements", "dockerfile", "github-actions"} <= set(config["enabledManagers"])
    (python,) = (rule for rule in config["packageRules"] if rule.get("groupName") == "python")
    for target in re.findall(r"`make (\w+)`", " ".join(python["prBodyNotes"])):
        assert f"\n{target}: " in MAKEFILE
    assert "renovate.json" in (ROOT / "CONTRIBUTING.md").read_text()


def test_every_locked_package_has_a_licence() -> None:
    """Whoever raises a version writes the page anew, and sees the licence that came with it."""
    locked = pins_of(ROOT / "requirements.lock") | pins_of(ROOT / "requirements-spektral.lock")
    assert locked == ROWS.keys()


def test_licences_are_among_the_accepted() -> None:
    """A licence that is new to the image is noticed before it is in it."""
    named = {word for licence in ROWS.values() for word in re.split(r" AND | OR | WITH |[()]", licence) if word}
    assert named <= ACCEPTED


def test_the_page_of_licences_says_what_the_packages_say(tmp_path: Path) -> None:
    """The page is what its script writes."""
    of_ci(
        f"import runpy; sys.argv = ['licences', {str(tmp_path / 'page')!r}]\nrunpy.run_module('licences', run_name='__main__')"
    )
    assert (tmp_path / "page").read_text() == PAGE


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ("License-Expression: MIT AND (Apache-2.0 OR BSD-2-Clause)", "MIT AND (Apache-2.0 OR BSD-2-Clause)"),
        ("License: BSD-3-Clause", "BSD-3-Clause"),
        ("License: Copyright (c) 2001, Somebody.\nClassifier: License :: OSI Approved :: MIT License", "MIT"),
        ("Classifier: License :: OSI Approved :: Apache Software License", "Apache-2.0"),
        ("License: BSD\nClassifier: License :: OSI Approved :: BSD License", "None"),
        ("Classifier: Topic :: Software Development", "None"),
    ],
)
def test_a_licence_is_read_from_what_a_package_says(tmp_path: Path, fields: str, licence: str) -> None:
    """Old and new fields, and none where they leave it open which licence it is."""
    info = tmp_path / "some-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: some\nVersion: 1.0\n{fields}\n")
    code = f"import importlib.metadata as m, pathlib, licences\nprint(licences.licence_of(m.PathDistribution(pathlib.Path({str(info)!r}))))"
    assert of_ci(code).strip() == licence


def test_the_bill_of_materials_has_what_the_image_has() -> None:
    """By the locks: what is for another system, another Python, or goes again is left out; the rest hangs together."""
    code = (
        "import json; from locks import LOCKS, locked\n"
        "print(json.dumps({name: [[one.name, one.in_image, one.asked_by] for one in locked(path)] for name, path in LOCKS.items()}))"
    )
    locks = json.loads(of_ci(code))
    assert {name for name, in_image, _ in locks["pyg"] if not in_image} == {
        "colorama",
        "networkx",
        "setuptools",
        "triton",
    }
    assert {name for name, in_image, _ in locks["pyg"] if in_image} >= {"torch", "networkx", "nvidia-cublas", "dgl"}
    known = {name for packages in locks.values() for name, _, _ in packages}
    assert {
        by.partition("[")[0] for packages in locks.values() for _, _, all_by in packages for by in all_by
    } <= known | {"tensorflow"}
    assert "make sbom" in (ROOT / ".ci" / "run").read_text()
