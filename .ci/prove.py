"""Shows that the image has what a run needs and nothing to build or install with; run in its root, as its user.

`python .ci/prove.py FRAMEWORK APP EXAMPLES`: the framework that must be there, the folder of main.py, and that of the example graphs.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import pkgutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

TOOLS = {
    *("apt", "apt-get", "dpkg", "dpkg-deb", "pip", "pip3", "uv", "conda", "easy_install", "npm", "gem", "perl"),
    *("cc", "gcc", "g++", "c++", "clang", "ld", "as", "make", "cmake", "nvcc", "ptxas", "nvlink", "tcc", "go", "rustc"),
    *("su", "sudo", "passwd", "mount", "ssh", "curl", "wget"),
}
"""Commands that install, compile, or change who one is."""
MODULES = ("pip", "setuptools", "ensurepip", "triton", "torch.testing._internal.common_utils")
"""What installs or compiles, and tests."""


def privileged(root: Path) -> Iterator[Path]:
    """Files that run as somebody else than who starts them."""
    for path in _files(root):
        if path.stat().st_mode & (stat.S_ISUID | stat.S_ISGID):
            yield path


def tools(root: Path) -> Iterator[Path]:
    """Commands that do not belong into an image that runs one program."""
    for path in _files(root):
        if path.name in TOOLS and os.access(path, os.X_OK):
            yield path


def _files(root: Path) -> Iterator[Path]:
    device = root.stat().st_dev
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if _device(Path(folder, name)) == device and name not in {"proc", "sys"}]
        yield from (path for name in names if (path := Path(folder, name)).is_file() and not path.is_symlink())


def _device(path: Path) -> int:
    try:
        return path.lstat().st_dev
    except OSError:
        return -1


def unlinkable(site: Path) -> Iterator[str]:
    """Shared libraries of torch that lack one that they name; the driver of a GPU is the machine's, not the image's."""
    import torch  # noqa: F401 - loads what they have in common, from where they look for it

    for path in sorted([*site.glob("torch/lib/*.so*"), *site.glob("nvidia/*/lib/*.so*")]):
        try:
            ctypes.CDLL(str(path), mode=os.RTLD_NOW)
        except OSError as error:
            if "libcuda.so.1" not in str(error):
                yield f"{path.name}: {error}"


def import_everything(app: Path) -> None:
    """Import each module of the program but those of frameworks that are not there."""
    from trainer.registry.frameworks import FRAMEWORKS

    absent = [f"trainer.frameworks.{name}" for name, row in FRAMEWORKS.items() if not row.is_installed]
    for module in pkgutil.walk_packages([str(app / "trainer")], "trainer."):
        if not module.name.startswith(tuple(absent)) and not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def open_clients() -> None:
    """Make a client of each service; none is called."""
    import boto3
    import confluent_kafka
    from arango.client import ArangoClient

    boto3.client("s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
    confluent_kafka.Producer(
        {
            "bootstrap.servers": "127.0.0.1:9",
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": "a",
            "sasl.password": "b",
            "log_level": 0,
        }
    )
    ArangoClient("https://127.0.0.1:9").close()


def run(app: Path, out: Path, *flags: str, module: str | None = None, ranks: int = 1) -> None:
    """Run the program, in several ranks if asked for; it must end with 0."""
    # without the build's arguments, which are variables here, and FRAMEWORK a setting
    own = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    where = (
        {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(_free_port()), "WORLD_SIZE": str(ranks)} if ranks > 1 else {}
    )
    start = [sys.executable, *(["main.py"] if module is None else ["-m", module]), *flags]
    started = [
        subprocess.Popen(
            start,
            cwd=app,
            env=own | where | ({"RANK": str(rank)} if ranks > 1 else {}),
            stdout=(out / "log").open("a"),
        )
        for rank in range(ranks)
    ]
    codes = [process.wait() for process in started]
    if any(codes):
        sys.exit(f"{' '.join(start)} ended with {codes}")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def train_everywhere(app: Path, examples: Path, out: Path) -> None:
    """One epoch with each framework: in full batch, attention, sampled, on several types, by two ranks; then predict."""
    from trainer.registry.frameworks import FRAMEWORKS

    market, typed = str(examples / "market_5m"), str(examples / "streamforge_5m")
    for name, row in FRAMEWORKS.items():
        if not row.is_installed:
            continue
        flags = ["--framework", name, "--epochs", "1", "--log_level", "WARNING", "--message_lang", "en"]
        model = out / name / "model.pt"
        run(app, out, *flags, "--graph_path", market, "--save_predictions", "true", "--output_path", str(model))
        run(
            app,
            out,
            "--model",
            str(model),
            "--graph_path",
            market,
            "--output_path",
            str(out / f"{name}.csv.gz"),
            module="trainer.predict",
        )
        run(
            app,
            out,
            *flags,
            "--graph_path",
            market,
            "--model_type",
            "GAT",
            "--output_path",
            str(out / name / "attention.pt"),
        )
        if not row.no_sampling:
            sampled = ["--batch_size", "512", "--num_neighbors", "5,5"]
            run(app, out, *flags, *sampled, "--graph_path", typed, "--output_path", str(out / name / "sampled.pt"))
        if not row.no_ranks:
            run(app, out, *flags, "--graph_path", market, "--output_path", str(out / name / "ranks.pt"), ranks=2)
        left = {path.name for path in (out / name).iterdir()}
        if missing := {"model.pt", "metrics.json", "report.html", "predictions.csv.gz"} - left:
            sys.exit(f"FRAMEWORK={name} left no {missing}")
    run(app, out, "--graph_path", typed, "--dry_run")
    run(app, out, "--help")


def main(framework: str, app: Path, examples: Path) -> None:
    """Say what is wrong, or nothing."""
    sys.path.insert(0, str(app))
    from trainer.registry.frameworks import FRAMEWORKS

    if not FRAMEWORKS[framework].is_installed:
        sys.exit(f"FRAMEWORK={framework} is not in the image.")
    roots = Path("/"), Path(sys.prefix)  # the libraries may be mounted
    if found := [path for root in roots for find in (privileged, tools) for path in find(root)]:
        sys.exit(f"These do not belong into the image: {', '.join(map(str, found))}.")
    if found_modules := [name for name in MODULES if _is_there(name)]:
        sys.exit(f"These modules do not belong into the image: {', '.join(found_modules)}.")
    site = Path(importlib.import_module("torch").__file__ or "").parent.parent
    if lacking := list(unlinkable(site)):
        sys.exit("\n".join(["These libraries cannot be loaded:", *lacking]))
    import_everything(app)
    open_clients()
    with tempfile.TemporaryDirectory() as out:
        train_everywhere(app, examples, Path(out))


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
