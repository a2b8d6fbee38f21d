"""Checkpoints: which run they belong to, what they hold, and how they are written beside the training."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from types import SimpleNamespace
from typing import Annotated, Any, Literal, get_args, get_origin

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from pydantic import SecretStr

from tests.composed import fit
from tests.conftest import make_settings
from tests.training.conftest import fitting, run_fit, small_dataset
from tests.training.typed import typed_dataset
from tests.waits import LONG_S
from trainer.dataset.dataset import Dataset
from trainer.errors import ServiceError
from trainer.process.stop import STOP_COMMAND, StopToken
from trainer.settings.definition import Settings
from trainer.training import checkpoint
from trainer.training.checkpoint import Checkpointer
from trainer.training.fingerprint import fingerprint
from trainer.training.result import EpochRecord
from trainer.training.state import TrainingState, read_state

MARK = "the fingerprint of a run"
"""How long a thread is waited for before a test gives up; none takes so long."""


# Which run a checkpoint belongs to: every setting.

NOT_LEARNED = {"epochs", "graph_path", "threads", "checkpoint_every", "resume", "stop_deadline"}
"""Settings under the headings graph, model and training that may change between two runs of the same training."""
DECIDES_WHAT_IS_LEARNED = {
    name: definition.heading in ("graph", "model", "training") and name not in NOT_LEARNED
    for name, definition in Settings.definitions().items()
}
"""Each setting there is: a setting added later is held to its heading without a change here."""


def mark(dataset: Dataset, settings: Settings) -> str:
    """The fingerprint of a run."""
    return fingerprint(dataset, settings.learning())


def with_another(settings: Settings, name: str) -> Settings:
    """The same settings but for one, which has another value of its type; whether it would be accepted is no matter."""
    definition = Settings.definitions()[name]
    group = getattr(settings, definition.group)
    changed = group.model_copy(update={name: another(definition.annotation, getattr(group, name))})
    return settings.model_copy(update={definition.group: changed})


def another(annotation: Any, value: Any) -> Any:
    """A value of a type that is not `value`."""
    inner = get_args(annotation)
    if get_origin(annotation) is list:
        return [*value, 7 if int in inner else "another"]
    if get_origin(annotation) is Literal:
        return next(choice for choice in inner if choice != value)
    parts = [
        annotation,
        *inner,
        *(part for within in inner if get_origin(within) is Annotated for part in get_args(within)),
    ]
    if any(part is int or part is float for part in parts):
        return (value or 0) + 1
    if annotation is SecretStr:
        return SecretStr("another")
    return not value if annotation is bool else f"{value}-another"


@pytest.mark.parametrize("name", DECIDES_WHAT_IS_LEARNED)
def test_a_checkpoint_belongs_to_the_settings_that_decide_what_is_learned(name: str) -> None:
    """Each of them changed makes it another run's; EPOCHS, places, services and names of the run do not."""
    dataset, settings = small_dataset(), make_settings(target="y")
    is_another_run = mark(dataset, with_another(settings, name)) != mark(dataset, settings)
    assert is_another_run == DECIDES_WHAT_IS_LEARNED[name], (
        f"{name.upper()} {'should' if DECIDES_WHAT_IS_LEARNED[name] else 'should not'} make it the checkpoint of another run"
    )


# Which run a checkpoint belongs to: every array.

Path = tuple[Any, ...]
NO_PART_OF_LEARNING = {
    ("target", "y"): "`y` is made of it",
    ("target", "labelled"): "the parts say what is learned from",
    ("inputs", "vertices", "v", "keys"): "vertices with features have no embedding by name",
    ("inputs", "vertices", "v", "collection"): "vertices with features have no embedding by name",
    ("inputs", "vertices", "v", "time", "values"): "the parts and the edges were made by it",
    ("inputs", "vertices", "v", "time", "missing"): "the parts and the edges were made by it",
    ("series", "codes"): "only a baseline looks at it",
}
"""Arrays of the dataset that a training never looks at, each with the reason."""


def whole_dataset() -> Dataset:
    """A dataset with an array in every place: types with features and without, weights, several graphs, times."""
    dataset = typed_dataset(weighted=True)
    graphs = (np.arange(len(dataset.y)) // 20).astype(np.int32)
    vertices = {name: vertex_set for name, vertex_set in dataset.inputs.vertices.items() if name in ("v", "level")}
    edges = {
        relation: edge_set for relation, edge_set in dataset.inputs.edges.items() if {*relation[::2]} <= {*vertices}
    }
    return replace(dataset, inputs=replace(dataset.inputs, vertices=vertices, edges=edges, graph_of_row=graphs))


def arrays_of(node: Any, path: Path = ()) -> Iterator[tuple[Path, NDArray[Any]]]:
    """Every array in a tree of dataclasses and dicts, with the way to it."""
    if isinstance(node, np.ndarray):
        yield path, node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from arrays_of(value, (*path, key))
    elif is_dataclass(node):
        for attribute in fields(node):
            yield from arrays_of(getattr(node, attribute.name), (*path, attribute.name))


def with_value(node: Any, path: Path, value: Any) -> Any:
    """The same tree with another value at the end of a way."""
    if not path:
        return value
    if isinstance(node, dict):
        return node | {path[0]: with_value(node[path[0]], path[1:], value)}
    return replace(node, **{path[0]: with_value(getattr(node, path[0]), path[1:], value)})


def with_another_end(array: NDArray[Any]) -> NDArray[Any]:
    """The same array but for its last element."""
    other = array.copy()
    last = other.reshape(-1)[-1:]
    last[:] = last[:1] == 0 if array.dtype.kind in "bS" else last + 1
    assert (other != array).sum() == 1
    return other


WHOLE = whole_dataset()
ARRAYS = {"/".join(map(str, path)): (path, array) for path, array in arrays_of(WHOLE) if array.size}
SETTINGS = make_settings(target="y")


@pytest.mark.parametrize("name", ARRAYS)
def test_a_checkpoint_belongs_to_every_array_that_is_learned_from(name: str) -> None:
    """One other number, label, part, vertex, edge or weight, and it is another run's."""
    path, array = ARRAYS[name]
    changed = with_value(WHOLE, path, with_another_end(array))
    is_another_run = mark(changed, SETTINGS) != mark(WHOLE, SETTINGS)
    assert is_another_run == (path not in NO_PART_OF_LEARNING), NO_PART_OF_LEARNING.get(path, "is learned from")


def test_the_arrays_of_a_dataset_are_found() -> None:
    """The test above looks at all of them, or it says nothing."""
    assert {path for path, _ in ARRAYS.values()} > {*NO_PART_OF_LEARNING}
    ends = {"y", "part", "graph_of_row", "x", "keys", "collection", "index", "weight", "labelled", "values", "missing"}
    assert {path[-1] for path, _ in ARRAYS.values()} == ends | {"codes"}


@pytest.mark.parametrize("name", [name for name in ARRAYS if ARRAYS[name][0][-1] in ("weight", "graph_of_row")])
def test_a_checkpoint_belongs_to_what_may_be_absent(name: str) -> None:
    """Without weights, or without the division into graphs, something else is learned."""
    without = with_value(WHOLE, ARRAYS[name][0], None)
    assert mark(without, SETTINGS) != mark(WHOLE, SETTINGS)


def test_a_checkpoint_belongs_to_shapes_and_types() -> None:
    """The same bytes as other numbers, or in other rows, are other inputs."""
    y = WHOLE.y
    others = [y.view(np.int32), y.reshape(-1, 2), y]
    marks = {mark(replace(WHOLE, y=other), SETTINGS) for other in others}
    assert len(marks) == 3


def test_the_layout_in_memory_is_no_matter() -> None:
    """The same numbers, column by column or row by row, are the same inputs."""
    path = ("inputs", "vertices", "v", "x")
    (array,) = (array for way, array in arrays_of(WHOLE) if way == path)
    turned = np.asfortranarray(array)
    assert not turned.flags["C_CONTIGUOUS"]
    assert mark(with_value(WHOLE, path, turned), SETTINGS) == mark(WHOLE, SETTINGS)


def test_a_checkpoint_belongs_to_the_schema() -> None:
    """The same numbers under another name mean something else."""
    path = ("schema", "target", "name")
    assert mark(with_value(WHOLE, path, "other"), SETTINGS) != mark(WHOLE, SETTINGS)


# What a checkpoint holds.


def make_state(epoch: int = 3) -> TrainingState:
    """A state of a training, of plain values that can be told apart by their epoch."""
    return TrainingState(
        epoch=epoch,
        model={"weight": torch.full((2, 2), float(epoch))},
        optimiser={"state": {0: {"step": torch.tensor(1.0)}}, "param_groups": [{"lr": 0.1, "params": [0]}]},
        random_state=torch.get_rng_state(),
        best_epoch=max(1, epoch - 1),
        best_loss=0.25,
        best_model={"weight": torch.ones(2, 2)},
        history=[
            {"epoch": number, "loss": 0.5, "val_loss": None, "measures": {"accuracy": 1.0}}
            for number in range(1, epoch + 1)
        ],
    )


def test_a_state_comes_back_whole() -> None:
    """Every field, tensors among them."""
    state = make_state()
    again = read_state(state.to_bytes(MARK), MARK)
    assert again is not None
    for field in fields(TrainingState):
        torch.testing.assert_close(getattr(again, field.name), getattr(state, field.name), rtol=0, atol=0)


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The sentences of the log at warning level or above."""
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_checkpoint_of_another_run_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    """Training starts anew, and the log says why."""
    assert read_state(make_state().to_bytes("another fingerprint"), MARK) is None
    (sentence,) = warnings_in(caplog)
    assert sentence.startswith(
        "The checkpoint belongs to other settings, another graph or another version of gnn-trainer; training starts anew"
    )


def rewritten(change: Callable[[dict[str, Any]], object]) -> bytes:
    """A checkpoint whose content was changed."""
    content = torch.load(io.BytesIO(make_state().to_bytes(MARK)), weights_only=True)
    change(content)
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("step", [-1, 1])
def test_a_checkpoint_of_another_version_is_passed_over(step: int, caplog: pytest.LogCaptureFixture) -> None:
    """An older or a newer program may mean something else by the same fields."""
    assert read_state(rewritten(lambda content: None), MARK) is not None
    other = rewritten(lambda content: content.update(schema_version=content["schema_version"] + step))
    assert read_state(other, MARK) is None
    (sentence,) = warnings_in(caplog)
    assert sentence.endswith("training starts anew.")


class NotAllowed:
    """An object that would run code when it is read."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return pytest.fail, ("code out of a checkpoint was run",)


BROKEN: dict[str, bytes] = {
    "empty": b"",
    "another kind of file": b"PK\x03\x04 not a checkpoint",
    "cut off": make_state().to_bytes(MARK)[:-100],
    "a number": rewritten(lambda content: content.clear()),
    "no version": rewritten(lambda content: content.pop("schema_version")),
    "no fingerprint": rewritten(lambda content: content.pop("fingerprint")),
    "no state": rewritten(lambda content: content.pop("state")),
    "a field is missing": rewritten(lambda content: content["state"].pop("optimiser")),
    "a field is unknown": rewritten(lambda content: content["state"].update(other=1)),
    "code": rewritten(lambda content: content.update(state=NotAllowed())),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=list(BROKEN))
def test_a_broken_checkpoint_is_passed_over(content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever is wrong with it, a run without it is right; the log says that there was one."""
    assert read_state(content, MARK) is None
    (sentence,) = warnings_in(caplog)
    assert sentence.startswith(("The checkpoint cannot be read", "The checkpoint cannot be used"))
    assert sentence.endswith("training starts anew.")


# How checkpoints are written.


class HeldStore:
    """Takes contents as a slow store does: each waits until it is let through, or fails."""

    def __init__(self) -> None:
        self.stored: list[int] = []
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)
        self.error: Exception | None = None

    def put(self, content: bytes) -> None:
        """Store a checkpoint under its epoch."""
        self.begun.release()
        assert self.go_on.acquire(timeout=LONG_S), "the test never let the writer go on"
        if self.error is not None:
            raise self.error
        state = read_state(content, MARK)
        assert state is not None
        self.stored.append(state.epoch)


@dataclass
class Clock:
    """A clock that tests set."""

    now: float = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def store() -> HeldStore:
    """A store that holds each content until it is let through."""
    return HeldStore()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that checkpoints go by."""
    clock = Clock()
    monkeypatch.setattr(checkpoint, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


def offer(checkpoints: Checkpointer, epoch: int) -> bool:
    """Offer the state after an epoch; returns whether it was taken."""
    taken: list[int] = []

    def copy() -> TrainingState:
        taken.append(epoch)
        return make_state(epoch)

    checkpoints.offer(copy)
    return bool(taken)


def test_states_are_taken_every_so_often(clock: Clock) -> None:
    """None before the time is up, also counted from the state before."""
    kept: list[bytes] = []
    checkpoints = Checkpointer(kept.append, 60, MARK)
    taken = []
    for second in range(0, 200, 10):
        clock.now = 1000.0 + second
        if offer(checkpoints, second):
            taken.append(second)
        checkpoints.wait()
    assert taken == [60, 120, 180]
    assert len(kept) == 3


def test_training_goes_on_while_a_state_is_written(store: HeldStore) -> None:
    """The state is written by another thread, under the fingerprint of the run."""
    checkpoints = Checkpointer(store.put, 0, MARK)
    assert offer(checkpoints, 1)
    assert store.begun.acquire(timeout=LONG_S), "nobody writes"
    assert store.stored == []
    store.go_on.release()
    checkpoints.wait()
    assert store.stored == [1]


def test_a_state_is_skipped_while_one_is_written(store: HeldStore) -> None:
    """Neither copied nor queued, so that a slow store costs no memory; the next one after that is taken."""
    checkpoints = Checkpointer(store.put, 0, MARK)
    assert offer(checkpoints, 1)
    assert store.begun.acquire(timeout=LONG_S)
    assert not offer(checkpoints, 2)
    assert not offer(checkpoints, 3)
    store.go_on.release()
    checkpoints.wait()
    assert offer(checkpoints, 4)
    store.go_on.release()
    checkpoints.wait()
    assert store.stored == [1, 4]


def test_put_now_waits_for_the_state_before_and_for_its_own(store: HeldStore) -> None:
    """The last state of a stopped run is there when the run ends, and none is written over it."""
    checkpoints = Checkpointer(store.put, 0, MARK)
    offer(checkpoints, 1)
    assert store.begun.acquire(timeout=LONG_S)
    ending = threading.Thread(target=checkpoints.put_now, args=(make_state(2),), daemon=True)
    ending.start()
    assert not store.begun.acquire(timeout=0.05), "two states are written at once"
    store.go_on.release()
    assert store.begun.acquire(timeout=LONG_S), "the last state is not written"
    assert ending.is_alive()
    assert store.stored == [1]
    store.go_on.release()
    ending.join(LONG_S)
    assert store.stored == [1, 2]


def test_put_now_does_not_wait_for_the_time_to_be_up() -> None:
    """A stopped run keeps its last state, however recent the one before."""
    kept: list[bytes] = []
    Checkpointer(kept.append, 1e9, MARK).put_now(make_state())
    assert len(kept) == 1


@pytest.mark.parametrize("put", ["offer", "put_now"])
def test_a_store_that_is_away_is_warned_of_once(put: str, caplog: pytest.LogCaptureFixture) -> None:
    """Training goes on without checkpoints, and with them as soon as the store is back."""
    kept: list[bytes] = []
    errors: list[Exception] = [ServiceError("The store is away."), ServiceError("The store is away.")]

    def store(content: bytes) -> None:
        if errors:
            raise errors.pop()
        kept.append(content)

    checkpoints = Checkpointer(store, 0, MARK)
    for epoch in (1, 2, 3):
        if put == "offer":
            assert offer(checkpoints, epoch)
            checkpoints.wait()
        else:
            checkpoints.put_now(make_state(epoch))
    assert warnings_in(caplog) == ["A checkpoint could not be stored; training goes on without: The store is away."]
    assert len(kept) == 1


class SupersededElsewhere(Exception):
    """Any error that is no failure of a service."""


@pytest.mark.parametrize("seen_by", ["offer", "wait", "put_now"])
def test_other_errors_are_raised_where_the_training_sees_them(seen_by: str, store: HeldStore) -> None:
    """Such as another run that has taken over: the training ends with it."""
    store.error = SupersededElsewhere()
    store.go_on.release(2)
    checkpoints = Checkpointer(store.put, 0, MARK)
    offer(checkpoints, 1)
    if seen_by == "offer":
        with pytest.raises(SupersededElsewhere):
            checkpoints.wait()
    call: dict[str, Callable[[], object]] = {
        "offer": lambda: offer(checkpoints, 2),
        "wait": checkpoints.wait,
        "put_now": lambda: checkpoints.put_now(make_state(2)),
    }
    with pytest.raises(SupersededElsewhere):
        call[seen_by]()
    assert store.stored == []


def test_an_error_of_put_now_is_raised_by_it(store: HeldStore) -> None:
    """There is no later call that could raise it."""
    store.error = SupersededElsewhere()
    store.go_on.release()
    with pytest.raises(SupersededElsewhere):
        Checkpointer(store.put, 0, MARK).put_now(make_state())


# When a training puts its state away.


class Recorder(Checkpointer):
    """Keeps what a training offers and what it puts away at its end."""

    def __init__(self) -> None:
        self.offered: list[int] = []
        self.put: list[int] = []
        super().__init__(lambda content: None, 0, MARK)

    def offer(self, make_state: Callable[[], TrainingState]) -> None:
        self.offered.append(make_state().epoch)

    def put_now(self, state: TrainingState) -> None:
        self.put.append(state.epoch)


def trained(stop_after: int | None, *, epochs: int = 4, **values: Any) -> Recorder:
    """The checkpoints of a training that is asked to stop after an epoch; before the first for 0, never for None."""
    stop, recorder = StopToken(), Recorder()

    def on_epoch(record: EpochRecord, eta_s: float) -> None:
        if record.epoch == stop_after:
            stop.request(STOP_COMMAND)

    if stop_after == 0:
        stop.request(STOP_COMMAND)
    settings = make_settings(**fitting("binary", epochs=epochs, **values))
    fit(small_dataset(), settings, stop, on_epoch, recorder)
    return recorder


@pytest.mark.parametrize(
    ("stop_after", "offered", "put"),
    [(None, [1, 2, 3, 4], []), (0, [], []), (2, [1, 2], [2]), (4, [1, 2, 3, 4], [])],
    ids=["never stopped", "before the first epoch", "amid", "after the last epoch"],
)
def test_state_after_each_epoch_is_offered_and_that_of_a_stop_put_away(
    stop_after: int | None, offered: list[int], put: list[int]
) -> None:
    """A run that ends by itself needs no checkpoint any more; one that is stopped has its last epoch put away."""
    recorder = trained(stop_after)
    assert (recorder.offered, recorder.put) == (offered, put)


def test_a_training_waits_for_the_checkpoint_on_its_way(store: HeldStore) -> None:
    """The writer never outlives the training, so that nothing is written after the artifacts."""
    results: list[object] = []

    def train() -> None:
        settings = make_settings(**fitting("binary", epochs=1))
        results.append(fit(small_dataset(), settings, checkpoints=Checkpointer(store.put, 0, MARK)))

    training = threading.Thread(target=train, daemon=True)
    training.start()
    assert store.begun.acquire(timeout=LONG_S), "nothing was offered"
    training.join(0.05)
    assert not results, "the training ended while its checkpoint was being written"
    store.go_on.release()
    training.join(LONG_S)
    assert len(results) == 1
    assert store.stored == [1]


def test_patience_counts_on_from_the_best_epoch_of_the_run_before() -> None:
    """A run that is broken off again and again still ends when no epoch gets better."""
    values: dict[str, Any] = {"epochs": 300, "learning_rate": 1.0, "patience": 3}
    whole = run_fit(**values)
    states: list[TrainingState] = []

    class EveryEpoch(Recorder):
        def offer(self, make_state: Callable[[], TrainingState]) -> None:
            states.append(make_state())

    settings = make_settings(**fitting("binary", **values))
    fit(small_dataset(), settings, checkpoints=EveryEpoch())
    for state in states[-2:]:
        assert state.best_epoch < state.epoch
        resumed = fit(small_dataset(), settings, resume=state)
        assert resumed.stop_reason == "patience"
        assert (resumed.best_epoch, len(resumed.history)) == (whole.best_epoch, len(whole.history))
