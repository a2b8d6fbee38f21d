"""Say in one sentence whether the graph helped: the model's key number against the best baseline's."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from trainer.report.numerals import count, figure
from trainer.report.reading import PART_NAMES, mapping, number

Tone = Literal["good", "bad", "even", "none"]

BASELINE_NAMES = {
    "linear": "the linear model without the graph",
    "majority_class": "always guessing the largest class",
    "mean": "always predicting the mean",
}
LOWER_IS_BETTER = {"loss", "mae", "rmse"}
_KEY_NAMES = {"accuracy": "accuracy", "mae": "mean absolute error"}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The headline of a report."""

    sentence: str
    tone: Tone
    emphasis: str = ""
    part: str | None = None
    details: tuple[str, ...] = ()


def judge(metrics: Mapping[str, Any]) -> Verdict:
    """Compare the model with the best baseline on the hardest part that has a number."""
    key = "mae" if metrics.get("task") == "regression" else "accuracy"
    parts = mapping(metrics.get("metrics"))
    part = next((name for name in ("test", "val", "train") if _value(parts, name, key) is not None), None)
    if part is None:
        halted = metrics.get("status") == "interrupted"
        why = "the run was interrupted before its first evaluation" if halted else "no part was evaluated"
        return Verdict(sentence=f"No result: {why}.", tone="none")
    ours = _value(parts, part, key) or 0.0
    label = f"{PART_NAMES[part]} {_KEY_NAMES[key]}"
    details = _caveats(part)
    rivals = {
        name: value
        for name, baseline in mapping(metrics.get("baselines")).items()
        if (value := _value(mapping(baseline), part, key)) is not None
    }
    if not rivals:
        sentence = f"{label} {_gap(key, ours, ours)[0]}, with no baseline to compare it with."
        return Verdict(sentence=sentence, tone="none", part=part, details=details)
    best = (min if key in LOWER_IS_BETTER else max)(rivals, key=lambda name: rivals[name])
    rival = BASELINE_NAMES.get(best, f"the baseline {best}")
    sentence, emphasis, tone = _compare(label, key, ours, rivals[best], rival)
    if key == "accuracy":
        details += _chance(mapping(parts.get(part)).get("num"), ours, rivals[best], part)
    return Verdict(sentence=sentence, emphasis=emphasis, tone=tone, part=part, details=details)


def _compare(label: str, key: str, ours: float, theirs: float, rival: str) -> tuple[str, str, Tone]:
    """Return the sentence, the words in it that matter most, and its tone."""
    shown, size = _gap(key, ours, theirs)
    lower = key in LOWER_IS_BETTER
    if ours == theirs or size is None:
        same = "the same as"
        return f"{label} {shown}, {same} {rival}: the model does not beat its baseline.", same, "even"
    if (ours < theirs) == lower:
        words = f"{size} lower (better)" if lower else f"{size} above"
        return f"{label} {shown}, {words}{' than' if lower else ''} {rival}.", words, "good"
    words = f"{size} higher (worse)" if lower else f"{size} below"
    ending = f"{' than' if lower else ''} {rival}: the model does not beat its baseline."
    return f"{label} {shown}, {words}{ending}", words, "bad"


def _gap(key: str, ours: float, theirs: float) -> tuple[str, str | None]:
    """Print our number and its distance to theirs with the same decimals; None when they print alike."""
    written = f"{ours:.2f}" if key == "accuracy" and abs(ours) < 1000 else figure(ours)
    if max(abs(ours), abs(theirs)) >= 1000 or "×" in written:
        return written, figure(abs(ours - theirs)) if abs(ours - theirs) > 1e-9 * abs(theirs) else None
    fewest = len(written.partition(".")[2])
    for decimals in range(fewest, fewest + 3):
        # The gap of the printed numbers, so that a reader who subtracts them finds the same.
        gap = abs(round(ours, decimals) - round(theirs, decimals))
        if round(gap, decimals):
            return f"{ours:.{decimals}f}", f"{gap:.{decimals}f}"
    return written, None


def _chance(num: object, ours: float, theirs: float, part: str) -> tuple[str, ...]:
    """Warn when the gap is inside the 95 % sampling interval of two shares."""
    rows = number(num)
    if not rows or rows <= 0 or not (0 <= ours <= 1 and 0 <= theirs <= 1):
        return ()
    reach = 1.96 * math.sqrt((ours * (1 - ours) + theirs * (1 - theirs)) / rows)
    if ours == theirs or abs(ours - theirs) >= reach:
        return ()
    where = PART_NAMES[part].lower()
    return (f"With {count(rows)} {where} vertices, a gap below about {reach:.2g} can be chance.",)


def _caveats(part: str) -> tuple[str, ...]:
    if part == "val":
        return ("There is no test part: the best epoch was chosen on these vertices, so the number flatters.",)
    if part == "train":
        return ("There is no validation or test part: the number says nothing about unseen vertices.",)
    return ()


def _value(parts: Mapping[str, Any], part: str, key: str) -> float | None:
    return number(mapping(parts.get(part)).get(key))
