"""One run: started, its phases, and exactly one terminal event.

Everything heavy is imported inside the phases that need it, so that a wrong setting is reported at
once and `started` is out before torch is loaded.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from trainer.artifacts.lease import SupersededError
from trainer.artifacts.open import open_store
from trainer.artifacts.store import ArtifactStore
from trainer.errors import DEFECT_EXIT_CODE, RankError, ServiceError, TrainerError
from trainer.job.company import Company
from trainer.job.phases import Job
from trainer.job.result import Outcome
from trainer.messaging.bus import Bus
from trainer.messaging.open import Commands, open_control
from trainer.messaging.stop_memory import StopMemory
from trainer.messaging.telemetry import Telemetry
from trainer.process.deadline import OutOfTimeError, Until, call_in_time, ended_in_time
from trainer.process.ending import fail
from trainer.process.stop import StopRequested, StopToken
from trainer.settings.definition import Settings

_log = logging.getLogger("gnn_trainer")


def run_job(settings: Settings, bus: Bus, stop: StopToken, company: Company) -> Outcome:
    """Run the job to its end; every way out emits exactly one terminal event.

    Args:
        settings: of the run.
        bus: where its events go.
        stop: a request to it ends the run.
        company: the other ranks, for which this one speaks.
    """
    queue, graph_name, model_type = settings.queue, settings.graph.graph_name, settings.model.model_type
    telemetry = Telemetry(queue, graph_name, model_type, settings.log.message_lang, bus)

    def last_word() -> int:
        sentence = f"The run did not end within STOP_DEADLINE={stop.deadline_s:g} seconds after {stop.reason}."
        company.fail(ServiceError.exit_code, sentence)
        telemetry.error(ServiceError.exit_code, sentence)
        return fail(sentence, ServiceError.exit_code)

    with ended_in_time(stop, last_word), ExitStack() as until_delivered:
        outcome, emit_terminal_event, commands = _run(settings, telemetry, stop, until_delivered, company)
        try:
            emit_terminal_event()
        except ServiceError as error:  # nobody would know how the run ended: let Kubernetes start it once more
            outcome = Outcome(outcome.exit_code or error.exit_code, error=outcome.error or str(error))
            company.fail(outcome.exit_code, outcome.error or str(error))
        else:
            if outcome.error is None:
                company.finish()
    if outcome.exit_code == 0:  # any other end is tried again, and a stop holds for that run too
        try:
            call_in_time(stop, Until.END, "Storing which stop was obeyed", commands.remember_stops)
        except OutOfTimeError as error:  # none is lost
            _log.warning(f"{error} The next run of this queue may obey it once more.")
    company.part()
    return outcome


def _run(
    settings: Settings, telemetry: Telemetry, stop: StopToken, until_delivered: ExitStack, company: Company
) -> tuple[Outcome, Callable[[], None], Commands]:
    """The outcome of the run, its terminal event, and its commands; the consumer stays open until that event is delivered."""
    commands = Commands()
    try:
        memory = _stop_memory(settings)
        commands = until_delivered.enter_context(open_control(settings.kafka, settings.queue, stop, telemetry, memory))
        telemetry.started()
        commands.wait_ready()
        return *Job(settings, telemetry, stop, company).run(), commands
    except StopRequested:
        interrupted = partial(telemetry.interrupted, str(stop.reason), model_path=None, epoch=0)
        return Outcome(stop.exit_code), interrupted, commands
    except SupersededError:
        sentence = (
            f"Another run with QUEUE_ID={settings.queue.queue_id!r} has taken over; this one leaves the result to it."
        )
        company.fail(ServiceError.exit_code, sentence)
        return Outcome(ServiceError.exit_code, error=sentence), telemetry.silence, commands
    except RankError as error:  # its code is that of the rank at fault, ours says that it was another
        code = error.exit_code if error.word is None else error.word.exit_code
        return Outcome(error.exit_code, error=str(error)), partial(telemetry.error, code, str(error)), commands
    except TrainerError as error:
        company.fail(error.exit_code, str(error))
        failed = partial(telemetry.error, error.exit_code, str(error))
        return Outcome(error.exit_code, error=str(error)), failed, commands
    except Exception as error:
        _log.exception("The run ended by a defect of the program")
        sentence = f"The run ended by a defect of the program ({type(error).__name__}: {error}); please report it with the log."
        company.fail(DEFECT_EXIT_CODE, sentence)
        failed = partial(telemetry.error, DEFECT_EXIT_CODE, sentence)
        return Outcome(DEFECT_EXIT_CODE, error=sentence), failed, commands


def _stop_memory(settings: Settings) -> StopMemory:
    queue_id = settings.queue.queue_id

    def store() -> ArtifactStore:
        return open_store(settings.local, settings.s3, queue_id)

    return StopMemory(queue_id, lambda: store().get("stop"), lambda content: store().put("stop", content))
