"""Checkpoints that were written by nobody of us, or changed since: a run without them is right."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.training.test_checkpoint import MARK, make_state, rewritten
from trainer.training.state import TrainingState, read_state
from trainer.training.state_checks import digest_of

CONTENT = make_state().to_bytes(MARK, {"seed": 1, "epochs": 3})
STATE: TrainingState = make_state()


def in_state(field: str, value: object) -> Callable[[dict[str, Any]], None]:
    """Another value in a field, under a digest that fits."""

    def change(content: dict[str, Any]) -> None:
        content["state"][field] = value
        content["digest"] = digest_of(content["state"])

    return change


NO_HISTORIES: tuple[object, ...] = ([], None, [1, 2, 3], [{}] * 3, "abc")
WRONG: dict[str, Callable[[dict[str, Any]], object]] = {
    **{f"epoch {value!r}": in_state("epoch", value) for value in ("x", -5, 0, 4, 2.0, None, True, 10**30)},
    **{f"best epoch {value!r}": in_state("best_epoch", value) for value in ("x", -1, 0, 4, None)},
    **{f"best loss {value!r}": in_state("best_loss", value) for value in ("x", float("nan"), None, 1)},
    **{f"history {value!s:.9}": in_state("history", value) for value in NO_HISTORIES},
    "model of numbers": in_state("model", {"weight": 1}),
    "model of another shape": in_state("best_model", {"weight": torch.ones(4)}),
    "model of another type": in_state("best_model", {"weight": torch.ones(2, 2, dtype=torch.float64)}),
    "model of another name": in_state("best_model", {"bias": torch.ones(2, 2)}),
    "random state": in_state("random_state", torch.ones(3)),
    "another digest": lambda content: content.update(digest="0" * 64),
    "no digest": lambda content: content.pop("digest"),
    "one number": lambda content: content["state"]["model"]["weight"].mul_(2),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=list(WRONG))
def test_a_field_that_cannot_be_is_passed_over(
    change: Callable[[dict[str, Any]], object], caplog: pytest.LogCaptureFixture
) -> None:
    """One sentence says what is wrong."""
    assert read_state(rewritten(change), MARK) is None
    (sentence,) = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert sentence.endswith("training starts anew.")


@given(place=st.integers(0, len(CONTENT) - 1), value=st.integers(1, 255))
def test_a_changed_byte_changes_nothing_or_is_passed_over(place: int, value: int) -> None:
    """What is read is what was written: in every place, every other byte."""
    changed = bytearray(CONTENT)
    changed[place] ^= value
    state = read_state(bytes(changed), MARK)
    if state is not None:
        fields = {name: getattr(state, name) for name in TrainingState.__dataclass_fields__}
        assert digest_of(fields) == digest_of({name: getattr(STATE, name) for name in fields})


@given(length=st.integers(0, len(CONTENT) - 1))
def test_a_cut_file_is_passed_over(length: int) -> None:
    """Wherever it was cut."""
    assert read_state(CONTENT[:length], MARK) is None


def test_a_checkpoint_names_the_settings_that_differ(caplog: pytest.LogCaptureFixture) -> None:
    """And no others; EPOCHS may change."""
    earlier = {"seed": 1, "epochs": 3, "learning_rate": 0.01}
    now = {"seed": 2, "epochs": 9, "learning_rate": 0.01, "later": "default"}
    assert read_state(make_state().to_bytes("another", earlier), MARK, now, {"later": "default"}) is None
    assert "belongs to other settings (SEED was 1, is 2); training starts anew" in caplog.text


def test_a_checkpoint_of_another_graph_names_no_setting(caplog: pytest.LogCaptureFixture) -> None:
    """The settings are the same."""
    same = {"seed": 1}
    assert read_state(make_state().to_bytes("another", same), MARK, same, {}) is None
    assert "belongs to another graph or another version of gnn-trainer" in caplog.text
