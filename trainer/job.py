"""One run: started, check the store, load, prepare, fit, save, and the terminal event.

Everything heavy is imported inside the phases that need it, so that a wrong setting is reported at
once and `started` is out before torch is loaded.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from trainer.artifacts.finished import finished_before, say_what_is_replaced
from trainer.artifacts.in_time import StoreInTime
from trainer.artifacts.lease import Lease, SupersededError
from trainer.artifacts.open import open_store
from trainer.artifacts.saving import graph_metadata, save_run
from trainer.artifacts.store import Artifact, ArtifactStore
from trainer.errors import DEFECT_EXIT_CODE, ServiceError, TrainerError
from trainer.graph.graph import Graph
from trainer.messaging.bus import Bus
from trainer.messaging.open import Commands, open_control
from trainer.messaging.stop_memory import StopMemory
from trainer.messaging.telemetry import Telemetry
from trainer.preparation import Prepared, load_graph, log_prepared, prepare
from trainer.process.background_import import BackgroundImport
from trainer.process.deadline import OutOfTimeError, Until, call_in_time, ended_in_time
from trainer.process.ending import fail
from trainer.process.memory import prefer_huge_pages
from trainer.process.stop import StopRequested, StopToken, call_interruptibly
from trainer.process.stopwatch import Stopwatch
from trainer.process.threads import available_cpus
from trainer.registry.frameworks import FRAMEWORKS
from trainer.settings.definition import Settings

if TYPE_CHECKING:
    from trainer.dataset.dataset import Dataset
    from trainer.models.spec import ModelSpec
    from trainer.record import GraphRecord, RunRecord
    from trainer.training.baselines.measuring import Measured
    from trainer.training.fit import Training
    from trainer.training.result import EpochRecord, FitResult
    from trainer.training.state import TrainingState

_log = logging.getLogger("gnn_trainer")


@dataclass(frozen=True)
class Outcome:
    """How a run ended: exit code, its record and the locations of its artifacts where there are any."""

    exit_code: int
    error: str | None = None
    run: RunRecord | None = None
    locations: list[str] = field(default_factory=list)


def run_job(settings: Settings, bus: Bus, stop: StopToken) -> Outcome:
    """Run the job to its end; every way out emits exactly one terminal event."""
    queue, graph_name, model_type = settings.queue, settings.graph.graph_name, settings.model.model_type
    telemetry = Telemetry(queue, graph_name, model_type, settings.log.message_lang, bus)

    def last_word() -> int:
        sentence = f"The run did not end within STOP_DEADLINE={stop.deadline_s:g} seconds after {stop.reason}."
        telemetry.error(ServiceError.exit_code, sentence)
        return fail(sentence, ServiceError.exit_code)

    with ended_in_time(stop, last_word), ExitStack() as until_delivered:
        outcome, emit_terminal_event, commands = _run(settings, telemetry, stop, until_delivered)
        try:
            emit_terminal_event()
        except ServiceError as error:  # nobody would know how the run ended: let Kubernetes start it once more
            outcome = Outcome(outcome.exit_code or error.exit_code, error=outcome.error or str(error))
    if outcome.exit_code == 0:  # any other end is tried again, and a stop holds for that run too
        try:
            call_in_time(stop, Until.END, "Storing which stop was obeyed", commands.remember_stops)
        except OutOfTimeError as error:  # none is lost
            _log.warning(f"{error} The next run of this queue may obey it once more.")
    return outcome


def _run(
    settings: Settings, telemetry: Telemetry, stop: StopToken, until_delivered: ExitStack
) -> tuple[Outcome, Callable[[], None], Commands]:
    """The outcome of the run, its terminal event, and its commands; the consumer stays open until that event is delivered."""
    commands = Commands()
    try:
        memory = _stop_memory(settings)
        commands = until_delivered.enter_context(open_control(settings.kafka, settings.queue, stop, telemetry, memory))
        telemetry.started()
        commands.wait_ready()
        return *_Job(settings, telemetry, stop).run(), commands
    except StopRequested:
        interrupted = partial(telemetry.interrupted, str(stop.reason), model_path=None, epoch=0)
        return Outcome(stop.exit_code), interrupted, commands
    except SupersededError:
        sentence = (
            f"Another run with QUEUE_ID={settings.queue.queue_id!r} has taken over; this one leaves the result to it."
        )
        return Outcome(ServiceError.exit_code, error=sentence), telemetry.silence, commands
    except TrainerError as error:
        failed = partial(telemetry.error, error.exit_code, str(error))
        return Outcome(error.exit_code, error=str(error)), failed, commands
    except Exception as error:
        _log.exception("The run ended by a defect of the program")
        sentence = f"The run ended by a defect of the program ({type(error).__name__}: {error}); please report it with the log."
        failed = partial(telemetry.error, DEFECT_EXIT_CODE, sentence)
        return Outcome(DEFECT_EXIT_CODE, error=sentence), failed, commands


def _stop_memory(settings: Settings) -> StopMemory:
    queue_id = settings.queue.queue_id

    def store() -> ArtifactStore:
        return open_store(settings.local, settings.s3, queue_id)

    return StopMemory(queue_id, lambda: store().get("stop"), lambda content: store().put("stop", content))


class _Job:
    """The phases of one run, and what they share."""

    def __init__(self, settings: Settings, telemetry: Telemetry, stop: StopToken) -> None:
        self._settings = settings
        self._telemetry = telemetry
        self._stop = stop
        self._watch = Stopwatch()
        self._store = StoreInTime(open_store(settings.local, settings.s3, settings.queue.queue_id), stop)
        self._lease = Lease(self._store)
        self._metrics_seen: str | None = None
        prefer_huge_pages()
        self._heavy = BackgroundImport(*FRAMEWORKS[settings.model.framework].imports)
        self._last_needed = BackgroundImport(
            "trainer.training.evaluate",
            "trainer.training.baselines.measuring",
            "trainer.artifacts.metrics_file",
            "trainer.report",
        )

    def run(self) -> tuple[Outcome, Callable[[], None]]:
        before = call_interruptibly(self._stop, self._check_store)
        if before is not None:
            return self._finished_before(before)
        prepared = self._prepare(self._load())  # the graph itself is not kept: its arrays may be many gigabytes
        before = call_interruptibly(self._stop, self._take_lease)
        try:
            if before is not None:
                return self._finished_before(before)
            fitted = self._fit(prepared.dataset, prepared.spec)
            if fitted.outputs is None:
                raise StopRequested
            return self._save(prepared.facts, prepared.dataset, fitted)
        finally:
            with suppress(ServiceError):  # a lease that is left behind does no harm
                call_in_time(self._stop, Until.EXTRAS, "Releasing the lease", self._lease.release)

    def _check_store(self) -> RunRecord | None:
        self._metrics_seen = self._store.version("metrics")
        before = self._earlier_result()
        if before is None:  # else reading is enough, whatever rights there are besides
            self._store.check()
        return before

    def _take_lease(self) -> RunRecord | None:
        """Become the owner; the record of this run if another process finished it while the graph was loaded."""
        self._lease.take()
        if self._lease.version("metrics") != self._metrics_seen:
            before = self._earlier_result()
            if before is not None:
                return before
        settings = self._settings
        say_what_is_replaced(self._store, settings.queue.queue_id, settings.learning(), settings.learning_defaults())
        return None

    def _earlier_result(self) -> RunRecord | None:
        settings = self._settings
        if settings.checkpoint.resume == "never" or not settings.has_own_queue_id:
            return None
        learning, defaults = settings.learning(), settings.learning_defaults()
        wants_predictions = settings.local.save_predictions
        return finished_before(
            self._store, settings.queue.queue_id, learning, defaults, with_predictions=wants_predictions
        )

    def _finished_before(self, run: RunRecord) -> tuple[Outcome, Callable[[], None]]:
        _log.info("This run was finished before; it is not trained again.")
        return self._finished(run)

    def _load(self) -> Graph:
        settings = self._settings

        def progress(vertices: int, edges: int) -> None:
            self._stop.check()
            if vertices:  # not before: a graph that is not there is refused at once
                self._heavy.start()
            self._telemetry.loading(vertices, edges)

        with self._watch.phase("load"):
            return load_graph(settings.graph, settings.arango, settings.data, settings.split, self._stop, progress)

    def _prepare(self, graph: Graph) -> Prepared:
        settings = self._settings
        groups = settings.data, settings.training, settings.split, settings.sampling, settings.model
        with self._watch.phase("prepare"):
            prepared = prepare(graph, *groups, self._stop)
        log_prepared(prepared)
        return prepared

    def _fit(self, dataset: Dataset, spec: ModelSpec) -> FitResult:
        with self._watch.phase("import"):
            call_interruptibly(self._stop, self._heavy.wait)
            from trainer.frameworks.open import open_backend
            from trainer.training.checkpoint import Checkpointer
            from trainer.training.fingerprint import fingerprint
            from trainer.training.fit import fit

            backend = open_backend(self._settings.model.framework)
            backend.set_threads(available_cpus())
        settings = self._settings
        self._stop.check()
        self._last_needed.start()  # a stop that comes in the training need not wait for it any more

        def on_epoch(record: EpochRecord, eta_s: float) -> None:
            epochs = settings.training.epochs
            self._telemetry.training(record.epoch, epochs, record.loss, record.val_loss, eta_s, record.measures)

        def put(content: bytes) -> None:
            call_in_time(self._stop, Until.CHECKPOINT, "Storing it", partial(self._lease.put, "checkpoint", content))

        with self._watch.phase("train"):
            run = fingerprint(dataset, settings.learning())
            state = self._earlier_state(run)
            training = backend.make_training(spec, dataset, settings.training, settings.sampling, self._stop)
            if state is not None:
                _restore(training, state)
            checkpoints = Checkpointer(put, settings.checkpoint.checkpoint_every, run, settings.learning())
            ends = settings.training.epochs, settings.training.patience
            return fit(training, *ends, self._stop, on_epoch, checkpoints)

    def _earlier_state(self, run: str) -> TrainingState | None:
        from trainer.training.state import read_state

        if self._settings.checkpoint.resume == "never":
            return None
        content = call_interruptibly(self._stop, lambda: self._store.get("checkpoint"))
        settings = self._settings
        learning, defaults = settings.learning(), settings.learning_defaults()
        state = None if content is None else read_state(content, run, learning, defaults)
        if state is not None and state.epoch > self._settings.training.epochs:
            _log.warning(f"The checkpoint is of epoch {state.epoch}, beyond EPOCHS; training starts anew.")
            return None
        return state

    def _save(self, facts: GraphRecord, dataset: Dataset, fitted: FitResult) -> tuple[Outcome, Callable[[], None]]:
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
        run = describe_run(status, settings.flat(), facts, dataset, fitted, evaluation, baselines, model, timings)
        contents: dict[Artifact, bytes] = {"model": model, "report": render(run).encode(), **predictions}
        stored = save_run(self._store, self._lease, queue_id, contents, partial(_metrics, run))
        run = run.with_artifacts(stored)
        self._write_graph_metadata(run)
        if not interrupted:
            with suppress(ServiceError):  # it is not needed any more, and does no harm
                self._store.delete("checkpoint")
            return self._finished(run)
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
        return {"predictions": predictions_csv(vertices, parts_of(dataset), labels, predicted, target.classes)}

    def _finished(self, run: RunRecord) -> tuple[Outcome, Callable[[], None]]:
        paths = self._store.location("model"), self._store.location("metrics")
        measures = run.metrics.headline.plain()
        verdict = run.verdict, run.beats_baseline
        emit = partial(self._telemetry.finished, *paths, run.best_epoch, measures, run.positive_class, *verdict)
        return Outcome(0, run=run, locations=self._locations(run)), emit

    def _locations(self, run: RunRecord) -> list[str]:
        artifacts: tuple[Artifact, ...] = ("model", "metrics", "report", "predictions")
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


def _restore(training: Training, state: TrainingState) -> None:
    try:
        training.restore(state)
    except ValueError as error:
        _log.warning(f"The checkpoint cannot be used ({error}); training starts anew.")
    else:
        _log.info(f"Training goes on after epoch {state.epoch} of an earlier run.")


def _metrics(run: RunRecord, stored: Mapping[Artifact, bytes]) -> bytes:
    return run.with_artifacts(stored).to_json()
