"""The phases of a run: look at the store, load, prepare, fit, save."""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from trainer.artifacts.finished import finished_before, say_what_is_replaced
from trainer.artifacts.in_time import StoreInTime
from trainer.artifacts.lease import Lease
from trainer.artifacts.lengths import longest_checkpoint
from trainer.artifacts.open import open_store
from trainer.artifacts.store import UnusableError
from trainer.errors import ServiceError
from trainer.frameworks.installation import FrameworkImport
from trainer.graph.graph import Graph
from trainer.job.company import Company
from trainer.job.learning import agree, go_on_from, learn_together
from trainer.job.result import Ending, Result
from trainer.messaging.telemetry import Telemetry
from trainer.models.size import num_parameters
from trainer.preparation import Prepared, load_graph, log_prepared, prepare
from trainer.process.deadline import Until, call_in_time
from trainer.process.memory import prefer_huge_pages
from trainer.process.stop import StopRequested, StopToken, call_interruptibly
from trainer.process.stopwatch import Stopwatch
from trainer.process.threads import compute_threads
from trainer.settings.definition import Settings

if TYPE_CHECKING:
    from trainer.dataset.dataset import Dataset
    from trainer.models.spec import ModelSpec
    from trainer.record import RunRecord
    from trainer.training.result import EpochRecord, FitResult
    from trainer.training.state import TrainingState

_log = logging.getLogger("gnn_trainer")


class Job:
    """The phases of one run, and what they share."""

    def __init__(self, settings: Settings, telemetry: Telemetry, stop: StopToken, company: Company) -> None:
        """Open the store; nothing is sent yet."""
        self._company = company
        self._settings = settings
        self._telemetry = telemetry
        self._stop = stop
        self._watch = Stopwatch()
        self._store = StoreInTime(open_store(settings.local, settings.s3, settings.queue.queue_id), stop)
        self._lease = Lease(self._store, settings.queue.job_timestamp)
        self._metrics_seen: str | None = None
        prefer_huge_pages()
        self._heavy = FrameworkImport(settings.model.framework)
        self._result = Result(settings, telemetry, stop, self._watch, self._store, self._lease, company)

    def run(self) -> Ending:
        """Go through all phases.

        Raises:
            StopRequested: a stop came before there was anything to store.
            SupersededError: another run with the same QUEUE_ID has taken over.
            TrainerError: settings, data or a service are at fault.
        """
        before = call_interruptibly(self._stop, self._check_store)
        if before is not None:
            return self._finished_before(before)
        self._meet_others()
        # the graph itself is not kept: its arrays may be many gigabytes
        prepared = self._company.watched(lambda: self._prepare(self._load()))
        before = call_interruptibly(self._stop, self._take_lease)
        try:
            if before is not None:
                return self._finished_before(before)
            fitted = self._fit(prepared.dataset, prepared.spec)
            if fitted.outputs is None:
                raise StopRequested
            return self._result.save(prepared.facts, prepared.dataset, fitted)
        finally:
            with suppress(ServiceError):  # a lease that is left behind does no harm
                call_in_time(self._stop, Until.EXTRAS, "Releasing the lease", self._lease.release)

    def _meet_others(self) -> None:
        """Before the graph is loaded, so that a rank that does not come is told of soon."""
        if self._company.is_single:
            return
        with self._watch.phase("import"):
            call_interruptibly(self._stop, self._heavy.wait)
        self._company.meet()
        agree(self._company, self._settings)

    def _check_store(self) -> RunRecord | None:
        self._metrics_seen = self._store.version("metrics")
        before = self._earlier_result()
        if before is None:  # else reading is enough, whatever rights there are besides
            self._store.check()
            self._lease.leave_to_a_later_start()
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
        return finished_before(
            self._store,
            settings.queue.queue_id,
            learning,
            defaults,
            with_predictions=settings.local.save_predictions,
            spreadsheet_safe=settings.predictions.spreadsheet_safe,
        )

    def _finished_before(self, run: RunRecord) -> Ending:
        _log.info("This run was finished before; it is not trained again.")
        return self._result.finished(run)

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
            backend.set_threads(compute_threads(self._settings.threads.threads, self._company.processes_here))
        settings = self._settings
        self._stop.check()
        self._result.import_ahead()

        def on_epoch(record: EpochRecord, eta_s: float) -> None:
            epochs = settings.training.epochs
            self._telemetry.training(record.epoch, epochs, record.loss, record.val_loss, eta_s, record.measures)

        def put(content: bytes) -> None:
            call_in_time(self._stop, Until.CHECKPOINT, "Storing it", partial(self._lease.put, "checkpoint", content))

        with self._watch.phase("train"):
            run = fingerprint(dataset, settings.learning())
            state = self._earlier_state(run, longest_checkpoint(num_parameters(spec)))
            checkpoints = Checkpointer(put, settings.checkpoint.checkpoint_every, run, settings.learning())
            if not self._company.is_single:
                self._company.set_out()
                shared = settings, self._stop, self._company, (spec, dataset), state
                return learn_together(backend, *shared, on_epoch, checkpoints)
            training = backend.make_training(spec, dataset, settings.training, settings.sampling, self._stop)
            if state is not None:
                go_on_from(training, state)
            ends = settings.training.epochs, settings.training.patience
            return fit(training, *ends, self._stop, on_epoch, checkpoints)

    def _earlier_state(self, run: str, most_bytes: int | None) -> TrainingState | None:
        from trainer.training.state import read_state

        if self._settings.checkpoint.resume == "never":
            return None
        try:
            content = call_interruptibly(self._stop, lambda: self._store.get("checkpoint", most_bytes))
        except UnusableError as error:
            _log.warning(f"{str(error).rstrip('.')}; training starts anew.")
            return None
        settings = self._settings
        learning, defaults = settings.learning(), settings.learning_defaults()
        state = None if content is None else read_state(content, run, learning, defaults)
        if state is not None and state.epoch > self._settings.training.epochs:
            _log.warning(f"The checkpoint is of epoch {state.epoch}, beyond EPOCHS; training starts anew.")
            return None
        return state
