"""The pauses between tries of a call of the store."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Waits:
    """Each pause is twice as long as the one before, up to a limit; a random part keeps several runs apart."""

    first_s: float
    longest_s: float
    jitter_s: float

    def before_retry(self, number: int) -> float:
        """Seconds before retry `number`, from 1 on, without the random part.

        >>> [Waits(0.5, 5.0, 0.1).before_retry(number) for number in (1, 2, 9, 9000)]
        [0.5, 1.0, 5.0, 5.0]
        """
        return min(self.longest_s, self.first_s * float(1 << min(number - 1, 20)))
