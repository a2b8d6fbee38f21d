"""Which vertices a model learns from, is chosen by, and is judged on."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from tests.conftest import make_graph, make_settings
from trainer.dataset.grouping.type_table import merge_tables
from trainer.dataset.labels.split import EMBARGO, NO_PART, PARTS, TEST, TRAIN, VAL, Split
from trainer.dataset.labels.splitting import find_stored_split, make_split
from trainer.dataset.labels.target import find_target
from trainer.dataset.time.per_type import find_times
from trainer.dataset.warned import Warned
from trainer.errors import DataError


def warned_split(documents: list[dict[str, Any]], **values: Any) -> Warned[Split]:
    """The split of these documents, with the label `y`, and the warnings."""
    chosen = make_settings(**{"target": "y"} | values)
    merged = merge_tables("v", [make_graph(documents).vertices["v"]])
    target = find_target(chosen.data, chosen.training, merged.table).value
    times = find_times({"v": merged}, chosen.data.time_field).value
    stored, warnings = find_stored_split(chosen.split, merged.table, target)
    result, more = make_split(chosen.split, chosen.training.seed, merged.table, target, times["v"], stored)
    return Warned(result, warnings + more)


def split(documents: list[dict[str, Any]], **values: Any) -> Split:
    """The split of these documents, with the label `y`."""
    return warned_split(documents, **values).value


def timed(times: list[Any], labels: list[Any] | None = None) -> list[dict[str, Any]]:
    """Documents with these times; labels alternate unless given."""
    labels = [index % 2 for index in range(len(times))] if labels is None else labels
    return [{"ts": time, "y": label} for time, label in zip(times, labels, strict=True)]


@settings(max_examples=150)
@given(
    st.lists(st.integers(0, 60), min_size=12, max_size=60),
    st.sampled_from([0, 1, 2.5, 7]),
    st.sampled_from([0.1, 0.2, 0.3]),
    st.randoms(use_true_random=False),
)
def test_temporal_parts_follow_each_other_across_the_embargo(
    times: list[int], embargo: float, ratio: float, random: Any
) -> None:
    """Parts keep the embargo's distance in time; equal times are never in two parts; the order of rows does not matter."""
    random.shuffle(times)
    values = np.array(times)
    try:
        result = split(timed(times), split="temporal", embargo=embargo, val_ratio=ratio, test_ratio=ratio)
    except DataError:
        reject()  # too many equal times or too wide an embargo; the tests below say when that is right
    train, val, test = (values[result.mask(name)] for name in PARTS)
    assert train.max() + embargo < val.min()
    assert val.max() + embargo < test.min()
    assert all(len(set(result.part[values == time].tolist())) == 1 for time in set(times))


def test_temporal_sizes_are_the_ratios() -> None:
    """Of a hundred times the last 20 are the test part, the 10 before them validation."""
    result = split(timed(list(range(100))), split="temporal", val_ratio=0.1, test_ratio=0.2)
    assert result.part.tolist() == [TRAIN] * 70 + [VAL] * 10 + [TEST] * 20
    assert result.boundaries == {
        "train_start": 0.0,
        "train_end": 69.0,
        "val_start": 70.0,
        "val_end": 79.0,
        "test_start": 80.0,
        "test_end": 99.0,
    }


@pytest.mark.parametrize("method", ["temporal", "random"])
@pytest.mark.parametrize(("num", "size"), [(16, 2), (17, 3), (3, 1)], ids=["down", "up", "one at least"])
def test_sizes_are_rounded(method: str, num: int, size: int) -> None:
    """Of 16 vertices 15 % are 2.4, so 2; of 17 they are 2.55, so 3; a ratio above 0 asks for one vertex at least."""
    documents = timed(list(range(num)))
    val = split(documents, split=method, val_ratio=0.15, test_ratio=0)
    test = split(documents, split=method, val_ratio=0, test_ratio=0.15)
    assert [int(result.mask(name).sum()) for result, name in ((val, "val"), (test, "test"))] == [size, size]


def test_ties_go_to_the_later_part() -> None:
    """A time on the border belongs whole to the part after it, so that no equal time is learned from."""
    result = split(timed([0, 1, 2, 3, 4, 5, 6, 6, 6, 9]), split="temporal", val_ratio=0.1, test_ratio=0.1)
    assert result.part.tolist() == [TRAIN] * 6 + [VAL] * 3 + [TEST]


def test_embargo_empties_the_time_before_each_later_part() -> None:
    """A training time t with t + embargo >= the first validation time is in no part; so before the test part."""
    result = split(timed(list(range(20))), split="temporal", val_ratio=0.25, test_ratio=0.25, embargo=2)
    assert result.part.tolist() == [TRAIN] * 8 + [EMBARGO] * 2 + [VAL] * 3 + [EMBARGO] * 2 + [TEST] * 5


def test_nanoseconds_one_apart_are_distinguished() -> None:
    """Epoch nanoseconds need all their digits: without an embargo no vertex is lost between the parts."""
    start = 1_700_000_000_123_456_789
    result = split(timed([start + step for step in range(20)]), split="temporal", val_ratio=0.25, test_ratio=0.25)
    assert result.part.tolist() == [TRAIN] * 10 + [VAL] * 5 + [TEST] * 5


def test_embargo_between_nanoseconds() -> None:
    """No nanosecond inside the embargo is learned from."""
    start = 1_700_000_000_123_456_789
    result = split(
        timed([start + step for step in range(20)]), split="temporal", val_ratio=0.25, test_ratio=0.25, embargo=2
    )
    assert result.part.tolist() == [TRAIN] * 8 + [EMBARGO] * 2 + [VAL] * 3 + [EMBARGO] * 2 + [TEST] * 5


def test_fraction_of_an_embargo_reaches_no_whole_time() -> None:
    """Two and a half units before the first validation time lie the same whole times as two units before it."""
    whole, more = (
        split(timed(list(range(20))), split="temporal", val_ratio=0.25, test_ratio=0.25, embargo=embargo).part.tolist()
        for embargo in (2, 2.5)
    )
    assert whole == more


def test_embargo_that_swallows_training_is_refused() -> None:
    """An embargo wider than the training part leaves nothing to learn from."""
    with pytest.raises(DataError, match="EMBARGO=50 leaves no vertex for the train part"):
        split(timed(list(range(20))), split="temporal", embargo=50)


def test_equal_times_that_swallow_a_part_are_refused() -> None:
    """Equal times at the end leave nothing between training and test."""
    with pytest.raises(DataError, match="Equal times leave no vertex for the val part"):
        split(timed([*range(10), *[10] * 10]), split="temporal", val_ratio=0.2, test_ratio=0.2)


def test_time_decides_where_there_is_one() -> None:
    """SPLIT=auto is temporal with a time, random without."""
    assert split(timed(list(range(20)))).method == "temporal"
    assert split([{"y": index % 2} for index in range(20)]).method == "random"


def test_one_time_for_all_is_split_at_random() -> None:
    """A time that does not pass orders nothing; a warning says so."""
    result, warnings = warned_split(timed([5] * 20))
    assert result.method == "random"
    assert warnings == ("All labelled vertices have the same 'ts'; they are split at random.",)


def test_times_of_unlabelled_vertices_order_nothing() -> None:
    """What divides the labelled vertices is their own time; others may have many."""
    documents = timed([*[5] * 20, *range(20)], [*(index % 2 for index in range(20)), *[None] * 20])
    assert split(documents).method == "random"
    with pytest.raises(DataError, match=r"SPLIT=temporal .*'ts' of v"):
        split(documents, split="temporal")


@pytest.mark.parametrize("absent", [None, 2**63 - 1])
@pytest.mark.parametrize("method", ["auto", "temporal"])
def test_labelled_vertices_without_a_time_that_others_have_are_refused(method: str, absent: Any) -> None:
    """A split at random would let the future into the training without a word."""
    documents = timed([*[absent] * 20, *range(20)], [*(index % 2 for index in range(20)), *[None] * 20])
    with pytest.raises(DataError, match="No labelled vertex of v has a time in 'ts'"):
        split(documents, split=method)
    assert split(documents, split="random").method == "random"


def test_temporal_sizes_are_of_the_labelled_vertices() -> None:
    """Candles of which nobody knows the outcome yet stand at the end; the parts end where the labels do."""
    labels = [*(index % 2 for index in range(20)), *[None] * 20]
    result = split(timed(list(range(40)), labels), split="temporal", val_ratio=0.25, test_ratio=0.25)
    assert result.part.tolist() == [TRAIN] * 10 + [VAL] * 5 + [TEST] * 5 + [NO_PART] * 20


def test_temporal_without_a_time_is_refused() -> None:
    """What was asked for is not silently replaced."""
    with pytest.raises(DataError, match="SPLIT=temporal needs a time"):
        split([{"y": index % 2} for index in range(20)], split="temporal")


def test_labelled_vertex_without_a_time_is_in_no_part() -> None:
    """It could be of any time, so it is neither learned from nor judged on."""
    result, warnings = warned_split(timed([*range(19), None]), split="temporal")
    assert result.part[-1] == NO_PART
    assert warnings == ("1 labelled vertices have no 'ts' and are in no part.",)


@pytest.mark.parametrize("method", ["temporal", "random", "attribute:fold"])
def test_unlabelled_vertices_are_in_no_part(method: str) -> None:
    """Every split leaves them out, and all others have a part."""
    labels = [None if index % 4 == 3 else index % 2 for index in range(80)]
    documents = [
        document | {"fold": ("train", "val", "test")[index % 3]}
        for index, document in enumerate(timed(list(range(80)), labels))
    ]
    result = split(documents, split=method)
    assert (result.part == NO_PART).tolist() == [label is None for label in labels]


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(10, 60), st.integers(10, 60), st.integers(10, 60))
def test_random_parts_keep_the_shares_of_the_classes(seed: int, first: int, second: int, third: int) -> None:
    """Stratified: in each part a class has its share, to one vertex."""
    labels = [0] * first + [1] * second + [2] * third
    result = split([{"y": label} for label in labels], split="random", seed=seed, val_ratio=0.2, test_ratio=0.2)
    for name in PARTS:
        mask = result.mask(name)
        counts = Counter(np.array(labels)[mask].tolist())
        for label, size in ((0, first), (1, second), (2, third)):
            assert abs(counts[label] - mask.sum() * size / len(labels)) <= 1.5


def test_random_sizes_are_the_ratios() -> None:
    """Of a hundred vertices 10 and 20."""
    result = split([{"y": index % 2} for index in range(100)], split="random", val_ratio=0.1, test_ratio=0.2)
    assert [int(result.mask(name).sum()) for name in PARTS] == [70, 10, 20]


def test_random_split_repeats_by_seed() -> None:
    """One seed, one split; another seed, another."""
    documents = [{"y": index % 2} for index in range(60)]
    first, again, other = (split(documents, split="random", seed=seed).part.tolist() for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_random_parts_are_scikit_learns() -> None:
    """The test part is drawn first, validation out of the rest: a seed means the same in every version of this program."""
    labels = [index % 3 for index in range(60)]
    result = split([{"y": label} for label in labels], split="random", seed=11, val_ratio=0.2, test_ratio=0.1)
    rest, test = train_test_split(np.arange(60), test_size=6, random_state=11, stratify=labels)
    train, val = train_test_split(rest, test_size=12, random_state=11, stratify=np.array(labels)[rest])
    expected = {"train": train, "val": val, "test": test}
    assert {name: np.flatnonzero(result.mask(name)).tolist() for name in PARTS} == {
        name: sorted(rows.tolist()) for name, rows in expected.items()
    }


def test_class_that_the_test_part_leaves_one_vertex_of() -> None:
    """One of two went to the test part; the other cannot be spread over what is left, which is a warning, not an error."""
    labels = [0, 1] * 15 + [2] * 2
    documents = [{"y": label} for label in labels]
    result, warnings = warned_split(documents, split="random", val_ratio=0.2, test_ratio=0.5)
    assert int((np.array(labels)[result.mask("test")] == 2).sum()) == 1
    assert [warning for warning in warnings if "too rare" in warning] == [
        "Some classes are too rare to be spread evenly over the val part."
    ]


@pytest.mark.parametrize(
    ("labels", "val_ratio", "is_spread"),
    [([0, 1] * 2, 0.5, True), ([0, 1, 2] * 2, 0.34, False), ([0, 1, 2] * 2, 0.66, False), ([0, 0, 0, 1], 0.25, False)],
    ids=["one of each in each", "part too small", "rest too small", "one of a class"],
)
def test_classes_are_spread_where_each_part_can_have_one_of_each(
    labels: list[int], val_ratio: float, is_spread: bool
) -> None:
    """At the edge each part has one of each class; where a part cannot have that, chance decides, with a warning."""
    documents = [{"y": label} for label in labels]
    result, warnings = warned_split(documents, split="random", val_ratio=val_ratio, test_ratio=0)
    assert any("too rare to be spread evenly over the val part" in warning for warning in warnings) != is_spread
    if is_spread:
        assert sorted(np.array(labels)[result.mask("val")].tolist()) == [0, 1]


def test_rare_class_is_still_split() -> None:
    """A class with one vertex cannot be stratified; that is a warning, not an error."""
    result, warnings = warned_split([{"y": label} for label in [0, 1] * 20 + [2]], split="random")
    assert (result.part != NO_PART).all()
    assert any("too rare to be spread evenly" in warning for warning in warnings)


def test_stored_split_is_taken_as_it_is() -> None:
    """The words of common data sets, in any letter case; others are in no part, with a warning."""
    words = ["train", "Training", "TRAIN", "val", "valid", "validation", "dev", "test", "testing", "other", None]
    expected = [TRAIN] * 3 + [VAL] * 4 + [TEST] * 2 + [NO_PART] * 2
    documents = [{"y": index % 2, "fold": word} for index, word in enumerate(words)]
    result, warnings = warned_split(documents, split="attribute:Fold")
    assert result.method == "attribute"
    assert result.part.tolist() == expected
    assert any("'other'" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("documents", "method", "sentence"),
    [
        ([{"y": 0, "fold": 1}, {"y": 1, "fold": 2}], "attribute:fold", "needs texts train, val and test"),
        ([{"y": 0}, {"y": 1}], "attribute:fold", "no attribute 'fold' that SPLIT names"),
        ([{"y": 0, "fold": "val"}, {"y": 1, "fold": "test"}], "attribute:fold", "No vertex with a label"),
        ([{"y": 0, "fold": "train"}, {"y": 1, "fold": "test"}], "attribute:fold", r"one class of 'y' only \(0\)"),
        ([{"y": 0}, {"y": 1}], "random", "2 labelled vertices are too few"),
        (timed(list(range(20)), [0] * 14 + [1] * 6), "temporal", "one class of 'y' only"),
    ],
)
def test_split_that_cannot_teach_is_refused(documents: list[dict[str, Any]], method: str, sentence: str) -> None:
    """No training part, one class in it, or no such attribute: a sentence says which."""
    with pytest.raises(DataError, match=sentence):
        split(documents, split=method)


@pytest.mark.parametrize("method", ["temporal", "random"])
def test_parts_of_ratio_zero_are_empty(method: str) -> None:
    """VAL_RATIO=0 and TEST_RATIO=0 learn from everything."""
    result = split(timed(list(range(20))), split=method, val_ratio=0, test_ratio=0)
    assert result.mask("train").all()
