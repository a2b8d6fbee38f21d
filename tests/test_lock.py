"""`requirements.lock` holds what `requirements.txt` asks for, and `.ci/install` installs nothing else."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import ROOT

INSTALL = ROOT / ".ci" / "install"
LOCK = (ROOT / "requirements.lock").read_text()
PINS = dict(re.findall(r"^([\w.-]+)==([^\s;]+)(?:; .+)?$", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
ENTRIES = re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE)[1:]


def name_of(entry: str) -> str:
    """The package of an entry of the lock."""
    return entry.partition("==")[0]


def asked_for_by(entry: str) -> set[str]:
    """Who needs the package, as the lock's comments have it."""
    return set(re.findall(r"^    # (?:via )? *([a-z0-9-].*)$", entry, re.MULTILINE)) - {"via"}


@pytest.mark.parametrize("name", PINS)
def test_every_direct_pin_is_locked_at_its_version(name: str) -> None:
    """A version that was raised in requirements.txt alone would not be installed: `make lock` was run after it."""
    (entry,) = (entry for entry in ENTRIES if name_of(entry) == name.lower())
    assert entry.split()[0] == f"{name.lower()}=={PINS[name]}"


def test_every_direct_pin_is_read() -> None:
    """No line of requirements.txt is passed over by these tests."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    assert len(PINS) == len([line for line in lines if not line.startswith("#")])


def test_every_package_has_hashes() -> None:
    """Pip refuses a file that is none of these."""
    assert [name_of(entry) for entry in ENTRIES if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)] == []


def test_lock_names_no_index() -> None:
    """The same lock is good with any mirror."""
    assert not re.search(r"://|--(extra-)?index-url|--find-links", LOCK)


def test_only_torch_needs_what_stays_out_with_another_build() -> None:
    """A package that something else needs too must not be left out together with torch."""
    (pattern,) = re.findall(r"!/\^(\(torch.*)/ \}", INSTALL.read_text())
    left_out = {name_of(entry) for entry in ENTRIES if re.match(pattern, entry)}
    assert {"torch", "triton", "nvidia-cublas"} <= left_out
    for entry in ENTRIES:
        if name_of(entry) in left_out - {"torch"}:
            assert asked_for_by(entry) <= left_out, name_of(entry)


SPEKTRAL_LOCK = (ROOT / "requirements-spektral.lock").read_text()
SPEKTRAL = dict(re.findall(r"^([\w.-]+)==(\S+)", SPEKTRAL_LOCK, re.MULTILINE))


def test_the_lock_of_spektral_holds_what_its_requirements_ask_for() -> None:
    """With hashes, without an index, and without the second TensorFlow that two of the packages ask for."""
    wanted = dict(re.findall(r"^([\w.-]+)==(\S+)$", (ROOT / "requirements-spektral.txt").read_text(), re.MULTILINE))
    assert wanted.keys() == {"tensorflow-cpu", "tf-keras", "spektral"}
    assert wanted.items() <= SPEKTRAL.items()
    assert "tensorflow" not in SPEKTRAL
    entries = re.split(r"^(?=[a-z0-9])", SPEKTRAL_LOCK, flags=re.MULTILINE)[1:]
    assert [name_of(entry) for entry in entries if not re.search(r"--hash=sha256:[0-9a-f]{64}", entry)] == []
    assert not re.search(r"://|--(extra-)?index-url|--find-links", SPEKTRAL_LOCK)


def test_both_locks_name_the_same_versions() -> None:
    """What both have is there once: `.venv-spektral` takes it from `.venv`."""
    pins, names = {entry.split()[0] for entry in ENTRIES}, {name_of(entry) for entry in ENTRIES}
    assert {f"{name}=={version}" for name, version in SPEKTRAL.items() if name in names} <= pins


@dataclass(frozen=True)
class Index:
    """A package index in a folder, as pip reads it."""

    folder: Path

    @property
    def url(self) -> str:
        """Its address."""
        return self.folder.as_uri()

    def add(self, name: str, version: str, requires: str | None = None) -> str:
        """Add a package without content; returns its pin with the hash, as a line of a lock."""
        stem = f"{name.replace('-', '_')}-{version}"
        place = self.folder / name
        place.mkdir(parents=True)
        wheel = place / f"{stem}-py3-none-any.whl"
        needs = "" if requires is None else f"Requires-Dist: {requires}\n"
        info = {
            "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}",
            "WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        }
        with zipfile.ZipFile(wheel, "w") as archive:
            record = ""
            for file, content in info.items():
                digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()).rstrip(b"=").decode()
                record += f"{stem}.dist-info/{file},sha256={digest},{len(content)}\n"
                archive.writestr(f"{stem}.dist-info/{file}", content)
            archive.writestr(f"{stem}.dist-info/RECORD", f"{record}{stem}.dist-info/RECORD,,\n")
        (place / "index.html").write_text(f'<a href="{wheel.name}">{wheel.name}</a>')
        return f"{name}=={version} \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


@dataclass(frozen=True)
class Checkout:
    """The files that `.ci/install` reads, an index for everybody, and one of torch's own."""

    folder: Path
    index: Index
    of_torch: Index

    def install(self, torch_index_url: str = "", framework: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run `.ci/install` into a folder of its own."""
        pip = {
            "PIP_INDEX_URL": self.index.url,
            "PIP_TARGET": str(self.folder / "site"),
            "PIP_NO_CACHE_DIR": "1",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        env = {"PATH": os.environ["PATH"], "TORCH_INDEX_URL": torch_index_url} | pip
        command = [str(self.folder / ".ci" / "install"), sys.executable, *([] if framework is None else [framework])]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    @property
    def installed(self) -> set[str]:
        """The packages with their versions."""
        return {path.name.removesuffix(".dist-info") for path in (self.folder / "site").glob("*.dist-info")}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """A lock with torch, what its CUDA build needs, and one library more."""
    checkout = Checkout(tmp_path / "root", Index(tmp_path / "index"), Index(tmp_path / "torch"))
    (checkout.folder / ".ci").mkdir(parents=True)
    (checkout.folder / ".ci" / "install").write_bytes(INSTALL.read_bytes())
    (checkout.folder / ".ci" / "install").chmod(0o755)
    (checkout.folder / "requirements.txt").write_text("torch==2.0\ntorch-geometric==1.0\n")
    names = [("nvidia-cublas", "13.1"), ("torch", "2.0"), ("torch-geometric", "1.0"), ("triton", "3.0")]
    lock = [checkout.index.add(name, version) for name, version in names]
    (checkout.folder / "requirements.lock").write_text("# made by a test\n" + "".join(lock))
    return checkout


def test_install_takes_everything_from_the_lock(checkout: Checkout) -> None:
    """Without TORCH_INDEX_URL the ordinary torch comes, with CUDA."""
    done = checkout.install()
    assert done.returncode == 0, done.stderr
    assert checkout.installed == {"nvidia_cublas-13.1", "torch-2.0", "torch_geometric-1.0", "triton-3.0"}


def test_install_takes_torch_alone_from_its_index(checkout: Checkout) -> None:
    """With TORCH_INDEX_URL torch is the build of that index, CUDA stays out, and the rest is as locked."""
    checkout.of_torch.add("torch", "2.0+cpu")
    done = checkout.install(checkout.of_torch.url)
    assert done.returncode == 0, done.stderr
    assert checkout.installed == {"torch-2.0+cpu", "torch_geometric-1.0"}


def test_install_takes_what_a_framework_adds_from_its_own_lock_without_dependencies(checkout: Checkout) -> None:
    """Nothing comes beside what the lock names, though a package of it asks for more; nobody else gets any of it."""
    pins = checkout.index.add("keras-layers", "1.0", requires="tensorflow"), checkout.index.add("tensorflow-cpu", "2.0")
    checkout.index.add("tensorflow", "2.0")
    (checkout.folder / "requirements-spektral.lock").write_text("".join(pins))
    assert checkout.install(framework="pyg").returncode == 0
    assert not any("keras" in name or "tensorflow" in name for name in checkout.installed)
    done = checkout.install(framework="spektral")
    assert done.returncode == 0, done.stderr
    assert {"keras_layers-1.0", "tensorflow_cpu-2.0", "torch-2.0"} <= checkout.installed
    assert "tensorflow-2.0" not in checkout.installed


@pytest.mark.parametrize("of_torch", [False, True], ids=["the lock", "another build of torch"])
def test_install_refuses_a_file_that_was_changed(checkout: Checkout, of_torch: bool) -> None:
    """A package with another content than the locked one is not installed, wherever torch comes from."""
    lock = checkout.folder / "requirements.lock"
    before, name, entry = lock.read_text().partition("torch-geometric==")
    lock.write_text(before + name + re.sub(r"sha256:\w{64}", f"sha256:{'0' * 64}", entry, count=1))
    checkout.of_torch.add("torch", "2.0+cpu")
    done = checkout.install(checkout.of_torch.url if of_torch else "")
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert "torch_geometric-1.0" not in checkout.installed
