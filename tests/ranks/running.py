"""Several processes that train one model: how a test starts them, and how they ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import main
from tests.conftest import Ended
from tests.forked import Door
from tests.runs.running import Running, start_forked
from tests.standins.ports import free_port

ENDS = ("finished", "interrupted", "error")


def place_of(rank: int, size: int, port: int, timeout_s: float) -> dict[str, str]:
    """The variables of a rank on this machine."""
    return {
        "RANK": str(rank),
        "WORLD_SIZE": str(size),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "RANK_TIMEOUT": str(timeout_s),
    }


@contextmanager
def ranks_of(
    folder: Path,
    size: int,
    *flags: str | Path,
    timeout_s: float = 60,
    only: Sequence[int] | None = None,
    env: Mapping[str, str] | None = None,
    own: Mapping[int, Mapping[str, str]] | None = None,
    door: Door = main.main,
    doors: Mapping[int, Door] | None = None,
    port: int | None = None,
) -> Iterator[list[Running]]:
    """Ranks of one run, forked; none is left behind.

    Args:
        folder: they work in it; the log of each is in a folder of its own below.
        size: WORLD_SIZE.
        flags: of all.
        timeout_s: RANK_TIMEOUT.
        only: those that are started, all by default.
        env: variables of all.
        own: variables of some ranks.
        door: the program.
        doors: that of some ranks.
        port: MASTER_PORT; by default one that is free.
    """
    port = port or free_port()
    with ExitStack() as running:
        yield [
            running.enter_context(
                start_forked(
                    folder / f"rank{rank}",
                    *flags,
                    env={**place_of(rank, size, port, timeout_s), **(env or {}), **(own or {}).get(rank, {})},
                    door=(doors or {}).get(rank, door),
                )
            )
            for rank in (range(size) if only is None else only)
        ]


def last_words(ended: Ended) -> list[dict[str, Any]]:
    """The terminal events of a rank."""
    return [event for event in ended.events if event["status"] in ENDS]


def assert_one_voice(ranks: Sequence[Ended], status: str) -> dict[str, Any]:
    """Rank 0 has said one last word, at its end, and the others none at all; returns it."""
    words = last_words(ranks[0])
    assert [word["status"] for word in words] == [status], ranks[0].stdout + ranks[0].stderr
    assert ranks[0].events[-1] == words[0]
    for other in ranks[1:]:
        assert other.events == [], "rank 0 speaks for all"
    return words[0]
