"""Whether the graph helped, in one sentence: the model's key measure against the best baseline's.

The best baseline is the best one on the very part that the model is judged on. That favours the baselines a little, as
any choice made on a test part does, and so errs against the graph.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trainer.numerals import count, figure

_PARTS = {"test": "Test", "val": "Validation", "train": "Training"}
"""Those that say most about unseen vertices first."""
_KEY_NAMES = {"accuracy": "accuracy", "mae": "mean absolute error"}

Measures = Mapping[str, Any]
"""The measures of a part, as `metrics.json` has them."""


@dataclass(frozen=True)
class Comparison:
    """The numbers behind a verdict; `gap` are the words of its sentence that say how far apart they are."""

    part: str
    measure: str
    model: float
    baseline: str
    baseline_value: float
    gap: str


@dataclass(frozen=True)
class Verdict:
    """What a reader is told first.

    Attributes:
        sentence: the same in `metrics.json`, report, terminal and event.
        beats_baseline: whether the model is better than the best baseline; None without one.
        comparison: the numbers; None without a baseline.
        notes: what to keep in mind.
    """

    sentence: str
    beats_baseline: bool | None = None
    comparison: Comparison | None = None
    notes: list[str] = field(default_factory=list)


def judge(
    task: str,
    metrics: Mapping[str, Measures | None],
    baselines: Mapping[str, Mapping[str, Any]],
    phrases: Mapping[str, str],
) -> Verdict:
    """Compare the model with the best baseline on the part that says most about unseen vertices.

    Args:
        task: binary, multiclass or regression.
        metrics: the model's measures of each part.
        baselines: theirs, by name; may be empty.
        phrases: what each of them does, by the same names.
    """
    key = "mae" if task == "regression" else "accuracy"
    part = next(name for name in _PARTS if metrics.get(name) is not None)
    measures = metrics[part]
    assert measures is not None
    ours, notes = measures[key], _caveats(part)
    label = f"{_PARTS[part]} {_KEY_NAMES[key]}"
    if not baselines:
        return Verdict(f"{label} {_gap(key, ours, ours)[0]}, with no baseline to compare it with.", notes=notes)
    rivals = {name: baseline[part][key] for name, baseline in baselines.items()}
    best = (min if key == "mae" else max)(rivals, key=lambda name: rivals[name])
    theirs = rivals[best]
    sentence, gap, is_better = _compare(label, key, ours, theirs, phrases[best])
    if key == "accuracy":
        notes += _chance(measures["num"], ours, theirs, part)
    return Verdict(sentence, is_better, Comparison(part, key, ours, best, theirs, gap), notes)


def _compare(label: str, key: str, ours: float, theirs: float, rival: str) -> tuple[str, str, bool]:
    """The sentence, the words in it that matter most, and whether we are better."""
    shown, size = _gap(key, ours, theirs)
    if ours == theirs or size is None:
        same = "the same as"
        return f"{label} {shown}, {same} {rival}: the model does not beat its baseline.", same, False
    is_better = (ours < theirs) == (key == "mae")
    ending = "." if is_better else ": the model does not beat its baseline."
    if key == "mae":
        words = f"{size} lower (better)" if is_better else f"{size} higher (worse)"
        return f"{label} {shown}, {words} than {rival}{ending}", words, is_better
    words = f"{size} {'above' if is_better else 'below'}"
    return f"{label} {shown}, {words} {rival}{ending}", words, is_better


def _gap(key: str, ours: float, theirs: float) -> tuple[str, str | None]:
    """Our number and its distance to theirs with the same decimals; None when they print alike."""
    written = f"{ours:.2f}" if key == "accuracy" else figure(ours)
    if max(abs(ours), abs(theirs)) >= 1000 or "×" in written:
        return written, figure(abs(ours - theirs)) if abs(ours - theirs) > 1e-9 * abs(theirs) else None
    fewest = len(written.partition(".")[2])
    for decimals in range(fewest, fewest + 3):
        # The gap of the printed numbers, so that a reader who subtracts them finds the same.
        gap = abs(round(ours, decimals) - round(theirs, decimals))
        if round(gap, decimals):
            return f"{ours:.{decimals}f}", f"{gap:.{decimals}f}"
    return written, None


def _chance(num: int, ours: float, theirs: float, part: str) -> list[str]:
    """A note when the gap is inside the 95 % sampling interval of two shares."""
    reach = 1.96 * math.sqrt((ours * (1 - ours) + theirs * (1 - theirs)) / num)
    if ours == theirs or abs(ours - theirs) >= reach:
        return []
    return [f"With {count(num)} {_PARTS[part].lower()} vertices, a gap below about {reach:.2g} can be chance."]


def _caveats(part: str) -> list[str]:
    if part == "val":
        return ["There is no test part: the best epoch was chosen on these vertices, so the number flatters."]
    if part == "train":
        return ["There is no validation or test part: the number says nothing about unseen vertices."]
    return []
