"""How labelled vertices are divided into train, val and test."""

from typing import Annotated

from trainer.settings.setting import Group, setting
from trainer.settings.values import matching

STORED = "attribute:"

_WORDS = ("auto", "temporal", "random", "graph")
_ATTRIBUTES = rf"{STORED}[^,]+|{STORED}[^,]+,(?:[^,]+,[^,]*|[^,]*,[^,]+)"
Split = Annotated[str, matching("|".join((*_WORDS, _ATTRIBUTES)), *_WORDS)]


class SplitSettings(Group, heading="training", listed_after="seed"):
    """How labelled vertices are divided into train, val and test."""

    split: Split = setting(
        "auto",
        "How labelled vertices are divided: by time, at random, by whole graphs, by a stored attribute with train/val/test, "
        "or by three stored masks, of which that of val or test may be left empty.",
        "auto, temporal, random, graph, attribute:<name> or attribute:<train>,<val>,<test>",
        shown_default="auto: a stored mask or split where there is one, temporal where there is time, else random",
    )
    val_ratio: float = setting(
        0.15, "Share of labelled vertices to validate on.", "a number from 0 to below 1", ge=0, lt=1
    )
    test_ratio: float = setting(
        0.15, "Share of labelled vertices to test on.", "a number from 0 to below 1", ge=0, lt=1
    )
    embargo: float = setting(
        0.0,
        "Gap between the parts of a temporal split, in the units of TIME_FIELD: seconds where it holds texts or calendar numbers, "
        "the finest where it holds several.",
        "a number of at least 0",
        ge=0,
    )

    @property
    def stored_names(self) -> tuple[str, ...]:
        """The attribute that SPLIT names, or the masks of train, val and test, one empty at most; nothing for other splits."""
        if not self.split.startswith(STORED):
            return ()
        return tuple(name.strip() for name in self.split.removeprefix(STORED).split(","))
