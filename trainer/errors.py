"""The ways in which a run ends badly, and the exit code of each.

    TrainerError
    ├── SettingsError   2   a variable or flag is wrong; nothing was started
    ├── DataError       3   the graph, its documents or its labels cannot be used
    ├── ServiceError    4   something around us was away, refused us or broke off; worth another try
    └── RankError       5   another rank ended, and this one with it; worth another try, at no cost

Every message is one sentence for the person who started the run: what is wrong, and what to do.
Anything else that escapes is a defect of ours: exit code 1, with a traceback in the log.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple

DEFECT_EXIT_CODE = 1


class TrainerError(Exception):
    """Base of all foreseen failures; its text is meant for the user."""

    exit_code: ClassVar[int] = DEFECT_EXIT_CODE


class SettingsError(TrainerError):
    """The settings of the run are wrong."""

    exit_code = 2


class DataError(TrainerError):
    """The graph or the data in it cannot be used."""

    exit_code = 3


class ServiceError(TrainerError):
    """A service or a disk was away, refused us or broke off, after retries."""

    exit_code = 4


class LastWord(NamedTuple):
    """What a rank said before it left: which one, its exit code, and the sentence of its error."""

    rank: int
    exit_code: int
    sentence: str


class RankError(TrainerError):
    """Another rank ended, and this one with it.

    Attributes:
        word: what that rank said; None where it left without a word.
    """

    exit_code = 5

    def __init__(self, sentence: str, word: LastWord | None = None) -> None:
        """A sentence of ours, and the other's word."""
        super().__init__(sentence)
        self.word = word
