"""The Dockerfile keeps what the Kubernetes files and the documents say of the image."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import trainer
from tests.conftest import ROOT
from trainer.queue.pod import USER_ID

DOCKERFILE = (ROOT / "Dockerfile").read_text()
FINAL_STAGE = DOCKERFILE.split("\nFROM scratch\n")[-1]
IGNORED = (ROOT / ".dockerignore").read_text().splitlines()


def test_entrypoint_has_no_shell_in_between() -> None:
    """The exec form makes the run PID 1, so that SIGTERM reaches it."""
    (entrypoint,) = re.findall(r"^ENTRYPOINT (.+)$", FINAL_STAGE, re.MULTILINE)
    assert json.loads(entrypoint) == ["/opt/venv/bin/python", "/app/main.py"]


def test_user_is_the_one_of_the_pod() -> None:
    """The user is a number, which `runAsNonRoot` can judge, and the one that the pod names; the proof ran as the same."""
    assert re.findall(r"^USER (.+)$", FINAL_STAGE, re.MULTILINE) == [f"{USER_ID}:{USER_ID}"]
    assert set(re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)) == {f"{USER_ID}:{USER_ID}"}


def test_version_label_is_the_version_of_the_program() -> None:
    """Without a build argument the label says what `trainer` says."""
    assert f"ARG VERSION={trainer.__version__}\n" in FINAL_STAGE


def test_what_is_copied_travels_to_the_builder() -> None:
    """`.dockerignore` leaves out everything but what the Dockerfile copies, and what it mounts to prove the image."""
    lines = re.findall(r"^COPY ([^-].*) \S+$", DOCKERFILE, re.MULTILINE)
    copied = {path for line in lines for path in line.split()}
    copied |= {".ci/clean_root", ".ci/prove.py", "examples/streamforge_5m"}
    folders = {path.split("/")[0] for path in copied if "/" in path}
    assert IGNORED[1] == "*"
    assert {line[1:] for line in IGNORED if line.startswith("!")} == copied | folders
    assert {f"{folder}/*" for folder in folders} <= set(IGNORED)


def test_the_framework_of_an_image_is_installed_and_proven() -> None:
    """The argument reaches the installation and the proof, which fails without the framework that it names."""
    assert '/build/.ci/install /opt/venv/bin/python "$FRAMEWORK"; ' in DOCKERFILE
    assert '/ci/prove.py "$FRAMEWORK" /app /examples\n' in DOCKERFILE


def test_what_is_installed_is_trimmed_in_the_same_step() -> None:
    """A file that a later step removes would stay in the layer of the earlier one."""
    (step,) = (
        step for step in DOCKERFILE.split("\nRUN ") if ".ci/install" in step.partition("\n\n")[0] and "venv" in step
    )
    assert step.index("/build/.ci/install") < step.index("/build/.ci/trim /opt/venv")


def test_the_image_is_made_of_what_was_proven() -> None:
    """Nothing of the base image comes along beside the cleaned root, the trimmed libraries and the program."""
    assert re.findall(r"^COPY (.+)$", FINAL_STAGE, re.MULTILINE) == [
        "--from=root / /",
        "--from=libraries /opt/venv /opt/venv",
        "--from=app /app /app",
    ]
    assert "RUN" not in re.findall(r"^[A-Z]+", FINAL_STAGE, re.MULTILINE)


KEPT = (
    "torch/__init__.py",
    "torch/bin/torch_shm_manager",
    "torch/lib/libtorch_cuda.so",
    "torch/testing/_internal/logging_tensor.py",
    "torch/testing/_internal/__pycache__/logging_tensor.cpython-311.pyc",
    "torch/testing/_internal/distributed/fake_pg.py",
    "torch/_inductor/config.py",
    "nvidia/cu13/lib/libcublas.so.13",
    "nvidia/cu13/lib/libnvrtc.so.13",
    "nvidia/cu13/lib/libcusparse.so.12",
    "nvidia/cudnn/lib/libcudnn.so.9",
    "nvidia/nvshmem/lib/libnvshmem_host.so.3",
    "scipy-1.0.dist-info/LICENSE.txt",
    "sklearn/conftest.py",
)
GONE = (
    "torch/include/c10.h",
    "torch/test/test_all.py",
    "torch/bin/protoc",
    "torch/testing/_internal/common_utils.py",
    "torch/testing/_internal/opinfo/core.py",
    "torch/_inductor/codegen/cpp.py",
    "torch/lib/libtorch_cuda_linalg.so",
    "torch/lib/libtorch.a",
    "nvidia/cu13/include/cuda.h",
    "nvidia/cu13/lib/libcusolver.so.12",
    "nvidia/cu13/lib/libcusolverMg.so.12",
    "nvidia/cu13/lib/libnvrtc.alt.so.13",
    "nvidia/cu13/lib/libnvrtc-builtins.alt.so.13.0",
    "nvidia/cudnn/lib/libcudnn_engines_precompiled.so.9",
    "nvidia/nvshmem/lib/nvshmem_transport_ibrc.so.3",
    "numpy/core/tests/test_core.py",
    "sklearn/tree.pyx",
)


def test_trim_takes_out_what_it_says(tmp_path: Path) -> None:
    """Compilers, tests, headers and unused parts of CUDA go, in any version of their libraries; what is imported stays."""
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    for name in KEPT + GONE:
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text("")
    (tmp_path / "bin").mkdir()
    asked = tmp_path / "asked"
    for name in ("python", "python3", "pip", "torchrun"):
        (tmp_path / "bin" / name).write_text(f'#!/bin/sh\necho "$@" >>{asked}\n')
        (tmp_path / "bin" / name).chmod(0o755)
    subprocess.run([ROOT / ".ci" / "trim", tmp_path], check=True)
    left = {str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()}
    assert left == set(KEPT)
    assert {path.name for path in (tmp_path / "bin").iterdir()} == {"python", "python3"}
    assert {"pip", "setuptools", "triton"} < set(asked.read_text().split())


def test_trim_does_without_cuda(tmp_path: Path) -> None:
    """A build of torch for CPUs has none of it, and neither tests nor programs of every version are there."""
    (tmp_path / "lib" / "python3.11" / "site-packages" / "torch" / "bin").mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to("/bin/true")
    subprocess.run([ROOT / ".ci" / "trim", tmp_path], check=True)


def test_the_proof_notices_what_does_not_belong(tmp_path: Path) -> None:
    """A program that changes the user, a package manager and a compiler, wherever they lie; not their names alone."""
    files = {
        "usr/bin/su": 0o4755,
        "usr/local/bin/pip": 0o755,
        "opt/x/ptxas": 0o755,
        "usr/bin/cat": 0o755,
        "doc/gcc": 0o644,
    }
    for name, mode in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(mode)
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]); import prove; root = Path(sys.argv[2]);"
        "print(*(path.name for find in (prove.privileged, prove.tools) for path in find(root)))"
    )
    command = [sys.executable, "-B", "-c", code, str(ROOT / ".ci"), str(tmp_path)]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert sorted(found) == ["pip", "ptxas", "su", "su"]


def test_the_proof_runs_with_its_flags_alone(tmp_path: Path) -> None:
    """An argument of the build is a variable there, and FRAMEWORK would be a setting of every run."""
    (tmp_path / "main.py").write_text("import os, sys\nsys.exit(7 if 'FRAMEWORK' in os.environ else 0)\n")
    code = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1]); import prove;"
        "prove.run(Path(sys.argv[2]), Path(sys.argv[2]), '--help')"
    )
    command = [sys.executable, "-B", "-c", code, str(ROOT / ".ci"), str(tmp_path)]
    done = subprocess.run(command, env=os.environ | {"FRAMEWORK": "spektral"}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
