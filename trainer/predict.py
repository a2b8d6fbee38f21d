"""The entry point of predictions: `python -m trainer.predict --model out/model.pt --graph_name … --output_path …`.

No events and no Kafka: whoever starts it waits for it. Like a run, it reports everything that is wrong with its
settings before anything heavy is imported, and ends with the same exit codes.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from trainer.errors import DEFECT_EXIT_CODE, SettingsError, TrainerError
from trainer.process.background_import import BackgroundImport
from trainer.process.ending import fail, run_program
from trainer.process.memory import prefer_huge_pages
from trainer.process.stop import StopRequested, StopToken, call_interruptibly, stop_on_signals

if TYPE_CHECKING:
    from trainer.settings.prediction import PredictionSettings

_log = logging.getLogger("gnn_trainer")


def main(flags: Sequence[str]) -> int:
    """Run the program; returns the exit code.

    Args:
        flags: the command line without the program's name.
    """
    stop = StopToken()
    with stop_on_signals(stop):
        from trainer.graph.open import only_graph
        from trainer.messaging.open import open_log, warn_of
        from trainer.process.temporary import check_temporary_folder
        from trainer.settings.prediction import load_prediction_settings, prediction_help
        from trainer.settings.secrecy import keep_secrets_of
        from trainer.settings.sources import wants_help

        if wants_help(flags):
            print(prediction_help())
            return 0
        try:
            settings = load_prediction_settings(flags, os.environ, only_graph=only_graph)
            check_temporary_folder()
            keep_secrets_of(settings)
            open_log(settings.log)
            warn_of(settings.doubts)
            _predict(settings, stop)
        except StopRequested:
            return stop.exit_code
        except TrainerError as error:
            return fail(str(error), error.exit_code)
        except Exception as error:
            _log.exception("The prediction ended by a defect of the program")
            sentence = f"a defect of the program ({type(error).__name__}: {error}); please report it with the log."
            return fail(sentence, DEFECT_EXIT_CODE)
    return 0


def _predict(settings: PredictionSettings, stop: StopToken) -> None:
    from trainer.graph.open import open_source
    from trainer.prediction.stores import model_content, open_stores

    started = time.perf_counter()
    graph_name, output_path = settings.graph.graph_name, settings.output.output_path
    models, results = open_stores(settings.prediction, settings.s3, graph_name, output_path)
    call_interruptibly(stop, results.check)
    where = models.location("model")
    content = call_interruptibly(stop, lambda: model_content(models))
    if content is None:
        raise SettingsError(f"MODEL={where!r} is not there; name the model file of a run.")

    prefer_huge_pages()
    _require_torch()
    from trainer.prediction.measures import describe_predictions, headline
    from trainer.prediction.rows import predict
    from trainer.prediction.saved_model import read_model
    from trainer.prediction.saving import save_predictions
    from trainer.prediction.verification import verify_model

    call_interruptibly(stop, lambda: verify_model(models, content))
    model = read_model(content, where)
    attributes = model.schema.attribute_filter()

    def progress(vertices: int, edges: int) -> None:
        stop.check()

    graph = call_interruptibly(
        stop,
        lambda: open_source(settings.graph, settings.arango).load(settings.graph.graph_names, attributes, progress),
    )
    batch_size = settings.prediction.batch_size or model.batch_size
    options = settings.prediction.device, batch_size
    is_safe = settings.predictions.spreadsheet_safe
    predicted = call_interruptibly(stop, lambda: predict(model, graph, *options, spreadsheet_safe=is_safe))
    for warning in predicted.warnings:
        _log.warning(warning)
    record = describe_predictions(predicted, model, content, where, graph_name)
    stop.check()
    save_predictions(results, predicted.table, record)
    seconds = time.perf_counter() - started
    table = results.location("predictions")
    _log.info(f"{predicted.num_rows:,} predictions of {graph_name} are in {table} ({seconds:.1f} s)")
    if record is not None:
        _log.info(f"{headline(record)}; all measures are in {results.location('metrics')}")


def _require_torch() -> None:
    torch = BackgroundImport("torch")
    try:
        torch.wait()
    except Exception as error:  # whatever a library raises
        raise SettingsError(
            f"The libraries cannot be used here: {torch.failure}; pip install -r requirements.txt."
        ) from error


if __name__ == "__main__":
    run_program(main)
