"""The entry point of gnn-trainer: read the settings, run the job, end with its exit code."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from trainer.errors import TrainerError
from trainer.process.ending import fail, run_program
from trainer.process.stop import StopToken, stop_on_signals

if TYPE_CHECKING:
    from trainer.ranks.place import Place
    from trainer.settings.definition import Settings


def main(flags: Sequence[str]) -> int:
    """Run the program; returns the exit code.

    Args:
        flags: the command line without the program's name.
    """
    stop = StopToken()
    with stop_on_signals(stop):  # before anything slow: as PID 1 of a container we would not get SIGTERM at all
        from trainer.graph.open import only_graph
        from trainer.process.temporary import check_temporary_folder
        from trainer.ranks.place import place_of
        from trainer.settings.secrecy import keep_secrets_of
        from trainer.settings.sources import load_settings, wants_help

        if wants_help(flags):
            from trainer.settings.page import help_text

            print(help_text())
            return 0
        try:
            settings = load_settings(flags, os.environ, only_graph=only_graph)
            check_temporary_folder()
        except TrainerError as error:
            return fail(str(error), error.exit_code)

        keep_secrets_of(settings)
        stop.deadline_s = settings.stop.stop_deadline
        place = place_of(settings.ranks)
        if not place.leads:
            return _follow(settings, place, stop)
        if settings.dry_run.dry_run:
            from trainer.dry_run.run import dry_run

            return dry_run(settings, stop)

        from trainer.job.company import Company
        from trainer.job.run import run_job
        from trainer.messaging.open import is_text, open_bus, open_console, warn_of
        from trainer.ranks.patience import patience_of

        bus = open_bus(settings.log, settings.kafka, settings.queue.telemetry_producer_id, stop)
        warn_of(settings.doubts)
        try:
            outcome = run_job(settings, bus, stop, Company(place, patience_of(settings.ranks), stop))
        finally:
            bus.close()
        if outcome.run is not None and is_text(settings.log):
            from trainer.messaging.terminal import print_summary

            print_summary(open_console(), outcome.run, outcome.locations)
        return fail(outcome.error, outcome.exit_code) if outcome.error else outcome.exit_code


def _follow(settings: Settings, place: Place, stop: StopToken) -> int:
    """The run as a rank above 0 goes through it; a dry run is rank 0's alone."""
    from trainer.job.company import Company
    from trainer.job.follow import follow
    from trainer.messaging.open import open_log
    from trainer.ranks.patience import patience_of

    open_log(settings.log, rank=place.rank)
    if settings.dry_run.dry_run:
        return 0
    outcome = follow(settings, stop, Company(place, patience_of(settings.ranks), stop))
    return fail(outcome.error, outcome.exit_code) if outcome.error else outcome.exit_code


if __name__ == "__main__":
    run_program(main)
