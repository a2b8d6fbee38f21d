"""What a row refuses is refused by the settings, and each way out that they name is taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.registry import abacus
from trainer.registry.frameworks import FRAMEWORKS, Framework
from trainer.registry.models import MODELS
from trainer.settings.checks import cross_checks
from trainer.settings.definition import Settings
from trainer.settings.problem import Problem

PYG = FRAMEWORKS["pyg"]
some_models = st.lists(st.sampled_from(list(MODELS)), unique=True, min_size=1)
reasons = st.none() | st.just("its beads say no")
rows = st.builds(
    replace,
    st.just(abacus.ROW),
    imports=st.sampled_from([("numpy",), ("numpy", "beads.on.rods")]),
    model_types=st.none() | some_models,
    weighted_models=st.none() | st.just(()) | some_models,
    no_sampling=reasons,
    no_gpu=reasons,
)
asked = st.fixed_dictionaries(
    {"model_type": st.sampled_from(list(MODELS)), "framework": st.sampled_from(["pyg", "abacus", "sand"])},
    optional={
        "edge_weight": st.just("w"),
        "batch_size": st.just(64),
        "device": st.sampled_from(["cpu", "cuda", "cuda:1"]),
        "hidden_channels": st.sampled_from([10, 64]),
        "num_layers": st.sampled_from([1, 2]),
    },
)


def known(abacus_row: Framework, sand_row: Framework) -> dict[str, Framework]:
    """Three frameworks, of which PyG can do everything."""
    return {"abacus": abacus_row, "pyg": PYG, "sand": sand_row}


def problems(values: dict[str, Any]) -> list[Problem]:
    """All that is wrong with these settings."""
    required = {"graph_name": "g", "graph_path": "dump", "output_path": "m.pt"}
    return cross_checks(Settings.from_flat(required | values), set())


def ways_out(problem: Problem) -> Iterator[dict[str, Any]]:
    """What its sentence says to set."""
    if problem.name == "hidden_channels":
        yield {"hidden_channels": 64}
        return
    for way in problem.right.rpartition("; ")[2].removeprefix("set ").removeprefix("use ").split(", or "):
        listed = re.fullmatch(r"(?:MODEL_TYPE to )?one of (.+)", way)
        if listed:
            yield from ({"model_type": name} for name in listed[1].split(", "))
        elif way in ("no EDGE_WEIGHT", "leave it out"):
            yield {"edge_weight": None}
        elif "=" in way:
            name, _, value = way.partition("=")
            yield {name.lower(): value}


@given(rows, rows, asked, st.data())
def test_whatever_is_named_as_a_way_out_is_taken(
    abacus_row: Framework, sand_row: Framework, values: dict[str, Any], data: st.DataObject
) -> None:
    """Another framework alone is enough; else one way out of each problem."""
    with pytest.MonkeyPatch.context() as patch:
        for name, row in known(abacus_row, sand_row).items():
            patch.setitem(FRAMEWORKS, name, row)
        found = [problem for problem in problems(values) if "is not installed" not in problem.right]
        changes: dict[str, Any] = {}
        for problem in found:
            ways = list(ways_out(problem))
            for other in [way for way in ways if "framework" in way]:
                assert not [left for left in problems(values | other) if left.name == "framework"], (problem, other)
            own = [way for way in ways if "framework" not in way]
            assert ways, f"no way out of {problem}"
            changes |= data.draw(st.sampled_from(own)) if own else {"framework": "pyg"}
        changed = problems(values | changes)
        assert not [str(left) for left in changed if "is not installed" not in left.right], (found, changes)


REFUSED: dict[str, dict[str, Any]] = {
    "no_sampling": {"batch_size": 64},
    "no_gpu": {"device": "cuda"},
    "model_types": {"model_type": "PNA"},
    "weighted_models": {"model_type": "GAT", "edge_weight": "w"},
}


@pytest.mark.parametrize("ability", REFUSED)
def test_a_row_decides_what_is_refused(monkeypatch: pytest.MonkeyPatch, ability: str) -> None:
    """With this one thing that the framework cannot do there is one problem, without it there is none."""
    able = replace(abacus.ROW, model_types=None, weighted_models=None, no_sampling=None, no_gpu=None)
    monkeypatch.setitem(FRAMEWORKS, "abacus", able)
    values = {"framework": "abacus", "model_type": "GCN", **REFUSED[ability]}
    assert problems(values) == []
    monkeypatch.setitem(FRAMEWORKS, "abacus", replace(able, **{ability: getattr(abacus.ROW, ability)}))
    (problem,) = problems(values)
    assert problem.name == "framework"


def refused_by(row: Framework) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each setting that a row refuses, with values that ask for it."""
    for model in MODELS:
        if model not in row.models:
            yield "model_type", {"model_type": model}
        elif model not in row.models_with_weights:
            yield "edge_weight", {"model_type": model, "edge_weight": "w"}
    if row.no_sampling:
        yield "batch_size", {"model_type": row.models[0], "batch_size": 8}
    if row.no_gpu:
        yield "device", {"model_type": row.models[0], "device": "cuda"}


ROWS = [(name, setting, values) for name, row in FRAMEWORKS.items() for setting, values in refused_by(row)]


@pytest.mark.parametrize(
    ("name", "setting", "values"),
    ROWS,
    ids=[f"{name}-{'-'.join(map(str, values.values()))}" for name, _, values in ROWS],
)
def test_what_the_table_refuses_the_settings_refuse(name: str, setting: str, values: dict[str, Any]) -> None:
    """Every cell of the table of abilities that says no, of the frameworks as they are."""
    found = [problem for problem in problems({"framework": name} | values) if "is not installed" not in problem.right]
    assert [problem for problem in found if setting in (problem.name, *problem.also)], f"{name} takes {values}"
    assert all(list(ways_out(problem)) for problem in found)
