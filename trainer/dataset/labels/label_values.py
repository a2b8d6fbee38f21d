"""The distinct labels of a column, as its documents spell them, and which of them each vertex has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.grouping.judgement import judge
from trainer.errors import DataError
from trainer.graph.building.text_values import is_number
from trainer.graph.columns import TextColumn, UnusableColumn, VectorColumn
from trainer.graph.graph import HOLDS_OBJECTS
from trainer.graph.stored_column import WORD, StoredColumn
from trainer.record import Label

_TRUTH = {"false": 0, "true": 1}


@dataclass(frozen=True)
class LabelValues:
    """Distinct labels in order.

    Attributes:
        codes: int64 of shape [vertices], an index into the labels, -1 for a vertex without one.
        numbers: the labels as int64 or float64 of shape [labels]; None where they are words.
        texts: the labels as texts of the documents; None where these hold numbers or booleans.
        boolean: whether they are true and false, 1 and 0 in `numbers`.
        synonyms: the texts that were taken as one label, by that which stands for it.
    """

    codes: NDArray[np.int64]
    numbers: NDArray[Any] | None
    texts: list[str] | None
    boolean: bool = False
    synonyms: dict[str, list[str]] | None = None

    def __len__(self) -> int:
        """Number of distinct labels."""
        return len(self.numbers) if self.numbers is not None else len(self.texts or [])

    @property
    def labelled(self) -> NDArray[np.bool_]:
        """Which vertices have a label, shape [vertices]."""
        return self.codes >= 0

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many vertices have each label, int64 of shape [labels]."""
        return np.bincount(self.codes[self.labelled], minlength=len(self))

    @property
    def integral(self) -> bool:
        """Whether all are whole numbers."""
        return self.numbers is not None and bool((self.numbers == np.round(self.numbers)).all())

    def label(self, index: int) -> Label:
        """A label as its documents have it; integral doubles of 64 bits are integers, as in the answers of ArangoDB."""
        if self.texts is not None:
            return self.texts[index]
        assert self.numbers is not None
        number = self.numbers[index]
        if self.boolean:
            return bool(number)
        return int(number) if number == np.floor(number) and abs(number) < 2.0**63 else float(number)

    def indices_of(self, value: str) -> Iterator[int]:
        """The labels that a setting means by this text: those with the same text, or the number that it spells."""
        if self.texts is not None and value in self.texts:
            yield self.texts.index(value)
        elif self.numbers is not None and self.boolean:
            yield from np.flatnonzero(self.numbers == _TRUTH.get(value.lower(), -1)).tolist()
        elif self.numbers is not None and is_number(value):
            number = int(value) if value.lstrip("+-").isdecimal() else float(value)
            yield from np.flatnonzero(self.numbers == number).tolist()


def read_labels(stored: StoredColumn, where: str, path_below: str = "") -> LabelValues:
    """The labels of an attribute.

    Args:
        stored: the values of all vertices of the type, arrays of one opened.
        where: its name, to begin a sentence with.
        path_below: how to name what is inside, if it holds objects.

    Raises:
        DataError: the values are neither numbers, nor booleans, nor texts.
    """
    column = judge(stored)
    if isinstance(column, UnusableColumn):
        hint = path_below if column.reason == HOLDS_OBJECTS else ""
        raise DataError(f"{where} {column.reason}{hint}; labels should be numbers, booleans or texts.")
    if isinstance(column, VectorColumn):
        raise DataError(f"{where} holds arrays; labels should be numbers, booleans or texts.")
    rows = np.flatnonzero(~column.missing)
    codes = np.full(len(stored), -1, dtype=np.int64)
    if isinstance(column, TextColumn):
        codes[rows] = column.codes[rows]
        return LabelValues(codes, None, column.categories)
    numbers, codes[rows] = np.unique(column.values[rows], return_inverse=True)
    if not stored.is_text[rows].all():
        return LabelValues(codes, numbers, None, column.boolean)
    place = dict(zip(stored.texts(rows), codes[rows].tolist(), strict=True))
    return _spelled(codes, numbers, place, boolean=column.boolean)


def unread_warnings(values: LabelValues, stored: StoredColumn, name: str) -> Iterator[str]:
    """A sentence where vertices have no label because their value is of another kind than the others."""
    rows = np.flatnonzero(~values.labelled & ~stored.missing)
    if len(rows) and values.numbers is not None:
        words = Counter(stored.texts(rows[stored.form[rows] == WORD]))
        examples = [repr(word) for word, _ in sorted(words.items(), key=lambda item: (-item[1], item[0]))[:3]]
        such_as = f" (such as {', '.join(examples)})" if examples else ""
        what = "booleans" if values.boolean else "numbers"
        yield f"{len(rows)} labels in {name!r} are no {what} as the others are{such_as}, and count as none."


def _spelled(
    codes: NDArray[np.int64], numbers: NDArray[Any], place: Mapping[str, int], *, boolean: bool = False
) -> LabelValues:
    """Labels whose spellings are the keys of `place`, by the number that each spells; the shortest one stands for all."""
    spellings: list[list[str]] = [[] for _ in numbers]
    for text in sorted(place, key=lambda text: (len(text), text)):
        spellings[place[text]].append(text)
    synonyms = {each[0]: each for each in spellings if len(each) > 1}
    return LabelValues(codes, numbers, [each[0] for each in spellings], boolean, synonyms or None)
