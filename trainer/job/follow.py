"""A run as a rank above 0 goes through it: it is given its part, learns with the others, and waits until rank 0 is done.

Rank 0 reads, stores and speaks for all; this rank opens neither the graph nor Kafka nor a store.
"""

from __future__ import annotations

import logging
import time

from trainer.errors import DEFECT_EXIT_CODE, RankError, TrainerError
from trainer.frameworks.installation import FrameworkImport
from trainer.job.company import Company
from trainer.job.learning import agree, learn_together
from trainer.job.result import Outcome
from trainer.process.deadline import Until, ended_in_time, seconds_left
from trainer.process.ending import fail
from trainer.process.memory import prefer_huge_pages
from trainer.process.stop import StopRequested, StopToken, call_interruptibly
from trainer.process.threads import compute_threads
from trainer.settings.definition import Settings

_log = logging.getLogger("gnn_trainer")


def follow(settings: Settings, stop: StopToken, company: Company) -> Outcome:
    """Go through the run to its end."""

    def last_word() -> int:
        time.sleep(seconds_left(stop, Until.END))  # rank 0 may still be storing
        sentence = f"The run did not end within STOP_DEADLINE={stop.deadline_s:g} seconds after {stop.reason}."
        return fail(sentence, RankError.exit_code)

    with ended_in_time(stop, last_word):
        outcome = _follow(settings, stop, company)
    company.part()
    return outcome


def _follow(settings: Settings, stop: StopToken, company: Company) -> Outcome:
    from trainer.ranks.board import FinishedBeforeError

    try:
        interrupted = _learn(settings, stop, company)
        company.ranks.meet("stored")
        if interrupted:
            _log.info(f"Rank {company.place.rank} was interrupted ({stop.reason}); rank 0 has stored what was learned.")
            return Outcome(stop.exit_code)
        _log.info(f"Rank {company.place.rank} is done; rank 0 has stored the result.")
    except FinishedBeforeError:
        _log.info("This run was finished before; it is not trained again.")
    except StopRequested:
        _log.info(f"Rank {company.place.rank} ends before the training ({stop.reason}).")
        return Outcome(stop.exit_code)
    except TrainerError as error:
        if not isinstance(error, RankError):
            company.fail(error.exit_code, str(error))
        return Outcome(error.exit_code, error=str(error))
    except Exception as error:
        _log.exception("The run ended by a defect of the program")
        sentence = f"The run ended by a defect of the program ({type(error).__name__}: {error}); please report it with the log."
        company.fail(DEFECT_EXIT_CODE, sentence)
        return Outcome(DEFECT_EXIT_CODE, error=sentence)
    return Outcome(0)


def _learn(settings: Settings, stop: StopToken, company: Company) -> bool:
    """Whether the training was interrupted."""
    prefer_huge_pages()
    heavy = FrameworkImport(settings.model.framework)
    call_interruptibly(stop, heavy.wait)
    from trainer.frameworks.open import open_backend

    backend = open_backend(settings.model.framework)
    company.meet()
    agree(company, settings)
    backend.set_threads(compute_threads(settings.threads.threads, company.processes_here))
    try:
        has_work = company.set_out()
    except StopRequested:
        return True
    if not has_work:  # another process finished the run while rank 0 loaded the graph
        return False
    fitted = learn_together(backend, settings, stop, company)
    return stop.reason is not None and fitted.stop_reason == stop.reason
