"""The program with a fault in one pod, as its graph, its services or its node might have one.

python -m tests.cluster.broken 3|4      rank by rank: a step of the training ends with this exit code
python -m tests.cluster.broken slow     each epoch takes long from the one on in which it may be disturbed
python -m tests.cluster.broken late     all is done and said, and the process does not end
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable
from typing import Any

import main
from tests.runs.running import WithLimits
from tests.waits import FOREVER_S
from trainer.errors import DataError, ServiceError, TrainerError
from trainer.process.ending import run_program

MOMENT = 20
"""The step that fails, and the epoch from which on a run is slow."""
_A_LONG_EPOCH_S = 0.2
_STEP, _EPOCH = (
    "trainer.frameworks.torch.shared.steps.SharedLearner._share_of_loss",
    "trainer.messaging.telemetry.Telemetry.training",
)
ERRORS: dict[str, TrainerError] = {
    "3": DataError("The graph does not hold together."),
    "4": ServiceError("A service is away."),
}


def from_then_on(original: Callable[..., Any], disturb: Callable[[], None]) -> Callable[..., Any]:
    """A function that calls `disturb` before itself, from its MOMENTth call on."""
    calls = itertools.count(1)

    def disturbed(*given: Any) -> Any:
        if next(calls) >= MOMENT:
            disturb()
        return original(*given)

    return disturbed


def start(fault: str) -> None:
    """Run the program, which is configured by its environment."""

    def fail() -> None:
        raise ERRORS[fault]

    if fault == "late":
        main.main([])
        time.sleep(FOREVER_S)
    if fault == "slow":
        from trainer.messaging.telemetry import Telemetry

        run_program(WithLimits({_EPOCH: from_then_on(Telemetry.training, lambda: time.sleep(_A_LONG_EPOCH_S))}))
    from trainer.frameworks.torch.shared.steps import SharedLearner

    run_program(WithLimits({_STEP: from_then_on(SharedLearner._share_of_loss, fail)}))


if __name__ == "__main__":
    start(sys.argv.pop())
