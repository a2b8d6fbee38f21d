"""Whether the graph helped, in one sentence: the model's key measure against the best baseline's."""

import math
from dataclasses import dataclass
from typing import Literal

from trainer.record import Measures, Part, RegressionMeasures, RunRecord
from trainer.report.names import LOWER_IS_BETTER, PARTS
from trainer.report.numerals import count, figure

Tone = Literal["good", "bad", "even", "none"]

_BASELINES = {
    "linear": "the linear model without the graph",
    "majority_class": "always guessing the largest class",
    "mean": "always predicting the mean",
}
_KEY_NAMES = {"accuracy": "accuracy", "mae": "mean absolute error"}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The headline of a report, and the part that it is about."""

    sentence: str
    tone: Tone
    part: Part
    emphasis: str = ""
    details: tuple[str, ...] = ()


def judge(run: RunRecord) -> Verdict:
    """Compare the model with the best baseline on the part that tells most about unseen vertices."""
    key = "mae" if run.task == "regression" else "accuracy"
    part = run.metrics.best_part
    ours = _key_measure(run.metrics.headline)
    label = f"{PARTS[part]} {_KEY_NAMES[key]}"
    details = _caveats(part)
    if not run.baselines:
        sentence = f"{label} {_gap(key, ours, ours)[0]}, with no baseline to compare it with."
        return Verdict(sentence=sentence, tone="none", part=part, details=details)
    rivals = {name: _key_measure(baseline.headline) for name, baseline in run.baselines.items()}
    best = (min if key in LOWER_IS_BETTER else max)(rivals, key=lambda name: rivals[name])
    sentence, emphasis, tone = _compare(label, key, ours, rivals[best], _BASELINES[best])
    if key == "accuracy":
        details += _chance(run.metrics.headline.num, ours, rivals[best], part)
    return Verdict(sentence=sentence, emphasis=emphasis, tone=tone, part=part, details=details)


def _key_measure(measures: Measures) -> float:
    return measures.mae if isinstance(measures, RegressionMeasures) else measures.accuracy


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


def _chance(num: int, ours: float, theirs: float, part: Part) -> tuple[str, ...]:
    """Warn when the gap is inside the 95 % sampling interval of two shares."""
    reach = 1.96 * math.sqrt((ours * (1 - ours) + theirs * (1 - theirs)) / num)
    if ours == theirs or abs(ours - theirs) >= reach:
        return ()
    where = PARTS[part].lower()
    return (f"With {count(num)} {where} vertices, a gap below about {reach:.2g} can be chance.",)


def _caveats(part: Part) -> tuple[str, ...]:
    if part == "val":
        return ("There is no test part: the best epoch was chosen on these vertices, so the number flatters.",)
    if part == "train":
        return ("There is no validation or test part: the number says nothing about unseen vertices.",)
    return ()
