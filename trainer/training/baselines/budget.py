"""How long baselines may take: a tenth of the training's time, and ten seconds in any case.

What a baseline gets to learn from follows from sizes alone: an estimate of its cost, with constants of a slow core, must
fit into its share of the time. So the same graph gives the same baselines on any machine, as long as its training takes
less than 200 seconds; beyond, the time that is planned with doubles with the training's, so that a small difference in
speed changes nothing. The clock ends only what takes far longer than estimated, and the record says so.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from trainer.process.stop import StopToken

ALWAYS_ALLOWED_S = 10.0
SHARE_OF_TRAINING = 0.1


@dataclass(frozen=True)
class Budget:
    """Seconds for all baselines together: those that the plans count with, and the end by the clock."""

    planned_s: float
    deadline: float
    stop: StopToken

    @staticmethod
    def after(training_s: float, stop: StopToken) -> Budget:
        """The budget that begins now, after a training of so many seconds."""
        allowed = max(ALWAYS_ALLOWED_S, training_s * SHARE_OF_TRAINING)
        doublings = math.floor(math.log2(allowed / ALWAYS_ALLOWED_S))
        return Budget(ALWAYS_ALLOWED_S * 2**doublings, time.perf_counter() + allowed, stop)

    def has_time_for(self, seconds: float) -> bool:
        """Whether the clock allows this much more.

        Raises:
            StopRequested: the run should end.
        """
        self.stop.check()
        return time.perf_counter() + seconds < self.deadline
