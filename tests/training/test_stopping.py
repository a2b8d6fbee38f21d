"""A stop at any moment ends a fit the normal way, with the last whole epoch."""

from __future__ import annotations

import pytest

from tests.composed import fit
from tests.conftest import make_settings
from tests.training.conftest import fitting, flat, run_fit, small_dataset
from tests.training.test_fit import assert_equal
from trainer.process.stop import STOP_COMMAND, StopToken
from trainer.training.result import EpochRecord

EPOCHS = 3


class StopAtLook(StopToken):
    """Becomes requested when it is looked at for the n-th time, as a signal could arrive at any moment."""

    def __init__(self, at: int | None) -> None:
        super().__init__()
        self.looks = 0
        self._at = at

    @property
    def requested(self) -> bool:
        self.looks += 1
        if self.looks == self._at:
            self.request(STOP_COMMAND)
        return self.reason is not None


def count_looks() -> int:
    """How often a run that nobody stops looks at its token."""
    token = StopAtLook(None)
    run_fit(stop=token, epochs=EPOCHS)
    return token.looks


LOOKS = count_looks()


def test_token_is_looked_at_between_the_steps_of_an_epoch() -> None:
    """At least between forward, backward and evaluation."""
    assert LOOKS >= 3 * EPOCHS


@pytest.mark.parametrize("look", range(1, LOOKS + 1))
def test_stop_at_any_look_keeps_the_last_whole_epoch(look: int) -> None:
    """What is kept is what a run of only those epochs would have, bit by bit."""
    fitted = run_fit(stop=StopAtLook(look), epochs=EPOCHS)
    whole = len(fitted.history)
    per_epoch = LOOKS // EPOCHS
    assert whole in {(look - 1) // per_epoch, (look - 1) // per_epoch + 1}
    assert fitted.stop_reason == STOP_COMMAND
    if whole == 0:
        assert (fitted.outputs, fitted.state_dict, fitted.best_epoch) == (None, None, 0)
        return
    short = run_fit(epochs=whole)
    assert flat(fitted.history) == flat(short.history)
    assert_equal(fitted, short)
    assert fitted.losses == short.losses


def test_stop_after_an_epoch_ends_with_it() -> None:
    """A command that comes while an epoch is told is heard before the next one."""
    token = StopToken()
    heard: list[int] = []

    def on_epoch(record: EpochRecord, eta_s: float) -> None:
        heard.append(record.epoch)
        if record.epoch == 2:
            token.request(STOP_COMMAND)

    fitted = fit(small_dataset(), make_settings(**fitting("binary")), token, on_epoch)
    assert heard == [1, 2]
    assert (len(fitted.history), fitted.stop_reason) == (2, STOP_COMMAND)


def test_stop_after_the_last_epoch_interrupts_nothing() -> None:
    """A run that is through is finished, whatever comes then."""
    token = StopToken()

    def on_epoch(record: EpochRecord, eta_s: float) -> None:
        if record.epoch == 6:
            token.request(STOP_COMMAND)

    fitted = fit(small_dataset(), make_settings(**fitting("binary")), token, on_epoch)
    assert (len(fitted.history), fitted.stop_reason) == (6, "epochs")
