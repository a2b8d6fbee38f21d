"""How labelled vertices are divided into train, val and test."""

from typing import Annotated

from trainer.settings.setting import Group, setting
from trainer.settings.values import matching

Split = Annotated[str, matching(r"auto|temporal|random|graph|attribute:.+")]


class SplitSettings(Group, heading="training", listed_after="seed"):
    """How labelled vertices are divided into train, val and test."""

    split: Split = setting(
        "auto",
        "How labelled vertices are divided: by time, at random, by whole graphs, or by a stored attribute with train/val/test.",
        "auto, temporal, random, graph or attribute:<name>",
        shown_default="auto: temporal where there is time, else random",
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
