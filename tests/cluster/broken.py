"""The program with a fault in one pod, as its graph, its services or its node might have one.

python -m tests.cluster.broken 3|4      a step of the training ends with this exit code
python -m tests.cluster.broken late     all is done and said, and the process does not end
"""

from __future__ import annotations

import itertools
import sys
import time
from typing import Any

import main
from tests.runs.running import WithLimits
from tests.waits import FOREVER_S
from trainer.errors import DataError, ServiceError, TrainerError
from trainer.process.ending import run_program

STEP = 20
"""The one that fails."""
ERRORS: dict[str, TrainerError] = {
    "3": DataError("The graph does not hold together."),
    "4": ServiceError("A service is away."),
}


def start(fault: str) -> None:
    """Run the program, which is configured by its environment."""
    calls = itertools.count(1)
    if fault == "late":
        main.main([])
        time.sleep(FOREVER_S)

    def share_of_loss(*given: Any) -> Any:
        if next(calls) == STEP:
            raise ERRORS[fault]
        return original(*given)

    from trainer.frameworks.torch.shared.steps import SharedLearner

    original = SharedLearner._share_of_loss
    run_program(WithLimits({"trainer.frameworks.torch.shared.steps.SharedLearner._share_of_loss": share_of_loss}))


if __name__ == "__main__":
    start(sys.argv.pop())
