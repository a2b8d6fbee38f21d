"""Attribute names: which look like labels, which like times, and which one a setting means."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

from trainer.dataset.stored_masks import is_split_like
from trainer.graph.attribute_filter import AttributeFilter
from trainer.settings.groups.data import DataSettings
from trainer.settings.groups.split import SplitSettings

TARGET_NAMES = ("target", "label", "y", "price_up")
TIME_NAMES = ("ts", "timestamp", "open_time", "time", "datetime", "date", "time_bucket", "event_time", "detected_at")
"""What times are usually called, the likeliest name first."""
_LESS_LIKELY_TIMES = (
    *(
        "close_time",
        "start_time",
        "trade_time",
        "transact_time",
        "transaction_time",
        "event_timestamp",
        "block_timestamp",
    ),
    *("unix_time", "epoch_time", "published_at", "created_at", "updated_at", "ingested_at"),
)
"""Taken where no attribute with one of TIME_NAMES has a value."""
_OTHER_TIMES = ("valid_until", "valid_from", "end_time", "expires_at", "deleted_at")
_UNIT_SUFFIX = re.compile(
    r"_(?:[mun]?s|[mun]?secs?|(?:milli|micro|nano)?seconds?|millis|micros|nanos|utc|gmt|iso|iso8601|unix|epoch)$"
)
_NEW_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")
_TIME_RANKS = {name.replace("_", ""): rank for rank, name in enumerate((*TIME_NAMES, *_LESS_LIKELY_TIMES))}
_NO_TIME_OF_A_VERTEX = {name.replace("_", "") for name in _OTHER_TIMES}
_KEY = re.compile(
    r"(?:.*_)?(?:id|uid|uuid|guid|oid|pk|key|(?:user|account|client|customer|session|order|trade|tx|item|product|row|node|device)id)"
)
_RUNNING_NUMBER = re.compile(r"(?:.*_)?(?:index|idx|number|nr|row|rownum|seq|sequence|serial|ordinal)")
_LABEL_LIKE = re.compile(r"targets?|labels?|class(es)?|y|price_up|future_.*|target_.*|label_.*|.*_(target|label)")
_SERIES_LIKE = re.compile(r"(symbol|ticker|pair|instrument|isin)(_?(id|name|code))?|(trading|currency)_?pair")


def is_label_like(name: str) -> bool:
    """Whether the name is one that labels usually have, such as `future_volatility`."""
    return _LABEL_LIKE.fullmatch(name.lower()) is not None


def is_key_name(name: str) -> bool:
    """Whether the name is one that keys have: `id`, `user_id`, `aggTradeId`, `order key`; not `bid`, `key_levels`, `id_count`."""
    return _KEY.fullmatch(_in_words(name)) is not None


def is_running_number_name(name: str) -> bool:
    """Whether the name is one that numbers have by which documents are counted through: `index`, `rowNumber`, `seq`."""
    return _RUNNING_NUMBER.fullmatch(_in_words(name)) is not None


def is_time_name(name: str) -> bool:
    """Whether the time is taken from an attribute of this name: `open_time`, `openTime`, `Open Time`, `open_time_ms`."""
    return _time_rank(name) < len(_TIME_RANKS)


def is_time_like(name: str) -> bool:
    """Whether the name is one that times usually have, be it not that of the vertex, such as `valid_until`."""
    return is_time_name(name) or _squeezed(name) in _NO_TIME_OF_A_VERTEX


def time_names(names: Iterable[str]) -> list[str]:
    """Those of these names from which the time is taken, the likeliest first; a spelling without a unit goes before others."""
    return sorted(filter(is_time_name, names), key=lambda name: (_time_rank(name), len(name), name))


def is_likely_time(name: str) -> bool:
    """Whether it is one of TIME_NAMES in any spelling."""
    return _time_rank(name) < len(TIME_NAMES)


def _time_rank(name: str) -> int:
    return _TIME_RANKS.get(_squeezed(name), len(_TIME_RANKS))


def _in_words(name: str) -> str:
    """The name in lower case, its words parted by `_`."""
    return _NEW_WORD.sub("_", name).strip("_").lower()


@lru_cache(maxsize=4096)
def _squeezed(name: str) -> str:
    """The name in lower case without what parts its words, and without a unit at its end."""
    words = _in_words(name)
    while (shorter := _UNIT_SUFFIX.sub("", words)) != words:
        words = shorter
    return words.replace("_", "")


def is_series_like(name: str) -> bool:
    """Whether the name is one that tells series in time apart, such as `symbol`."""
    return _SERIES_LIKE.fullmatch(name.lower()) is not None


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


def attributes_in_use(data: DataSettings, split: SplitSettings) -> AttributeFilter:
    """Which attributes a run with these settings may need from the source."""
    named = [*data.features, data.target, data.time_field, *split.stored_names]

    def usual(name: str) -> bool:
        if not data.target and is_label_like(name):
            return True
        if split.split == "auto" and is_split_like(name):
            return True
        return is_series_like(name) or is_time_name(name)  # a type that lacks TIME_FIELD goes by its usual name

    return AttributeFilter(
        named=frozenset(name.lower() for name in named if name),
        usual=usual,
        all_numeric=not data.features,
        needs_all_names=not data.features or not data.target,
        edge_weight=data.edge_weight,
        paths=tuple(name for name in named if name and "." in name),
    )
