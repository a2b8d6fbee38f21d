"""What a run finds where an earlier one has left something: nothing of it ends a run, or is taken for what it is not."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import RunMain
from tests.runs.here import finished_here
from tests.runs.running import ENDLESS, start_forked
from trainer.artifacts.finished import finished_before, say_what_is_replaced
from trainer.artifacts.run_folder import RunFolder
from trainer.training.state_checks import digest_of

FLAGS = ("--graph_name", "g", "--hidden_channels", "4", "--queue_id", "q")
VALUES: tuple[object, ...] = (None, True, -1, 10**30, 0.5, "x", "", [], {}, ["x"], {"x": 1}, [[]])


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of a finished run, and its metrics.json."""
    from tests.conftest import EXAMPLE

    folder = tmp_path_factory.mktemp("finished")
    flags = ("--graph_path", EXAMPLE, "--graph_name", "market_5m", "--target", "price_up", "--epochs", "1")
    return folder, finished_here(folder, *flags).metrics


def places(tree: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value of a JSON document, the first of each list."""
    inside = (
        list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree))[:1] if isinstance(tree, list) else []
    )
    return [path, *(place for key, value in inside for place in places(value, (*path, key)))]


def look(folder: Path, content: bytes) -> None:
    """Ask whether the run was finished, and what will be replaced."""
    (folder / "metrics.json").write_bytes(content)
    store = RunFolder(str(folder / "m.pt"))
    asked: tuple[str, dict[str, Any], dict[str, Any]] = ("local-market_5m", {"epochs": 1, "seed": 42}, {})
    finished_before(store, *asked, with_predictions=False)
    say_what_is_replaced(store, *asked)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_in_any_field_of_the_record_is_survived(
    record: tuple[Path, dict[str, Any]], data: st.DataObject
) -> None:
    """A record that cannot be is none."""
    folder, whole = record
    path = data.draw(st.sampled_from(places(whole)))
    changed = json.loads(json.dumps(whole))
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    value = data.draw(st.sampled_from(VALUES))
    if path:
        holder[path[-1]] = value
    look(folder, json.dumps(changed if path else value).encode())


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10**6), value=st.integers(0, 255), cut=st.booleans())
def test_any_byte_of_the_record_is_survived(
    record: tuple[Path, dict[str, Any]], place: int, value: int, cut: bool
) -> None:
    """Another byte, or no more bytes."""
    folder, whole = record
    content = bytearray(json.dumps(whole).encode())
    place %= len(content)
    if cut:
        del content[place:]
    else:
        content[place] = value
    look(folder, bytes(content))


def stopped(tmp_path: Path, small_dump: Path) -> tuple[str | Path, ...]:
    """Leave the checkpoint of a run that was stopped; returns its flags but EPOCHS."""
    flags = ("--graph_path", small_dump, *FLAGS, "--output_path", tmp_path / "out" / "m.pt")
    with start_forked(tmp_path / "logs", *flags, "--epochs", "100000") as run:
        run.wait_for("training")
        run.process.terminate()
        assert run.wait().exit_code == 143
    return flags


def _turned_round(state: dict[str, Any]) -> None:
    name = next(name for name, weight in state["model"].items() if weight.ndim == 2)
    for weights in (state["model"], state["best_model"]):
        weights[name] = weights[name].reshape(1, -1).contiguous()


def _other_moments(state: dict[str, Any]) -> None:
    state["optimiser"]["state"][0]["exp_avg"] = torch.ones(3, 3, 3)


def _other_groups(state: dict[str, Any]) -> None:
    state["optimiser"]["param_groups"][0]["lr"] = "fast"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_turned_round, "has shape"),
        (_other_moments, "another shape than its weight"),
        (_other_groups, "other settings"),
    ],
)
def test_a_checkpoint_that_does_not_fit_the_model_is_passed_over(
    run_main: RunMain, tmp_path: Path, small_dump: Path, change: Callable[[dict[str, Any]], None], why: str
) -> None:
    """Though it is whole: the run begins anew and ends well."""
    flags = stopped(tmp_path, small_dump)
    path = tmp_path / "out" / "checkpoints" / "last.ckpt"
    content = torch.load(path, weights_only=True)
    state = content["state"]
    epoch = state["history"][0]
    # However far the run came, so that few epochs are left to train.
    state |= {"epoch": 2, "best_epoch": 1, "history": [epoch, epoch | {"epoch": 2}]}
    change(state)
    content["digest"] = digest_of(content["state"])
    buffer = io.BytesIO()
    torch.save(content, buffer)
    path.write_bytes(buffer.getvalue())
    ended = run_main(*flags, "--epochs", "3")
    assert ended.exit_code == 0, ended.stderr
    (said,) = [line for line in ended.stdout.splitlines() if "The checkpoint cannot be used (" in line]
    assert why in said
    assert "training starts anew." in said
    assert next(event["epoch"] for event in ended.events if event["status"] == "training") == 1


def test_a_claim_that_is_removed_ends_no_run(tmp_path: Path) -> None:
    """Somebody cleans up while it trains: it stores its result and says its last word."""
    with start_forked(tmp_path, *ENDLESS) as run:
        run.wait_for("training")
        (tmp_path / "checkpoints" / "owner.json").unlink()
        run.process.terminate()
        ended = run.wait()
    assert ended.exit_code == 143, ended.stderr
    assert ended.events[-1]["status"] == "interrupted"
    assert (tmp_path / "m.pt").exists()
    assert "has claimed its QUEUE_ID again" in ended.stdout
