"""What the names of collections have in common: `candles_btcusdt_5m` and `candles_ethusdt_5m` are `candles_5m`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

_RESERVED = frozenset({"training"})
"""Names that a type cannot have, because every torch module has an attribute of that name."""
_SYMBOL = re.compile(
    r"[a-z0-9]{2,}(usdt|usdc|busd|tusd|usd|btc)|btc|xbt|eth|sol|bnb|xrp|ada|doge|ltc|bch|trx|avax|xlm|xmr"
)
"""What is traded, with the currency that it is traded for or, of the best known, without."""
_MIN_ABBREVIATION = 3
"""Letters of the shortest word that can be short for another."""


def split_words(name: str) -> list[str]:
    """The words between `_`, `-` and whatever else is neither letter nor digit."""
    return [word for word in re.split(r"[\W_]+", name) if word]


def without_number(word: str) -> str:
    """A word without the digits at its end, `candles` for `candles2`; a number stays."""
    return re.sub(r"[0-9]+$", "", word) or word


def first_word(name: str) -> str:
    """The word that names the entity which a collection holds."""
    words = split_words(name)
    return without_number(words[0]) if words else name


def entity_words(name: str, words_of_keys: Collection[str]) -> tuple[str, ...]:
    """The words of a name without what tells apart things of one entity: numbers, dates, intervals and symbols.

    Args:
        name: of a collection, `candles_btcusdt_5m_2024_06_01`.
        words_of_keys: the words, in lower case and without numbers, that the keys of all its documents have. A symbol
            is often one; so is the name of the entity, and then the keys repeat the name of the collection.
    """
    first = first_word(name)
    symbols = set() if first.lower() in words_of_keys else {*words_of_keys}
    words = (without_number(word) for word in split_words(name)[1:] if not word[0].isdigit())
    return (first, *(word for word in words if word.lower() not in symbols and not _SYMBOL.fullmatch(word.lower())))


def is_distinguishing(word: str, distinguishing: Collection[str]) -> bool:
    """Whether a word tells ends apart: it is one of those that do, or short for one, as `btc` is for `btcusdt`."""
    return word in distinguishing or any(
        min(len(word), len(other)) >= _MIN_ABBREVIATION and (word.startswith(other) or other.startswith(word))
        for other in distinguishing
    )


def distinguishing_words(names: Iterable[str]) -> set[str]:
    """The words that not all of the names have."""
    lists = [split_words(name) for name in names]
    return {word for words in lists for word in words if not all(word in others for others in lists)}


def unique_names(groups: Sequence[Sequence[str]], fallback: str) -> list[str]:
    """A name for each group of names: the words that its members share, else its first member, each name once."""
    members = {name for group in groups for name in group}
    names: list[str] = []
    for group in groups:
        name = group[0] if len(group) == 1 else _shared_words(group) or fallback
        if name in names or (name in members and name not in group):
            name = group[0]
        names.append(f"{name}_" if name in _RESERVED else name)
    return names


def _shared_words(names: Sequence[str]) -> str:
    others = [split_words(name) for name in names[1:]]
    without_numbers = [{without_number(word) for word in words} for words in others]
    shared = []
    for word in split_words(names[0]):
        if all(word in words for words in others):
            shared.append(word)
        elif not word.isdigit() and all(without_number(word) in words for words in without_numbers):
            shared.append(without_number(word))
    return "_".join(shared)


def remaining_words(name: str, distinguishing: Collection[str], keep_numbers: bool) -> tuple[str, ...]:
    """The words of a name that do not tell ends apart, with or without the numbers at the ends of words."""
    words = [word for word in split_words(name) if not is_distinguishing(word, distinguishing)]
    return tuple(words) if keep_numbers else tuple(bare for word in words if (bare := re.sub(r"[0-9]+$", "", word)))
