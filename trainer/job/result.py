"""What a training leaves behind: its measures, its artifacts, and how the run says so."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from trainer.artifacts.lease import Lease
from trainer.artifacts.saving import graph_metadata, save_run
from trainer.artifacts.store import Artifact, ArtifactStore
from trainer.errors import ServiceError
from trainer.job.company import Company
from trainer.messaging.telemetry import Telemetry
from trainer.process.background_import import BackgroundImport
from trainer.process.deadline import Until, call_in_time
from trainer.process.stop import StopRequested, StopToken, call_interruptibly
from trainer.process.stopwatch import Stopwatch
from trainer.process.threads import compute_threads
from trainer.settings.definition import Settings

if TYPE_CHECKING:
    from trainer.dataset.dataset import Dataset
    from trainer.record import GraphRecord, RunRecord
    from trainer.training.baselines.measuring import Measured
    from trainer.training.result import FitResult

_log = logging.getLogger("gnn_trainer")


@dataclass(frozen=True)
class Outcome:
    """How a run ended: exit code, its record and the locations of its artifacts where there are any."""

    exit_code: int
    error: str | None = None
    run: RunRecord | None = None
    locations: list[str] = field(default_factory=list)


Ending = tuple[Outcome, Callable[[], None]]
"""How a run ended, and what emits its terminal event."""


class Result:
    """The end of a run that has trained, or had been finished before."""

    def __init__(
        self,
        settings: Settings,
        telemetry: Telemetry,
        stop: StopToken,
        watch: Stopwatch,
        store: ArtifactStore,
        lease: Lease,
        company: Company,
    ) -> None:
        """Nothing is imported or stored yet."""
        self._settings, self._telemetry, self._stop, self._watch = settings, telemetry, stop, watch
        self._store, self._lease, self._company = store, lease, company
        self._last_needed = BackgroundImport(
            "trainer.training.evaluate",
            "trainer.training.baselines.measuring",
            "trainer.artifacts.metrics_file",
            "trainer.report",
        )

    def import_ahead(self) -> None:
        """Begin to import what `save` needs, so that a stop in the middle of the training need not wait for it."""
        self._last_needed.start()

    def save(self, facts: GraphRecord, dataset: Dataset, fitted: FitResult) -> Ending:
        """Evaluate what was learned and store everything.

        Raises:
            ServiceError: it could not be stored; says where the local copy is.
            SupersededError: another run with the same QUEUE_ID owns the artifacts by now.
        """
        with self._watch.phase("import"):
            self._last_needed.wait()
            from trainer.artifacts.metrics_file import describe_run
            from trainer.artifacts.model_file import model_bytes
            from trainer.report import render
            from trainer.training.evaluate import evaluate

        settings = self._settings
        interrupted = self._stop.reason is not None and fitted.stop_reason == self._stop.reason
        with self._watch.phase("evaluate"):
            evaluation = evaluate(fitted, dataset)
        baselines = None if interrupted else self._measure_baselines(dataset)
        status = "interrupted" if interrupted else "finished"
        with self._watch.phase("save"):
            graph_name, queue_id = settings.graph.graph_name, settings.queue.queue_id
            model = model_bytes(fitted, dataset, graph_name, queue_id, settings.sampling.batch_size)
            predictions = self._predictions(dataset, fitted)
        epoch_median = round(median(fitted.epoch_seconds), 4) if fitted.epoch_seconds else None
        timings = self._watch.seconds() | {"epoch_median": epoch_median}
        threads = compute_threads(settings.threads.threads, self._company.processes_here)
        processes = threads, self._company.place.size
        run = describe_run(
            status, settings.flat(), facts, dataset, fitted, evaluation, baselines, model, timings, *processes
        )
        weights: dict[Artifact, bytes] = {} if fitted.weights_file is None else {"weights": fitted.weights_file}
        contents: dict[Artifact, bytes] = {"model": model, **weights, "report": render(run).encode(), **predictions}
        stored = save_run(self._store, self._lease, queue_id, contents, partial(_metrics, run))
        run = run.with_artifacts(stored)
        self._write_graph_metadata(run)
        if not interrupted:
            with suppress(ServiceError):  # it is not needed any more, and does no harm
                self._store.delete("checkpoint")
            return self.finished(run)
        model_path = self._store.location("model")
        emit = partial(self._telemetry.interrupted, fitted.stop_reason, model_path, fitted.best_epoch)
        return Outcome(self._stop.exit_code, run=run, locations=self._locations(run)), emit

    def _measure_baselines(self, dataset: Dataset) -> Measured | None:
        """What can be had without the graph; None when a stop comes before all of it is known."""
        from trainer.training.baselines.measuring import measure_baselines

        settings, training_s = self._settings, self._watch.seconds()["train"]
        options = settings.split.embargo, settings.training.seed, training_s, self._stop
        with self._watch.phase("baselines"):
            try:
                return call_interruptibly(self._stop, lambda: measure_baselines(dataset, *options))
            except StopRequested:
                _log.warning(f"{self._stop.reason}: the training was over; the run ends without its baselines.")
                return None

    def _predictions(self, dataset: Dataset, fitted: FitResult) -> dict[Artifact, bytes]:
        if not self._settings.local.save_predictions:
            return {}
        from trainer.artifacts.predictions_file import label_texts, parts_of, predictions_csv
        from trainer.training.scores import scores

        assert fitted.outputs is not None
        target = dataset.target
        predicted = scores(fitted.outputs, target.task, dataset.target_mean, dataset.target_scale)
        vertices = dataset.inputs.vertices[dataset.inputs.target_type]
        labels = label_texts(target.classes, target.y, target.labelled)
        is_safe = self._settings.predictions.spreadsheet_safe
        table = predictions_csv(
            vertices, parts_of(dataset), labels, predicted, target.classes, spreadsheet_safe=is_safe
        )
        return {"predictions": table}

    def finished(self, run: RunRecord) -> Ending:
        """The end of a run whose artifacts are all stored."""
        paths = self._store.location("model"), self._store.location("metrics")
        measures = run.metrics.headline.plain()
        verdict = run.verdict, run.beats_baseline
        emit = partial(self._telemetry.finished, *paths, run.best_epoch, measures, run.positive_class, *verdict)
        return Outcome(0, run=run, locations=self._locations(run)), emit

    def _locations(self, run: RunRecord) -> list[str]:
        artifacts: tuple[Artifact, ...] = ("model", "weights", "metrics", "report", "predictions")
        return [self._store.location(artifact) for artifact in artifacts if artifact in {"metrics", *run.artifacts}]

    def _write_graph_metadata(self, run: RunRecord) -> None:
        if not self._settings.arango.write_graph_metadata:
            return
        from trainer.graph.arango.metadata import write_graph_metadata

        try:
            document = graph_metadata(run, self._store.location("model"))
            write = partial(write_graph_metadata, self._settings.arango, self._settings.queue.queue_id, document)
            call_in_time(self._stop, Until.EXTRAS, "Writing it", write)
        except ServiceError as error:
            _log.warning(f"The document in graph_metadata could not be written: {error}")


def _metrics(run: RunRecord, stored: Mapping[Artifact, bytes]) -> bytes:
    return run.with_artifacts(stored).to_json()
