"""Which of several processes this is, out of what starts it: torch's names, Kubeflow Trainer's, or an Indexed Job's."""

from __future__ import annotations

import pytest

from trainer.errors import SettingsError
from trainer.ranks.place import Place, place_of
from trainer.settings.sources import load_settings

ALONE = Place()
NEEDED = {"GRAPH_NAME": "g", "GRAPH_PATH": "/", "OUTPUT_PATH": "out/m.pt"}
ADDRESS = {"MASTER_ADDR": "job-0.net", "MASTER_PORT": "29500"}
KUBEFLOW = {"PET_NNODES": "3", "PET_NODE_RANK": "2", "PET_MASTER_ADDR": "a", "PET_MASTER_PORT": "1"}


def place(**environ: str) -> Place:
    """Of a process with these variables."""
    return place_of(load_settings([], NEEDED | environ).ranks)


def refusal(**environ: str) -> str:
    """The sentence with which these variables are refused."""
    with pytest.raises(SettingsError) as caught:
        load_settings([], NEEDED | environ)
    return str(caught.value)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, ALONE),
        ({"WORLD_SIZE": "1"}, ALONE),
        ({"WORLD_SIZE": "1", "RANK": "0"} | ADDRESS, ALONE),
        ({"JOB_COMPLETION_INDEX": "3"}, ALONE),
        ({"JOB_COMPLETION_INDEX": "3", "WORLD_SIZE": "1"}, ALONE),
        ({"JOB_COMPLETION_INDEX": "3", "PET_NNODES": "1", "PET_NODE_RANK": "0"}, ALONE),
        ({"RANK": "1", "WORLD_SIZE": "2"} | ADDRESS, Place(1, 2, "job-0.net", 29500)),
        ({"JOB_COMPLETION_INDEX": "1", "WORLD_SIZE": "2"} | ADDRESS, Place(1, 2, "job-0.net", 29500)),
        ({"JOB_COMPLETION_INDEX": "0", "RANK": "1", "WORLD_SIZE": "2"} | ADDRESS, Place(1, 2, "job-0.net", 29500)),
        (KUBEFLOW, Place(2, 3, "a", 1)),
        (KUBEFLOW | {"JOB_COMPLETION_INDEX": "0"}, Place(2, 3, "a", 1)),
        (KUBEFLOW | {"RANK": "1", "WORLD_SIZE": "2"} | ADDRESS, Place(1, 2, "job-0.net", 29500)),
        ({"RANK": "", "WORLD_SIZE": ""}, ALONE),
    ],
)
def test_place(environ: dict[str, str], expected: Place) -> None:
    """Torch's names come first, and the index of a Job is a rank only among several."""
    assert place(**environ) == expected


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({"WORLD_SIZE": "2"}, ["RANK", "MASTER_ADDR", "MASTER_PORT"]),
        ({"RANK": "0"}, ["WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"]),
        ({"RANK": "0"} | ADDRESS, ["WORLD_SIZE"]),
        (ADDRESS, ["RANK", "WORLD_SIZE"]),
        ({"WORLD_SIZE": "2", "JOB_COMPLETION_INDEX": "1"}, ["MASTER_ADDR", "MASTER_PORT"]),
        ({"WORLD_SIZE": "2", "RANK": "1", "MASTER_ADDR": "a"}, ["MASTER_PORT"]),
        ({"PET_NNODES": "2", "JOB_COMPLETION_INDEX": "1"}, ["PET_NODE_RANK", "PET_MASTER_ADDR", "PET_MASTER_PORT"]),
        ({"PET_MASTER_ADDR": "a"}, ["PET_NODE_RANK", "PET_NNODES", "PET_MASTER_PORT"]),
    ],
)
def test_half_a_place_is_refused(environ: dict[str, str], missing: list[str]) -> None:
    """The sentence names what is missing, and nothing that is there."""
    sentence = refusal(**environ)
    assert [name for name in missing if f"{name} is not set" not in sentence] == []
    assert [name for name in environ if f"{name} is not set" in sentence] == []


@pytest.mark.parametrize(
    ("environ", "word"),
    [
        ({"RANK": "2", "WORLD_SIZE": "2"} | ADDRESS, "RANK=2 should be below WORLD_SIZE=2"),
        ({"JOB_COMPLETION_INDEX": "2", "WORLD_SIZE": "2"} | ADDRESS, "JOB_COMPLETION_INDEX=2 should be below"),
        ({"RANK": "-1", "WORLD_SIZE": "2"} | ADDRESS, "RANK='-1'"),
        ({"RANK": "0", "WORLD_SIZE": "two"} | ADDRESS, "WORLD_SIZE='two'"),
        ({"RANK": "0", "WORLD_SIZE": "2"} | ADDRESS | {"MASTER_PORT": "65536"}, "MASTER_PORT='65536'"),
        ({"PET_NNODES": "1:2"}, "PET_NNODES='1:2'"),
        (
            {"RANK": "0", "WORLD_SIZE": "2", "DEVICE": "cuda"} | ADDRESS,
            "DEVICE='cuda' cannot be shared by WORLD_SIZE=2",
        ),
        (
            {"RANK": "0", "WORLD_SIZE": "2", "FRAMEWORK": "spektral"} | ADDRESS,
            "FRAMEWORK='spektral' cannot take WORLD_SIZE=2",
        ),
        (
            {"RANK": "1", "WORLD_SIZE": "2"} | ADDRESS | {"MASTER_ADDR": "host:29500"},
            "MASTER_ADDR should be a host name",
        ),
        ({"RANK": "1", "WORLD_SIZE": "2"} | ADDRESS | {"MASTER_ADDR": "a..b"}, "MASTER_ADDR should be a host name"),
        ({"RANK": "1", "WORLD_SIZE": "2"} | ADDRESS | {"MASTER_ADDR": "x" * 64}, "MASTER_ADDR should be a host name"),
        ({"RANK_TIMEOUT": "0"}, "RANK_TIMEOUT='0'"),
        ({"RANK_START_TIMEOUT": "-1"}, "RANK_START_TIMEOUT='-1'"),
        ({"THREADS": "-1"}, "THREADS='-1'"),
    ],
)
def test_a_wrong_place_is_refused(environ: dict[str, str], word: str) -> None:
    """With the variable and its value."""
    assert word in refusal(**environ)
