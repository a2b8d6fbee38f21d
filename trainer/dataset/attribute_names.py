"""Attribute names: which look like labels, which like times, and which one a setting means."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection

from trainer.dataset.stored_masks import is_split_like
from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.graph import join_names
from trainer.settings.groups.data import DataSettings
from trainer.settings.groups.split import SplitSettings

TARGET_NAMES = ("target", "label", "y", "price_up")
TIME_NAMES = ("ts", "timestamp", "open_time", "time", "datetime", "date", "time_bucket", "event_time", "detected_at")
_MORE_TIMES = ("close_time", "created_at", "updated_at", "valid_until", "ingested_at")
_LABEL_LIKE = re.compile(r"targets?|labels?|class(es)?|y|price_up|future_.*|target_.*|label_.*|.*_(target|label)")


def is_label_like(name: str) -> bool:
    """Whether the name is one that labels usually have, such as `future_volatility`."""
    return _LABEL_LIKE.fullmatch(name.lower()) is not None


def is_time_like(name: str) -> bool:
    """Whether the name is one that times usually have, such as `open_time`."""
    return name.lower() in TIME_NAMES or name.lower() in _MORE_TIMES


def find_name(name: str, names: Collection[str]) -> str | None:
    """The one of `names` that `name` means: itself, else the only one that differs in letter case."""
    if name in names:
        return name
    matches = [other for other in names if other.lower() == name.lower()]
    return matches[0] if len(matches) == 1 else None


def usual_targets(names: Collection[str]) -> list[str]:
    """The first usual name of a label among these, else all `future_*`; the label is clear if it is one."""
    usual = [name for name in TARGET_NAMES if name in names][:1]
    return usual or [name for name in names if name.lower().startswith("future_")]


def did_you_mean(name: str, names: Collection[str], noun: str = "attributes") -> str:
    """The end of a sentence about a name that does not exist."""
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    return f"{hint}the {noun} are: {join_names(names, most=30)}"


def attributes_in_use(data: DataSettings, split: SplitSettings) -> AttributeFilter:
    """Which attributes a run with these settings may need from the source."""
    named = [*data.features, data.target, data.time_field, *split.stored_names]

    def usual(name: str) -> bool:
        if not data.target and is_label_like(name):
            return True
        if split.split == "auto" and is_split_like(name):
            return True
        return name.lower() in TIME_NAMES  # a type that lacks TIME_FIELD goes by its usual name

    return AttributeFilter(
        named=frozenset(name.lower() for name in named if name),
        usual=usual,
        all_numeric=not data.features,
        needs_all_names=not data.features or not data.target,
        edge_weight=data.edge_weight,
    )
