"""The distinct labels of a column, as its documents spell them, and which of them each vertex has."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.errors import DataError
from trainer.graph.building.chunks import is_number
from trainer.graph.columns import Column, NumberColumn, TextColumn, UnusableColumn, VectorColumn
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
        """A label as its documents have it; integral doubles are integers, as in the answers of ArangoDB."""
        if self.texts is not None:
            return self.texts[index]
        assert self.numbers is not None
        number = self.numbers[index]
        if self.boolean:
            return bool(number)
        return int(number) if float(number).is_integer() else float(number)

    def indices_of(self, value: str) -> Iterator[int]:
        """The labels that a setting means by this text: those with the same text, or the number that it spells."""
        if self.texts is not None and value in self.texts:
            yield self.texts.index(value)
        elif self.numbers is not None and self.boolean:
            yield from np.flatnonzero(self.numbers == _TRUTH.get(value.lower(), -1)).tolist()
        elif self.numbers is not None and is_number(value):
            number = int(value) if value.lstrip("+-").isdecimal() else float(value)
            yield from np.flatnonzero(self.numbers == number).tolist()

    def without(self, dropped: Collection[int]) -> LabelValues:
        """The other labels; vertices with a dropped one have none."""
        if not dropped:
            return self
        kept = np.setdiff1d(np.arange(len(self)), np.fromiter(dropped, np.int64))
        new_codes = np.full(len(self) + 1, -1)
        new_codes[kept] = np.arange(len(kept))
        return replace(
            self,
            codes=new_codes[self.codes],
            numbers=None if self.numbers is None else self.numbers[kept],
            texts=None if self.texts is None else [self.texts[index] for index in kept],
        )

    def judged(self) -> LabelValues:
        """The labels as numbers or booleans where the texts are nothing else."""
        if self.texts is None or not self.texts or self.numbers is not None:
            return self
        truths = [_TRUTH.get(text.lower()) for text in self.texts]
        if all(truth is not None for truth in truths):
            return _merged(self.codes, np.array(truths), self.texts, boolean=True)
        if all(map(is_number, self.texts)):
            numbers = np.array([float(text) for text in self.texts])
            if np.isfinite(numbers).all():
                return _merged(self.codes, numbers, self.texts)
        return self


def read_labels(column: Column, where: str) -> LabelValues:
    """The labels of a column; an array of one element counts as this.

    Args:
        column: the attribute.
        where: its name, to begin a sentence with.

    Raises:
        DataError: the column holds neither numbers, nor booleans, nor texts.
    """
    if isinstance(column, UnusableColumn):
        raise DataError(f"{where} {column.reason}; labels should be numbers, booleans or texts.")
    if isinstance(column, VectorColumn):
        if column.values.shape[1] != 1:
            raise DataError(f"{where} holds arrays; labels should be numbers, booleans or texts.")
        column = NumberColumn(column.values[:, 0].astype(np.float64))
    labelled = ~column.missing
    codes = np.full(len(labelled), -1, dtype=np.int64)
    if isinstance(column, TextColumn):
        used, codes[labelled] = np.unique(column.codes[labelled], return_inverse=True)
        return _in_order(codes, [column.categories[code] for code in used])
    numbers, codes[labelled] = np.unique(column.values[labelled], return_inverse=True)
    if not column.spellings:
        return LabelValues(codes, numbers, None, column.boolean)
    spellings = [text for text in column.spellings if float(text) in numbers]
    place = np.searchsorted(numbers, [float(text) for text in spellings])
    return _spelled(codes, numbers, place, spellings)


def _in_order(codes: NDArray[np.int64], texts: list[str]) -> LabelValues:
    order = sorted(range(len(texts)), key=texts.__getitem__)
    rank = np.full(len(texts) + 1, -1)
    rank[order] = np.arange(len(texts))
    return LabelValues(rank[codes], None, [texts[index] for index in order])


def _merged(codes: NDArray[np.int64], numbers: NDArray[Any], texts: list[str], *, boolean: bool = False) -> LabelValues:
    """Texts that stand for equal numbers as one label."""
    distinct, place = np.unique(numbers, return_inverse=True)
    return _spelled(np.append(place, -1)[codes], distinct, place, texts, boolean=boolean)


def _spelled(
    codes: NDArray[np.int64],
    numbers: NDArray[Any],
    place: NDArray[np.int64],
    texts: Sequence[str],
    *,
    boolean: bool = False,
) -> LabelValues:
    """Labels whose spellings are `texts`, each that of the number at its `place`; the shortest one stands for all."""
    spellings: list[list[str]] = [[] for _ in numbers]
    for index, text in sorted(zip(place.tolist(), texts, strict=True), key=lambda pair: (len(pair[1]), pair[1])):
        spellings[index].append(text)
    synonyms = {each[0]: each for each in spellings if len(each) > 1}
    return LabelValues(codes, numbers, [each[0] for each in spellings], boolean, synonyms or None)
