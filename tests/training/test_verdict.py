"""The verdict: one sentence on whether the model beats the best prediction without the graph."""

from __future__ import annotations

from typing import Any

import pytest

from trainer.training.verdict import Verdict, judge

PHRASES = {
    "majority_class": "always guessing the largest class",
    "mean": "always predicting the mean",
    "linear": "the linear model without the graph",
    "gradient_boosting": "gradient boosting without the graph",
}


def measures(measure: str, value: float | None, num: int = 5000) -> dict[str, Any] | None:
    """Of a part, where there is one."""
    return None if value is None else {"num": num, measure: value}


def judged(ours: float, *, task: str = "binary", part: str = "test", num: int = 5000, **baselines: float) -> Verdict:
    """The verdict over one part, and those before it are there, too."""
    measure = "mae" if task == "regression" else "accuracy"
    parts = ("train", "val", "test")
    known = parts[: parts.index(part) + 1]

    def of(value: float) -> dict[str, Any]:
        return {name: measures(measure, value if name in known else None, num) for name in parts}

    return judge(task, of(ours), {name: of(value) for name, value in baselines.items()}, PHRASES)


def test_better() -> None:
    """The gap to the best baseline is that of the printed numbers."""
    verdict = judged(0.614, linear=0.519, majority_class=0.1)
    assert verdict.sentence == "Test accuracy 0.61, 0.09 above the linear model without the graph."
    assert verdict.beats_baseline is True


def test_worse() -> None:
    """A higher error than the baseline's is called worse in plain words."""
    verdict = judged(0.0113, task="regression", linear=0.0109, mean=0.02)
    assert verdict.sentence == (
        "Test mean absolute error 0.0113, 0.0004 higher (worse) than the linear model without the graph: "
        "the model does not beat its baseline."
    )
    assert verdict.beats_baseline is False


def test_a_lower_error_is_better() -> None:
    """The sentence says which way is good."""
    verdict = judged(0.5, task="regression", gradient_boosting=0.75, mean=0.9)
    assert (
        verdict.sentence
        == "Test mean absolute error 0.500, 0.250 lower (better) than gradient boosting without the graph."
    )
    assert verdict.beats_baseline is True


@pytest.mark.parametrize("best", PHRASES)
def test_the_best_baseline_counts(best: str) -> None:
    """A model that beats all baselines but one does not beat its baseline."""
    task = "regression" if best == "mean" else "binary"
    better, worse = (0.5, 0.7) if task == "regression" else (0.7, 0.5)
    baselines: dict[str, Any] = dict.fromkeys(PHRASES, worse) | {best: better}
    verdict = judged(0.61, task=task, **baselines)
    assert PHRASES[best] in verdict.sentence
    assert verdict.sentence.endswith(": the model does not beat its baseline.")
    assert verdict.beats_baseline is False
    assert verdict.comparison is not None
    assert verdict.comparison.baseline == best
    assert verdict.comparison.baseline_value == better


@pytest.mark.parametrize("ours", [0.52, 0.52 + 1e-9])
def test_the_same(ours: float) -> None:
    """Numbers that print alike are no success."""
    verdict = judged(ours, linear=0.52)
    assert verdict.sentence.startswith("Test accuracy 0.52, the same as the linear model without the graph: the model")
    assert verdict.beats_baseline is False


def test_a_small_gap() -> None:
    """A gap below the usual two decimals gets more of them."""
    assert (
        judged(0.6114, linear=0.6101).sentence == "Test accuracy 0.611, 0.001 above the linear model without the graph."
    )


def test_large_errors() -> None:
    """Labels may be in the millions."""
    verdict = judged(1_234_567.0, task="regression", mean=2_345_678.0)
    assert verdict.sentence == (
        "Test mean absolute error 1.23×10⁶, 1.11×10⁶ lower (better) than always predicting the mean."
    )


def test_a_gap_within_chance_is_called_so() -> None:
    """Ten vertices prove nothing."""
    assert judged(0.61, num=10, linear=0.52).notes == ["With 10 test vertices, a gap below about 0.43 can be chance."]
    assert judged(0.61, num=10_000, linear=0.52).notes == []


def test_without_a_test_part() -> None:
    """Validation stands in for a missing test part, and a note says why that flatters."""
    verdict = judged(0.62, part="val", majority_class=0.52, linear=0.5)
    assert verdict.sentence == "Validation accuracy 0.62, 0.10 above always guessing the largest class."
    assert "There is no test part" in verdict.notes[0]


def test_without_validation_and_test() -> None:
    """The training part alone says nothing of unseen vertices."""
    verdict = judged(0.62, part="train", linear=0.5)
    assert verdict.sentence.startswith("Training accuracy 0.62")
    assert "says nothing about unseen vertices" in verdict.notes[0]


def test_without_baselines() -> None:
    """A number with nothing beside it is not praised."""
    verdict = judged(0.62)
    assert verdict.sentence == "Test accuracy 0.62, with no baseline to compare it with."
    assert (verdict.beats_baseline, verdict.comparison) == (None, None)
