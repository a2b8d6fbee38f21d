"""A dry run: the first half of a run, whose result goes to standard output and nowhere else."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from trainer.errors import DEFECT_EXIT_CODE, TrainerError
from trainer.graph.graph import Graph
from trainer.messaging.open import is_text, open_console, open_log, warn_of
from trainer.preparation import load_graph, prepare
from trainer.process.ending import fail
from trainer.process.footprint import current_bytes, peak_bytes
from trainer.process.printable import escaped_json
from trainer.process.stop import StopRequested, StopToken
from trainer.settings.definition import Settings

if TYPE_CHECKING:
    from trainer.dry_run.result import DryRun

_log = logging.getLogger("gnn_trainer")


def dry_run(settings: Settings, stop: StopToken) -> int:
    """Load and prepare as a run does, print what was made of the graph, and return the exit code.

    Neither the store nor Kafka is opened, and nothing is written.
    """
    open_log(settings.log, sys.stderr)
    warn_of(settings.doubts)
    _log.info("This is a dry run: nothing is trained, stored or sent.")
    try:
        result = _describe(settings, stop)
    except StopRequested:
        return stop.exit_code
    except TrainerError as error:
        return fail(str(error), error.exit_code)
    except Exception as error:
        _log.exception("The dry run ended by a defect of the program")
        sentence = f"The dry run ended by a defect of the program ({type(error).__name__}: {error}); please report it with the log."
        return fail(sentence, DEFECT_EXIT_CODE)
    if is_text(settings.log, sys.stdout):
        from trainer.dry_run.page import print_dry_run

        print_dry_run(open_console(), result)
    else:
        sys.stdout.write(escaped_json(result.to_json().decode()))
    return 0


def _describe(settings: Settings, stop: StopToken) -> DryRun:
    before = current_bytes()
    prepared = prepare(
        _load(settings, stop),
        settings.data,
        settings.training,
        settings.split,
        settings.sampling,
        settings.model,
        stop,
    )
    peak = peak_bytes()
    loading = None if peak is None or before is None else peak - before
    from trainer.dry_run.describe import describe_dry_run

    result = describe_dry_run(prepared, settings.graph.graph_name, settings.sampling, settings.split.embargo, loading)
    stop.check()
    return result


def _load(settings: Settings, stop: StopToken) -> Graph:
    def progress(vertices: int, edges: int) -> None:
        stop.check()

    graph = load_graph(settings.graph, settings.arango, settings.data, settings.split, stop, progress)
    _log.info(f"Loaded {graph.num_vertices:,} vertices and {graph.num_edges:,} edges.")
    return graph
