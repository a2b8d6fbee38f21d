"""A folder with several models: whose the plain names are, and that nobody loses anything."""

from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path

import pytest

from trainer.artifacts.folder import StagedFile
from trainer.artifacts.lease import Lease
from trainer.artifacts.run_folder import RunFolder, paths_of_run
from trainer.artifacts.saving import save_run
from trainer.artifacts.store import Artifact

PLAIN = {
    "metrics": "metrics.json",
    "report": "report.html",
    "predictions": "predictions.csv.gz",
    "checkpoint": "last.ckpt",
    "stop": "stop.json",
}


def own(stem: str) -> dict[str, str]:
    """The names of a further model, as the contract has them."""
    return {
        "metrics": f"{stem}.metrics.json",
        "report": f"{stem}.report.html",
        "predictions": f"{stem}.predictions.csv.gz",
        "checkpoint": f"{stem}.ckpt",
        "stop": f"{stem}.stop.json",
    }


def names(folder: Path, model: str) -> dict[str, str]:
    """The names that a run of this model would use now."""
    paths = paths_of_run(str(folder / model))
    assert paths["model"] == folder / model
    assert paths["checkpoint"].parent == folder / "checkpoints"
    return {role: paths[role].name for role in PLAIN}  # type: ignore[index]


def metrics_of(path: Path, content: bytes) -> bytes:
    """A metrics.json as far as the names depend on it."""
    described = {"model": {"sha256": hashlib.sha256(content).hexdigest()}, "settings": {"output_path": str(path)}}
    return json.dumps(described).encode()


def run(folder: Path, model: str, *, finishes: bool = True) -> RunFolder:
    """What a run does to its folder: claim, checkpoint, save, release."""
    store = RunFolder(str(folder / model))
    lease = Lease(store)
    lease.take()
    lease.put("checkpoint", f"checkpoint of {model}".encode())
    if finishes:
        contents: dict[Artifact, bytes] = {"model": model.encode(), "report": f"report of {model}".encode()}
        metrics = metrics_of(folder / model, model.encode())
        save_run(store, lease, "q", contents, lambda stored: metrics)
        store.delete("checkpoint")
    lease.release()
    return store


def test_an_empty_folder_gives_the_plain_names(tmp_path: Path) -> None:
    """A single model finds metrics.json and report.html beside it, again and again."""
    for _ in range(2):
        run(tmp_path, "model.pt")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["metrics.json", "model.pt", "report.html"]


def test_models_one_after_the_other_keep_their_own(tmp_path: Path) -> None:
    """The first has the plain names, whichever is run again later."""
    for model in ("a.pt", "b.pt", "c.d.pt", "a.pt", "b.pt"):
        run(tmp_path, model)
    assert names(tmp_path, "a.pt") == PLAIN
    assert names(tmp_path, "b.pt") == own("b")
    for model, name in (("a.pt", "report.html"), ("b.pt", "b.report.html"), ("c.d.pt", "c.d.report.html")):
        assert (tmp_path / name).read_text() == f"report of {model}"


def test_models_at_once_keep_their_own(tmp_path: Path) -> None:
    """One of them gets the plain names, whoever is first, also where all begin together."""
    models = [f"seed{number}.pt" for number in range(8)]
    for _ in range(5):
        barrier = threading.Barrier(len(models))

        def together(model: str, barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            run(tmp_path, model)

        threads = [threading.Thread(target=together, args=(model,)) for model in models]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for model in models:
            paths = paths_of_run(str(tmp_path / model))
            assert paths["report"].read_text() == f"report of {model}"
            assert paths["metrics"].read_bytes() == metrics_of(tmp_path / model, model.encode())
        assert sum(paths_of_run(str(tmp_path / model))["metrics"].name == "metrics.json" for model in models) == 1
        assert len(list(tmp_path.iterdir())) == 3 * len(models), "something else is left"


def test_the_checkpoint_of_a_failed_run_stays_its_own(tmp_path: Path) -> None:
    """It holds the plain name, though there are no metrics that say so."""
    run(tmp_path, "a.pt", finishes=False)
    assert names(tmp_path, "b.pt") == own("b")
    run(tmp_path, "b.pt")
    assert (tmp_path / "checkpoints" / "last.ckpt").read_text() == "checkpoint of a.pt"
    run(tmp_path, "a.pt")
    assert (tmp_path / "report.html").read_text() == "report of a.pt"
    assert not (tmp_path / "checkpoints").exists()


@pytest.mark.parametrize("content", [b"[]", b"null", b"{", b"", b'{"settings": "x"}', b"\xff"])
def test_metrics_that_say_nothing_belong_to_the_model_beside_them(tmp_path: Path, content: bytes) -> None:
    """A run over its own damaged result replaces it; another model's run leaves it."""
    run(tmp_path, "a.pt")
    (tmp_path / "metrics.json").write_bytes(content)
    assert names(tmp_path, "b.pt") == own("b")
    assert names(tmp_path, "a.pt") == PLAIN


def test_metrics_of_a_model_that_was_renamed_stay(tmp_path: Path) -> None:
    """Its bytes are known by their hash."""
    run(tmp_path, "a.pt")
    (tmp_path / "a.pt").rename(tmp_path / "best.pt")
    assert names(tmp_path, "best.pt") == PLAIN
    assert names(tmp_path, "a.pt") == own("a")


def test_metrics_of_a_model_that_is_gone_are_replaced_by_its_own_run(tmp_path: Path) -> None:
    """Beside other models too."""
    run(tmp_path, "a.pt")
    run(tmp_path, "b.pt")
    (tmp_path / "a.pt").unlink()
    assert names(tmp_path, "a.pt") == PLAIN


def test_no_two_models_share_a_name(tmp_path: Path) -> None:
    """Not even where a model is called as a plain name is."""
    models = ("a.pt", "last.pt", "metrics.pt", "report.pt", "owner.pt", "predictions.pt", "b.pt")
    for model in models:
        run(tmp_path, model)
    paths = [path for model in models for path in paths_of_run(str(tmp_path / model)).values()]
    assert len(set(paths)) == len(paths)


@pytest.mark.parametrize("model", ["a.pt", "b.pt", "c.d.pt"])
def test_weights_have_the_name_of_their_model(tmp_path: Path, model: str) -> None:
    """The first model's too: Keras loads no file that ends otherwise."""
    run(tmp_path, "a.pt")
    assert paths_of_run(str(tmp_path / model))["weights"] == tmp_path / f"{model.removesuffix('.pt')}.weights.h5"


def test_a_name_that_was_claimed_in_the_meantime_is_not_taken(tmp_path: Path) -> None:
    """A run that looked at an empty folder finds other names when it claims them."""
    early = RunFolder(str(tmp_path / "a.pt"))
    run(tmp_path, "b.pt")
    Lease(early).take()
    assert early.location("metrics") == str(tmp_path / "a.metrics.json")


class Paused(RunFolder):
    """The folder of a run that is paused with its first claim in its hands, while another model's run does all of it."""

    def stage(self, artifact: Artifact, content: bytes) -> StagedFile:
        """See `ArtifactStore.stage`."""
        staged = super().stage(artifact, content)
        if not (self._paths["model"].parent / "b.pt").exists():
            run(self._paths["model"].parent, "b.pt")
        return staged


def test_a_name_that_was_used_and_given_back_in_the_meantime_is_not_taken(tmp_path: Path) -> None:
    """The claim of the plain names succeeds, for nobody holds them any more; metrics.json says whose they are."""
    paused = Paused(str(tmp_path / "a.pt"))
    lease = Lease(paused)
    lease.take()
    save_run(paused, lease, "q", {"model": b"a.pt"}, lambda stored: metrics_of(tmp_path / "a.pt", b"a.pt"))
    lease.release()
    assert names(tmp_path, "a.pt") == own("a")
    assert names(tmp_path, "b.pt") == PLAIN
    assert (tmp_path / "metrics.json").read_bytes() == metrics_of(tmp_path / "b.pt", b"b.pt")
    assert not (tmp_path / "checkpoints").exists()
