"""Whether the place among several processes is said in full, and what several of them cannot do."""

from __future__ import annotations

from collections.abc import Iterator

from trainer.settings.addresses import is_host
from trainer.settings.definition import Settings
from trainer.settings.groups.ranks import RanksSettings
from trainer.settings.problem import Problem


def check_ranks(settings: Settings) -> Iterator[Problem]:
    """Half a place is none; a rank is below the number of ranks; several ranks compute on CPUs."""
    yield from _missing(settings.ranks)
    ranks, names = settings.ranks, settings.ranks.place_names
    rank, size = getattr(ranks, names.rank), getattr(ranks, names.size)
    alone = size == 1 and names.rank == "job_completion_index"
    if rank is not None and size is not None and rank >= size and not alone:
        yield Problem(names.rank, rank, f"should be below {names.size.upper()}={size}", (names.size,))
    address = getattr(ranks, names.address)
    if ranks.size > 1 and address is not None and not is_host(address):
        yield Problem(names.address, None, "should be a host name or an IP address, and nothing else")
    if ranks.size > 1 and settings.training.device.startswith("cuda"):
        right = f"cannot be shared by {names.size.upper()}={size} ranks: they compute on CPUs; set cpu or auto"
        yield Problem("device", settings.training.device, right, (names.size,))


def _missing(ranks: RanksSettings) -> Iterator[Problem]:
    names = ranks.place_names
    given = [name for name in names if getattr(ranks, name) is not None]
    if ranks.world_size == 1 or ranks.pet_nnodes == 1 or given in ([], ["job_completion_index"]):
        return
    shown = ", ".join(name.upper() for name in given)
    for name in names:
        if name not in given:
            right = (
                f"is not set, but {shown} {'is' if len(given) == 1 else 'are'}: set all four, or none for a single run"
            )
            yield Problem(name, None, right, tuple(given))
