"""The name that was meant by a misspelt one.

Two questions: which of some names is closest to one that is certainly wrong, and whether a variable of an environment,
which is full of other programs' names, is one of ours misspelt. The second is answered with care.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

_ALIKE = 0.7
"""The least similarity (difflib's ratio) of a name that is suggested."""
_LONG_ENOUGH = 6
"""Characters of a name that is told from any word by one letter; shorter ones are words of other programs too."""
_VERY_LONG = 12
_LONGEST_ENDING = 6


def closest(word: str, names: Iterable[str]) -> str | None:
    """The name that is most like a word, None where none is like it; case and separators count for nothing.

    >>> closest("GraphSage2", ["GCN", "GraphSAGE"]), closest("hinge", ["mse", "focal"])
    ('GraphSAGE', None)
    """
    by_letters = {_letters(name): name for name in names}
    found = difflib.get_close_matches(_letters(word), by_letters, 1, _ALIKE)
    return by_letters[found[0]] if found else None


def near_miss(variable: str, names: Iterable[str]) -> str | None:
    """The one of our variables that a variable of an environment was meant to be, None where it is another program's."""
    return next((name for name in names if _is_near(variable.upper(), name)), None)


def suggested(name: str | None, before: str = "") -> str:
    """` (did you mean EPOCHS?)`, nothing without a name."""
    return "" if name is None else f" (did you mean {before}{name}?)"


def _is_near(word: str, name: str) -> bool:
    if len(name) < _LONG_ENOUGH:  # CPATH or MODE are not CA_PATH or MODEL
        return word == f"{name}S" or f"{word}S" == name or (sorted(word) == sorted(name) and _distance(word, name) == 1)
    if _letters(word) == _letters(name):
        return True
    ending = word.removeprefix(name)
    if "_" in name and ending != word and ending.isalpha() and len(ending) <= _LONGEST_ENDING:  # KAFKA_USERNAME
        return True
    most = 2 if len(name) >= _VERY_LONG else 1
    if abs(len(word) - len(name)) > most or len({*word} ^ {*name}) > 2 * most:  # spares nearly all of them the next
        return False
    return _distance(word, name) <= most


def _letters(name: str) -> str:
    return re.sub(r"[\W_]", "", name.casefold())


def _distance(first: str, second: str) -> int:
    """How many letters were left out, added, changed or swapped with the next (optimal string alignment)."""
    above: list[int] = []
    row: list[int] = [*range(len(second) + 1)]
    for number, letter in enumerate(first, start=1):
        two_above, above, row = above, row, [number]
        for index, other in enumerate(second):
            cost = min(above[index + 1] + 1, row[index] + 1, above[index] + (letter != other))
            if two_above and index and letter == second[index - 1] and first[number - 2] == other:
                cost = min(cost, two_above[index - 1] + 1)
            row.append(cost)
    return row[-1]
