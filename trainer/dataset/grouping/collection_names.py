"""What the names of collections have in common: `candles_btcusdt_5m` and `candles_ethusdt_5m` are `candles_5m`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

_TAKEN = frozenset({"training"})
"""Names that a type cannot have, because every torch module has an attribute of that name."""
_SHORTEST = 3
"""Letters of the shortest word that can be short for another."""


def split_words(name: str) -> list[str]:
    """The words between `_`, `-` and what else is neither letter nor digit."""
    return [word for word in re.split(r"[\W_]+", name) if word]


def without_number(word: str) -> str:
    """A word without the digits at its end, `candles` for `candles2`; a number stays."""
    return re.sub(r"[0-9]+$", "", word) or word


def first_word(name: str) -> str:
    """The word that tells what a collection holds."""
    words = split_words(name)
    return without_number(words[0]) if words else name


def tells(word: str, telling: Collection[str]) -> bool:
    """Whether a word tells ends apart: it is one of those that do, or short for one, as `btc` is for `btcusdt`."""
    return word in telling or any(
        min(len(word), len(other)) >= _SHORTEST and (word.startswith(other) or other.startswith(word))
        for other in telling
    )


def telling_words(names: Iterable[str]) -> set[str]:
    """The words that not all of the names have: those that tell them apart."""
    lists = [split_words(name) for name in names]
    return {word for words in lists for word in words if not all(word in others for others in lists)}


def unique_names(groups: Sequence[Sequence[str]], nameless: str) -> list[str]:
    """A name for each group of names: the words that its members share, else its first member, each name once."""
    members = {name for group in groups for name in group}
    found: list[str] = []
    for group in groups:
        name = group[0] if len(group) == 1 else _shared(group) or nameless
        if name in found or (name in members and name not in group):
            name = group[0]
        found.append(f"{name}_" if name in _TAKEN else name)
    return found


def _shared(names: Sequence[str]) -> str:
    others = [split_words(name) for name in names[1:]]
    bare = [{without_number(word) for word in words} for words in others]
    kept = []
    for word in split_words(names[0]):
        if all(word in words for words in others):
            kept.append(word)
        elif not word.isdigit() and all(without_number(word) in words for words in bare):
            kept.append(without_number(word))
    return "_".join(kept)


def name_without(name: str, telling: Collection[str], numbers: bool) -> tuple[str, ...]:
    """The words of a name without those that tell ends apart, and without `numbers` at the ends of words."""
    words = [word for word in split_words(name) if not tells(word, telling)]
    return tuple(words) if numbers else tuple(bare for word in words if (bare := re.sub(r"[0-9]+$", "", word)))
