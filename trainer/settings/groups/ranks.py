"""The place of this process among several that train one model together."""

from __future__ import annotations

from typing import NamedTuple

from trainer.settings.setting import Group, setting

_RANK, _SIZE, _PORT = "a whole number of at least 0", "a whole number of at least 1", "a port from 1 to 65535"
_ADDRESS = "a host name or an IP address"


class PlaceNames(NamedTuple):
    """The settings that say this process's place."""

    rank: str
    size: str
    address: str
    port: str


_TORCH = PlaceNames("rank", "world_size", "master_addr", "master_port")
_INDEXED = _TORCH._replace(rank="job_completion_index")
_KUBEFLOW = PlaceNames("pet_node_rank", "pet_nnodes", "pet_master_addr", "pet_master_port")
OF_A_PLACE = frozenset({*_TORCH, *_INDEXED, *_KUBEFLOW})
"""The settings that differ from pod to pod: whoever starts the pods sets them, nobody chooses them for a run."""


class RanksSettings(Group, heading="many pods"):
    """The place of this process among several that train one model together; most come from whoever starts the pods."""

    rank: int | None = setting(None, "Which of several processes this is; 0 speaks for all.", _RANK, ge=0)
    world_size: int | None = setting(
        None,
        "How many processes train one model together; 1 is a single run.",
        _SIZE,
        ge=1,
        le=65536,
    )
    master_addr: str | None = setting(None, "Where the others find rank 0.", _ADDRESS)
    master_port: int | None = setting(None, "The port that rank 0 listens on.", _PORT, ge=1, le=65535)
    pet_node_rank: int | None = setting(None, "RANK, as Kubeflow Trainer names it.", _RANK, ge=0)
    pet_nnodes: int | None = setting(None, "WORLD_SIZE, as Kubeflow Trainer names it.", _SIZE, ge=1, le=65536)
    pet_master_addr: str | None = setting(None, "MASTER_ADDR, as Kubeflow Trainer names it.", _ADDRESS)
    pet_master_port: int | None = setting(None, "MASTER_PORT, as Kubeflow Trainer names it.", _PORT, ge=1, le=65535)
    job_completion_index: int | None = setting(
        None, "RANK, as an Indexed Job names it; alone it makes no difference.", _RANK, ge=0
    )
    rank_timeout: float = setting(
        60.0, "Seconds to wait for another rank that says nothing.", "a number from 1 to 86400", ge=1, le=86400
    )
    rank_start_timeout: float = setting(
        0.0,
        "Seconds to wait at the start until all ranks have come; 0 for as long as RANK_TIMEOUT.",
        "a number from 0 to 86400",
        ge=0,
        le=86400,
    )

    @property
    def place_names(self) -> PlaceNames:
        """The settings that count here: torch's own names, else Kubeflow Trainer's; the index of a Job in place of RANK."""
        if self.rank is None and self.world_size is None and any(getattr(self, name) is not None for name in _KUBEFLOW):
            return _KUBEFLOW
        return _INDEXED if self.rank is None and self.job_completion_index is not None else _TORCH

    @property
    def size(self) -> int:
        """How many processes there are."""
        size: int | None = getattr(self, self.place_names.size)
        return size or 1
