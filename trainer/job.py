"""The story of one run: started, load, prepare, fit, save, and one last event.

Everything heavy is imported inside the phases that need it, so that a wrong setting is reported at
once and `started` is out before torch is loaded.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from trainer.artifacts.store import ArtifactStore, open_store
from trainer.errors import DEFECT_EXIT_CODE, TrainerError
from trainer.events import Bus, Telemetry
from trainer.graph.graph import Graph
from trainer.graph.source import open_source
from trainer.settings import Settings
from trainer.stop import StopRequested, StopToken
from trainer.stopwatch import Stopwatch
from trainer.threads import available_cpus

if TYPE_CHECKING:
    from trainer.dataset.dataset import Dataset
    from trainer.training.fit import EpochRecord, FitResult

_log = logging.getLogger("gnn_trainer")


@dataclass(frozen=True)
class Outcome:
    """How a run ended: exit code, the content of `metrics.json` and the places of the artifacts where there are any."""

    exit_code: int
    error: str | None = None
    run: dict[str, Any] | None = None
    locations: list[str] = field(default_factory=list)


def run_job(settings: Settings, bus: Bus, stop: StopToken) -> Outcome:
    """Run the job to its end, good or bad; every way out says exactly one last event."""
    telemetry = Telemetry(settings, bus)
    try:
        telemetry.started()
        return _Job(settings, telemetry, stop).run()
    except StopRequested:
        telemetry.interrupted(str(stop.reason), model_path=None, epoch=0)
        return Outcome(stop.exit_code)
    except TrainerError as error:
        telemetry.error(error.exit_code, str(error))
        return Outcome(error.exit_code, error=str(error))
    except Exception as error:
        _log.exception("The run ended by a defect of the program")
        sentence = f"The run ended by a defect of the program ({type(error).__name__}: {error}); please report it with the log."
        telemetry.error(DEFECT_EXIT_CODE, sentence)
        return Outcome(DEFECT_EXIT_CODE, error=sentence)


class _Job:
    """The phases of one run, and what they share."""

    def __init__(self, settings: Settings, telemetry: Telemetry, stop: StopToken) -> None:
        self._settings = settings
        self._telemetry = telemetry
        self._stop = stop
        self._watch = Stopwatch()

    def run(self) -> Outcome:
        store = open_store(self._settings)
        store.check()
        graph = self._load()
        dataset = self._prepare(graph)
        fitted = self._fit(dataset)
        if fitted.outputs is None:
            raise StopRequested
        return self._save(graph, dataset, fitted, store)

    def _load(self) -> Graph:
        from trainer.dataset.names import attributes_in_use

        def progress(vertices: int, edges: int) -> None:
            self._stop.check()
            self._telemetry.loading(vertices, edges)

        with self._watch.phase("load"):
            source = open_source(self._settings)
            graph = source.load(self._settings.graph_name, attributes_in_use(self._settings), progress)
        self._stop.check()
        return graph

    def _prepare(self, graph: Graph) -> Dataset:
        from trainer.dataset.dataset import build_dataset

        with self._watch.phase("prepare"):
            dataset = build_dataset(graph, self._settings)
        for warning in dataset.warnings:
            _log.warning(warning)
        self._stop.check()
        return dataset

    def _fit(self, dataset: Dataset) -> FitResult:
        with self._watch.phase("import"):
            import torch

            from trainer.training.fit import fit

            torch.set_num_threads(available_cpus())
        self._stop.check()

        def on_epoch(record: EpochRecord, eta_s: float) -> None:
            self._telemetry.training(
                record.epoch, self._settings.epochs, record.loss, record.val_loss, eta_s, record.measures
            )

        with self._watch.phase("train"):
            return fit(dataset, self._settings, self._stop, on_epoch)

    def _save(self, graph: Graph, dataset: Dataset, fitted: FitResult, store: ArtifactStore) -> Outcome:
        with self._watch.phase("import"):
            from trainer.artifacts.metrics_file import describe_run, to_json
            from trainer.artifacts.model_file import model_bytes
            from trainer.artifacts.report import render
            from trainer.artifacts.result import RunResult
            from trainer.training.evaluate import evaluate

        interrupted = self._stop.reason is not None and fitted.stop_reason == self._stop.reason
        with self._watch.phase("evaluate"):
            evaluation = evaluate(fitted, dataset, self._settings.seed, with_baselines=not interrupted)
        status = "interrupted" if interrupted else "finished"
        result = RunResult(status, self._settings, graph, dataset, fitted, evaluation, available_cpus())
        with self._watch.phase("save"):
            model = model_bytes(result)
            run = describe_run(result)
        run["timings"] = self._watch.seconds() | {"epoch_median": round(median(fitted.epoch_seconds), 4)}
        store.save(model=model, report=render(run).encode(), metrics=to_json(run))
        model_path, metrics_path = store.location("model"), store.location("metrics")
        if interrupted:
            self._telemetry.interrupted(fitted.stop_reason, model_path, fitted.best_epoch)
        else:
            self._telemetry.finished(model_path, metrics_path, fitted.best_epoch, evaluation.headline)
        locations = [store.location(artifact) for artifact in ("model", "metrics", "report")]
        return Outcome(self._stop.exit_code if interrupted else 0, run=run, locations=locations)
