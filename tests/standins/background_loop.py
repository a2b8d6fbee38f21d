"""An event loop in a thread of its own, so that blocking tests can steer asyncio servers."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from tests.waits import LONG_S

_LAST_ROUNDS_S = 0.02
"""Transports that were told to close do so in the loop's next rounds."""

T = TypeVar("T")


class BackgroundLoop:
    """Runs coroutines for callers of other threads until it is closed."""

    def __init__(self, name: str) -> None:
        """Start the thread."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run the coroutine in the loop's thread and return its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(LONG_S)

    async def run_from_another(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run the coroutine in the loop's thread, awaited in a loop of another."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._loop))

    def close(self) -> None:
        """Cancel what still runs and end the thread."""
        self.run(_cancel_all_but_the_caller())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LONG_S)
        self._loop.close()


async def _cancel_all_but_the_caller() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(_LAST_ROUNDS_S)
