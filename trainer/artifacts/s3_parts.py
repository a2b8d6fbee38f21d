"""The parts of one large upload, sent by several threads: as many as the store takes at once."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable

from trainer.artifacts.s3_answers import is_busy
from trainer.artifacts.s3_faults import FAULTS
from trainer.artifacts.s3_waits import Waits

_log = logging.getLogger("gnn_trainer")


class PartUploads:
    """Sends each part until it has arrived.

    A part that a store refuses for being busy is sent again by one thread fewer, down to one: a gateway that lets two
    requests through would refuse the other two of four for ever. What has arrived is never sent again.
    """

    def __init__(
        self,
        num_parts: int,
        send: Callable[[int], str],
        again: Callable[[Exception], bool],
        arrived: Callable[[], None],
        waits: Waits,
        num_threads: int,
    ) -> None:
        """Nothing is sent yet.

        Args:
            num_parts: how many there are.
            send: sends the part of an index from 0 on, and returns its ETag.
            again: whether a part is sent again after this error.
            arrived: called whenever a part has arrived.
            waits: the pauses between tries.
            num_threads: how many parts at once, to begin with.
        """
        self._send, self._again, self._arrived, self._waits = send, again, arrived, waits
        self._pending = deque(range(num_parts))
        self._etags = [""] * num_parts
        self._num_running = self._num_threads = min(num_threads, num_parts)
        self._failure: BaseException | None = None
        self._num_faults = 0
        self._lock = threading.Lock()

    def run(self) -> list[str]:
        """Send all; returns the ETags.

        Raises:
            Exception: what `send` raised last for a part that did not arrive.
        """
        # Daemons: a run that is out of time leaves them behind.
        threads = [threading.Thread(target=self._work, name="part", daemon=True) for _ in range(self._num_threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._failure is not None:
            raise self._failure
        return self._etags

    @property
    def num_threads(self) -> int:
        """How many parts at once the store has taken."""
        return self._num_threads

    def _work(self) -> None:
        while (index := self._next()) is not None:
            try:
                etag = self._send(index)
            except FAULTS as error:
                wait_s = self._refused(index, error)
                if wait_s is None:
                    return
                time.sleep(wait_s)
            except BaseException as error:
                with self._lock:
                    self._failure = error
                return
            else:
                with self._lock:
                    self._etags[index] = etag
                    self._num_faults = 0
                    self._arrived()

    def _next(self) -> int | None:
        with self._lock:
            if self._failure is None and self._pending:
                return self._pending.popleft()
            self._num_running -= 1
            return None

    def _refused(self, index: int, error: Exception) -> float | None:
        """The seconds until the next try of this thread, None when the thread ends."""
        with self._lock:
            if self._failure is not None:
                return None
            if not self._again(error):
                self._failure = error
                return None
            self._pending.appendleft(index)
            if is_busy(error) and self._num_running > 1:
                self._num_running -= 1
                self._num_threads = self._num_running
                return None
            self._num_faults += 1
            wait_s = self._waits.before_retry(self._num_faults) + random.uniform(0, self._waits.jitter_s)  # noqa: S311 - no secret
            _log.warning(f"Sending part {index + 1} again in {wait_s:.1f} s: {' '.join(str(error).split())}")
            return wait_s
