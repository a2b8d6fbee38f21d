"""A split that the documents hold: masks, or the words of the parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.composed import build_dataset
from tests.conftest import make_graph, make_settings, ring
from tests.dataset.labels.test_split import split, warned_split
from trainer.dataset.labels.split import NO_PART, TEST, TRAIN, VAL
from trainer.errors import DataError

PARTS = [TRAIN] * 8 + [VAL] * 4 + [TEST] * 4 + [NO_PART] * 2
"""Of eighteen vertices."""
TRUTHS = {
    "booleans": (True, False),
    "integers": (1, 0),
    "doubles": (1.0, 0.0),
    "gaps": (1.0, None),
    "texts": ("true", "false"),
    "Python's": ("True", "False"),
    "text and nan": ("true", "nan"),
    "digits": ("1", "0"),
    "arrays": ([1], [0]),
}
NAMES = (
    ("train_mask", "val_mask", "test_mask"),
    ("is_train", "is_val", "is_test"),
    ("trainMask", "valMask", "testMask"),
    ("TRAIN_MASK", "VALIDATION_MASK", "TEST_MASK"),
    ("mask_train", "mask_valid", "mask_test"),
    ("isTrain", "isDev", "isTest"),
    ("trainmask", "valmask", "testmask"),
    ("in_train_set", "in_val_set", "in_test_set"),
    ("train", "val", "test"),
)


def masked(names: tuple[str, ...], true: Any = True, false: Any = False, **more: Any) -> list[dict[str, Any]]:
    """Documents with masks of these names for `PARTS`, and a time that would order them otherwise."""
    return [
        {"y": index % 2, "a": index, "ts": 1_717_200_000 - index}
        | {name: true if part == code else false for code, name in enumerate(names)}
        | more
        for index, part in enumerate(PARTS)
    ]


@pytest.mark.parametrize("names", NAMES, ids=lambda names: names[0])
def test_masks_are_the_split_by_default(names: tuple[str, ...]) -> None:
    """Under their usual names, before any time; the warning names them and counts the vertices in none."""
    result, warnings = warned_split(masked(names))
    assert (result.method, result.part.tolist(), result.attributes) == ("attribute", PARTS, names)
    listed = ", ".join(map(repr, names))
    assert warnings == (
        f"The stored split in {listed} is taken; set SPLIT to divide the vertices otherwise.",
        f"2 labelled vertices are in none of the masks {listed} and so in no part.",
    )


@pytest.mark.parametrize("form", TRUTHS)
@pytest.mark.parametrize("method", ["auto", "attribute:train_mask,val_mask,test_mask"])
def test_masks_in_any_form(method: str, form: str) -> None:
    """Booleans, 0/1, texts of them, floats with gaps."""
    assert split(masked(NAMES[0], *TRUTHS[form]), split=method).part.tolist() == PARTS


def test_named_masks_may_have_any_name() -> None:
    """SPLIT=attribute: takes three names, in any letter case and with blanks around; nothing is left to say."""
    result, warnings = warned_split(masked(("learn", "tune", "judge")), split="attribute:Learn, TUNE,judge")
    assert (result.part.tolist(), result.attributes) == (PARTS, ("learn", "tune", "judge"))
    assert len(warnings) == 1, "the vertices in no mask alone"


@pytest.mark.parametrize(
    ("names", "method"),
    [(("train_mask", "test_mask"), "auto"), (("a", "b"), "attribute:a,,b"), (("a", "b"), "attribute:a,b,")],
)
def test_two_masks_are_enough(names: tuple[str, str], method: str) -> None:
    """A part may have no mask: it is empty."""
    documents = [{"y": index % 2, names[0]: index < 8, names[1]: index >= 8} for index in range(12)]
    other = VAL if method.endswith(",") else TEST
    assert split(documents, split=method).part.tolist() == [TRAIN] * 8 + [other] * 4


@pytest.mark.parametrize("method", ["auto", "attribute:train_mask,val_mask,test_mask"])
def test_vertex_in_two_masks_is_refused(method: str) -> None:
    """What is judged on must not be learned from; the sentence counts them. Vertices without a label do not matter."""
    documents = masked(NAMES[0])
    documents[0]["val_mask"] = documents[1]["test_mask"] = documents[2]["test_mask"] = True
    documents[2]["y"] = None
    with pytest.raises(
        DataError, match="2 labelled vertices of v are in more than one of the masks 'train_mask', 'val"
    ):
        split(documents, split=method)


@pytest.mark.parametrize("masks", [{"train_mask": [1, 0, 1]}, {"train_mask": 0.5}, {"train_mask": {"a": 1}}])
def test_masks_that_are_none_are_not_taken(masks: dict[str, Any]) -> None:
    """Several splits in arrays, or other values: time divides, and a warning names the attribute."""
    documents = [document | masks for document in masked(NAMES[0])]
    result, warnings = warned_split(documents)
    assert result.method == "temporal"
    assert warnings == (
        "'train_mask' of v should be a stored mask by name, but holds something else than true and false; "
        "the vertices are divided without it.",
    )


@pytest.mark.parametrize(
    "documents",
    [
        [{"y": n % 2, "train": n / 3, "test": n / 7} for n in range(20)],
        [{"y": n % 2, "is_train": n < 5} for n in range(20)],
        [{"y": n % 2, "is_valid": n < 5, "is_test": n > 5} for n in range(20)],
        [{"y": n % 2, "train": n < 5, "val": n > 5} for n in range(20)],
        [{"y": n % 2, "part": ("left", "right")[n % 2]} for n in range(20)],
        [{"y": n % 2, "fold": n % 5} for n in range(20)],
        [{"y": n % 2, "split": ("train", "other")[n % 2]} for n in range(20)],
        [{"y": n % 2, "kind": ("train", "test")[n % 2]} for n in range(20)],
    ],
)
def test_what_only_resembles_a_split_is_none(documents: list[dict[str, Any]]) -> None:
    """Quantities, lone masks, other words, other names."""
    result, warnings = warned_split(documents)
    assert (result.method, warnings) == ("random", ())


@pytest.mark.parametrize("name", ["split", "Split", "data_split", "dataSplit", "fold", "part", "subset"])
@pytest.mark.parametrize("words", [("train", "val", "test", "none"), ("Training", "dev", "testing", None)])
def test_words_are_the_split_by_default(name: str, words: tuple[str | None, ...]) -> None:
    """An attribute with a usual name whose texts are the parts."""
    documents = [{"y": n % 2, "ts": 1_717_200_000 - n, name: words[part]} for n, part in enumerate(PARTS)]
    result, warnings = warned_split(documents)
    assert (result.method, result.part.tolist(), result.attributes) == ("attribute", PARTS, (name,))
    assert warnings[0] == f"The stored split in {name!r} is taken; set SPLIT to divide the vertices otherwise."
    assert warnings[1].startswith("2 labelled vertices have none of train, val and test")
    assert ("'none'" in warnings[1]) == ("none" in words)


def test_masks_come_before_words() -> None:
    """Both are there: the masks are taken."""
    assert split(masked(NAMES[0], split="train")).attributes == NAMES[0]


@pytest.mark.parametrize("method", ["random", "temporal"])
def test_split_that_was_asked_for_wins(method: str) -> None:
    """SPLIT divides as it says, masks or not."""
    result, warnings = warned_split(masked(NAMES[0]), split=method)
    assert (result.method, warnings) == (method, ())


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        ("attribute:train_mask", r"needs texts train, val and test .*SPLIT=attribute:<train>,<val>,<test>"),
        ("attribute:train_mask,a,test_mask", "mask 'a' of v, which does not hold true and false"),
        ("attribute:train_mask,vale_mask,test_mask", "'vale_mask' that SPLIT names: did you mean 'val_mask'"),
    ],
)
def test_masks_that_do_not_serve_are_refused(method: str, sentence: str) -> None:
    """A sentence says which, and what to do."""
    with pytest.raises(DataError, match=sentence):
        split(masked(NAMES[0]), split=method)


@given(
    st.lists(st.sampled_from([TRAIN, VAL, TEST, NO_PART]), min_size=12, max_size=40), st.sampled_from(sorted(TRUTHS))
)
def test_any_masks_are_read_back(parts: list[int], form: str) -> None:
    """Whatever the masks say, in any form, is the split of the labelled vertices."""
    parts = [TRAIN, TRAIN, VAL, TEST, *parts]
    true, false = TRUTHS[form]
    documents = [
        {"y": index % 2} | {name: true if part == code else false for code, name in enumerate(NAMES[0])}
        for index, part in enumerate(parts)
    ]
    assert split(documents).part.tolist() == parts


@pytest.mark.parametrize("names", NAMES, ids=lambda names: names[0])
@pytest.mark.parametrize("method", ["auto", "random"])
def test_masks_are_no_default_features(names: tuple[str, ...], method: str) -> None:
    """Neither the split that is taken nor one that is not; other attributes are."""
    graph = make_graph(masked(names), ring(18))
    dataset = build_dataset(graph, make_settings(target="y", split=method, messages="causal"))
    assert [feature.name for feature in dataset.inputs.features] == ["a"]


def test_quantities_that_are_called_train_and_test_are_features() -> None:
    """The names alone do not make a mask."""
    documents = [{"y": n % 2, "train": n / 3, "test": n / 7} for n in range(20)]
    dataset = build_dataset(make_graph(documents, ring(20)), make_settings(target="y"))
    assert [feature.name for feature in dataset.inputs.features] == ["test", "train"]


def test_order_of_rows_does_not_matter() -> None:
    """The same vertices in another order are in the same parts."""
    documents = [{"_key": f"v{n:02}"} | document for n, document in enumerate(masked(NAMES[0]))]
    np.testing.assert_array_equal(split(documents[::-1]).part, split(documents).part)


@pytest.mark.parametrize("method", ["auto", "attribute:train_mask,val_mask,test_mask"])
@pytest.mark.parametrize("time", ["soon", "9999-12-31T00:00:00Z"])
def test_a_time_that_cannot_be_read_is_not_needed(method: str, time: str) -> None:
    """The vertices are divided already; without the masks the same time is refused."""
    documents = [document | {"ts": time} for document in masked(NAMES[0])]
    dataset = build_dataset(make_graph(documents, ring(len(documents))), make_settings(target="y", split=method))
    assert dataset.split.part.tolist() == PARTS
    without = [{"y": document["y"], "a": document["a"], "ts": time} for document in documents]
    with pytest.raises(DataError, match="'ts' of v looks like the time"):
        build_dataset(make_graph(without, ring(len(without))), make_settings(target="y"))
