"""How a rank of a run meets the others, and how it parts from them."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from trainer.errors import RankError, TrainerError
from trainer.process.deadline import Until, call_in_time
from trainer.process.memory import give_back_large_arrays
from trainer.process.stop import StopRequested, StopToken, call_while
from trainer.ranks.alone import Alone
from trainer.ranks.patience import Patience
from trainer.ranks.place import Place
from trainer.ranks.ranks import Ranks
from trainer.ranks.stopping import set_out_together

if TYPE_CHECKING:
    from trainer.ranks.board import Board

Result = TypeVar("Result")
_log = logging.getLogger("gnn_trainer")
_SPREAD_S = 2.0
"""How long a rank that was asked to stop on its way to the others tries to tell them; how long rank 0, when one is lost,
holds what that one may have said for the others."""


class Company:
    """The ranks of a run as this process knows them; a single run has none but itself, and nothing here takes time."""

    def __init__(self, place: Place, patience: Patience, stop: StopToken) -> None:
        """Nobody is met yet.

        Args:
            place: of this process.
            patience: with the others.
            stop: of this process.
        """
        self.ranks: Ranks = Alone()
        self.place = place
        self._patience, self._stop = patience, stop
        self._board: Board | None = None
        self._word: tuple[int, str] | None = None
        self._is_finished = self._has_set_out = False
        if place.size > 1:  # else torch prints its calls where another rank is lost, over the sentence that says so
            os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
        self.processes_here = 1
        """How many ranks share this container."""

    @property
    def is_single(self) -> bool:
        """Whether this process is the whole run."""
        return self.place.size == 1

    def meet(self) -> None:
        """Wait for the others, RANK_START_TIMEOUT seconds at most; `ranks` is the way to them from then on.

        Raises:
            FinishedBeforeError: rank 0 says that there is nothing to train.
            RankError: one of them has ended already.
            ServiceError: one of them did not come.
            StopRequested: one of them was asked to stop.
        """
        if self.is_single:
            return

        give_back_large_arrays()
        if not self.place.leads:
            _log.info(
                f"Rank {self.place.rank} of {self.place.size} looks for rank 0 at {self.place.address}:{self.place.port}."
            )

        def patience() -> None:
            if self._stop.seconds_since_request > _SPREAD_S:
                raise StopRequested

        self.ranks = call_while(patience, self._meet)
        self.processes_here = self.ranks.all_of(_container()).count(_container())
        _log.info(f"This is rank {self.place.rank} of {self.place.size}; all have come.")

    def watched(self, action: Callable[[], Result]) -> Result:
        """Call `action`, which may take long, but no longer than the others live.

        Raises:
            RankError: one of them has ended; the action is abandoned.
            Exception: whatever `action` raised.
        """
        return action() if self.is_single else call_while(self.ranks.check, action)

    def set_out(self) -> bool:
        """Begin the training, all ranks together; False where rank 0 has found that there is nothing to train.

        Raises:
            StopRequested: one of them was asked to stop.
            RankError: one of them has ended.
        """
        self._has_set_out = True
        return set_out_together(self.ranks, self._stop)

    def fail(self, exit_code: int, sentence: str) -> None:
        """Leave a last word for the others, those that are still to come too."""
        if self.is_single:
            return
        self._word = exit_code, sentence
        if self._board is not None:
            self._board.fail(exit_code, sentence)

    def finish(self) -> None:
        """Everything is stored and said."""
        self._is_finished = True

    def part(self) -> None:
        """Leave; rank 0 waits, RANK_TIMEOUT seconds at most, until those that it has to tell something are gone.

        Also those who were not met: where rank 0 ends before the others have come, it tells them so at the door. But for a
        signal: then it is about to be started again, and they wait for it.
        """
        if self.is_single:
            return
        with suppress(TrainerError, StopRequested):  # whoever is not told finds out by itself
            call_in_time(self._stop, Until.END, "Parting from the other ranks", self._part)

    def _meet(self) -> Ranks:
        from trainer.ranks.together import Together

        self._board = self._open_board()
        return Together(self.place, self._patience.timeout_s, self._board)

    def _part(self) -> None:
        is_stopped = self._stop.requested and self._word is None
        is_moved = is_stopped and self._stop.exit_code != 0  # it is about to come again
        if self._board is None:
            if not self.place.leads or is_moved:
                return
            self._board = self._open_board()
            if self._word is not None:
                self._board.fail(*self._word)
            elif not is_stopped:  # that the board says by itself
                self._board.finished_before()
        elif self._is_finished and self.ranks.size > 1:
            with suppress(RankError):  # what they were needed for is done
                if self.place.leads and not self._has_set_out:
                    with suppress(StopRequested):
                        set_out_together(self.ranks, self._stop, has_work=False)
                if self.place.leads:
                    self.ranks.meet("stored")
        is_told = self._is_finished or self._word is not None or self._stop.requested
        self._board.leave(None if is_told else _SPREAD_S, wait_for_absent=not is_moved)

    def _open_board(self) -> Board:
        from trainer.ranks.board import Board

        return Board(self.place, self._patience, self._stop)


def _container() -> tuple[str, str]:
    """What is equal for processes of one container."""
    try:
        return socket.gethostname(), str(Path("/proc/self/ns/cgroup").readlink())
    except OSError:
        return socket.gethostname(), ""
