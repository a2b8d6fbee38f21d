"""A training of several ranks: rank 0 deals out the graph, all learn, rank 0 judges and has the outputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

import numpy as np
import torch
from torch import Tensor

from trainer.dataset.dataset import Dataset
from trainer.dataset.inputs import Inputs
from trainer.frameworks.torch.batches import WholeGraph, make_sampler
from trainer.frameworks.torch.inference import InOnePass
from trainer.frameworks.torch.layers import LayeredModel
from trainer.frameworks.torch.shared.batches import SharedBatches
from trainer.frameworks.torch.shared.dropout import SharedDropout
from trainer.frameworks.torch.shared.inference import InRanges
from trainer.frameworks.torch.shared.partitioned import partitioned_tensors
from trainer.frameworks.torch.shared.steps import SharedLearner
from trainer.frameworks.torch.tensors import graph_tensors
from trainer.frameworks.torch.training import Course, TorchTraining, make_optimiser
from trainer.models.reach import Reach, reach_of
from trainer.models.spec import HeteroSpec, ModelSpec
from trainer.process.stop import StopToken
from trainer.ranks.parts import Part, Partition, without_names
from trainer.ranks.ranges import Ranges
from trainer.ranks.ranks import Ranks
from trainer.ranks.stopping import stop_together
from trainer.sampling.batch_plan import plan_batches
from trainer.settings.groups.sampling import SamplingSettings
from trainer.settings.groups.training import TrainingSettings
from trainer.training.judge import Judge
from trainer.training.result import EpochRecord, FitResult

Prepared = tuple[ModelSpec, Dataset]
BuildModel = Callable[[ModelSpec, Inputs], LayeredModel]
"""Makes the model of a spec, with fresh weights out of torch's random state."""
_CPU = torch.device("cpu")


def share_training(
    build_model: BuildModel,
    prepared: Prepared | None,
    training: TrainingSettings,
    sampling: SamplingSettings,
    stop: StopToken,
    ranks: Ranks,
) -> SharedTraining:
    """A training shared by several ranks; see `trainer.frameworks.backend.Backend`."""
    share = _share_batches if sampling.batch_size else _share_graph
    return share(build_model, prepared, training, sampling, stop, ranks)


class Outputs(Protocol):
    """How rank 0 comes to have what the ranks have computed; the others are given None."""

    def of_validation(self, outputs: Tensor) -> Tensor | None:
        """The outputs of the validation part, in the order of its rows."""

    def of_all(self, outputs: Tensor) -> Tensor | None:
        """The outputs of all vertices of the target type."""


class SharedTraining(TorchTraining):
    """A `Training` whose calls, but for `state`, all ranks make together."""

    def __init__(
        self, spec: ModelSpec, course: Course, stop: StopToken, ranks: Ranks, outputs: Outputs, judge: Judge | None
    ) -> None:
        """Go a way with the others; `judge` knows all labels, on rank 0."""
        super().__init__(spec, course, _CPU, stop)
        self._ranks, self._outputs, self._whole_judge = ranks, outputs, judge

    def run_epoch(self) -> EpochRecord | None:
        """One epoch; None, with everything as it was before, when any rank was asked to stop on the way."""
        record = super().run_epoch()
        if record is None:
            stop_together(self._ranks, self._stop)
        return record

    def result(self, seconds: list[float], stop_reason: str) -> FitResult:
        """What the training leaves behind; the others wait as long as rank 0 stores a checkpoint before."""
        self._ranks.meet("result")
        return super().result(seconds, stop_reason)

    def _record(self, epoch: int, loss: float, outputs: Tensor) -> EpochRecord:
        """As rank 0 sees it, so that all go on, or end, alike."""
        of_validation, record = self._outputs.of_validation(outputs), None
        if of_validation is not None and self._whole_judge is not None:
            record = self._whole_judge.record_of(epoch, loss, of_validation)
        record = self._ranks.same(record)
        assert record is not None, "rank 0 has a judge"
        return record

    def _whole(self, outputs: Tensor) -> Tensor | None:
        return self._outputs.of_all(outputs)

    def _losses(self, outputs: Tensor) -> dict[str, float]:
        return {} if self._whole_judge is None else self._whole_judge.losses(outputs)


class _Everywhere:
    """Every rank has all outputs."""

    def __init__(self, ranks: Ranks, judge: Judge) -> None:
        self._leads, self._rows = ranks.rank == 0, judge.rows["val"]

    def of_validation(self, outputs: Tensor) -> Tensor | None:
        return outputs[self._rows] if self._leads else None

    def of_all(self, outputs: Tensor) -> Tensor | None:
        return outputs if self._leads else None


class _ByRange:
    """Every rank has the outputs of its range."""

    def __init__(self, ranks: Ranks, own_rows: Tensor, ranges: Ranges | None, judge: Judge | None) -> None:
        """Gather outputs.

        Args:
            ranks: this one and the others.
            own_rows: this rank's rows of the validation part.
            ranges: of the target type, on rank 0.
            judge: knows all labels, on rank 0.
        """
        self._ranks, self._own_rows = ranks, own_rows
        self._places: Tensor | None = None
        self._order: Tensor | None = None
        if ranges is not None and ranges.row_at is not None and judge is not None:
            self._places = torch.from_numpy(np.argsort(ranges.row_at))
            self._order = torch.argsort(torch.argsort(self._places[judge.rows["val"]]))

    def of_validation(self, outputs: Tensor) -> Tensor | None:
        gathered = self._ranks.gather(outputs[self._own_rows])
        return gathered if gathered is None or self._order is None else gathered[self._order]

    def of_all(self, outputs: Tensor) -> Tensor | None:
        gathered = self._ranks.gather(outputs)
        return gathered if gathered is None or self._places is None else gathered[self._places]


def _share_batches(
    build_model: BuildModel,
    prepared: Prepared | None,
    training: TrainingSettings,
    sampling: SamplingSettings,
    stop: StopToken,
    ranks: Ranks,
) -> SharedTraining:
    """Every rank has all vertices and edges."""
    spec, dataset = ranks.same(cast(Prepared, None if prepared is None else (prepared[0], without_names(prepared[1]))))
    model = _built_alike(build_model, spec, dataset.inputs, training.seed, ranks)
    module, optimiser = make_optimiser(model, training, _CPU)
    judge = Judge(dataset, training.loss_fn, training.class_weights, _CPU)
    rows = judge.rows["train"].numpy()
    plan = plan_batches(sampling, spec.num_layers, training.seed, rows, dataset.inputs.graph_of_row)
    assert plan is not None, "there is a BATCH_SIZE"
    graph = graph_tensors(spec, model.reach, dataset.inputs, _CPU)
    sampler = make_sampler(dataset.inputs, model.reach)
    dropout = SharedDropout(ranks, training.seed, by_row=False)
    learner = SharedLearner(model, graph.target_type, optimiser, judge, stop, ranks, None, dropout)
    batches = SharedBatches(graph, model.reach, sampler, plan, ranks)
    inference = InRanges(model, graph, sampler, ranks)
    course = Course(module, optimiser, judge, learner, batches, inference, has_many_steps=True)
    whole = judge if ranks.rank == 0 else None
    return SharedTraining(spec, course, stop, ranks, _Everywhere(ranks, judge), whole)


def _share_graph(
    build_model: BuildModel,
    prepared: Prepared | None,
    training: TrainingSettings,
    sampling: SamplingSettings,
    stop: StopToken,
    ranks: Ranks,
) -> SharedTraining:
    """Every rank has the vertices of its ranges, and the edges that lead to them."""
    spec = ranks.same(cast(ModelSpec, None if prepared is None else prepared[0]))
    whole: Judge | None = None
    ranges: Ranges | None = None
    if prepared is None:
        part: Part = ranks.deal(None)
        model = _built_alike(build_model, spec, part.dataset.inputs, training.seed, ranks)
    else:
        dataset = prepared[1]
        reach = _reach(spec, dataset.inputs)
        partition = Partition(dataset, ranks.size, reach.relations[0], reach.inputs)
        ranges = partition.ranges[dataset.inputs.target_type]
        part = ranks.deal(partition.part)
        del partition
        dataset.inputs.give_up_edges()
        whole = Judge(dataset, training.loss_fn, training.class_weights, _CPU)
        model = _built_alike(build_model, spec, dataset.inputs, training.seed, ranks)
    module, optimiser = make_optimiser(model, training, _CPU)
    judge = Judge(part.dataset, training.loss_fn, "none", _CPU)
    class_weights, weight = ranks.same((None, 0.0) if whole is None else (whole.class_weights, _training_weight(whole)))
    judge.weigh(class_weights)
    graph = partitioned_tensors(spec, model.reach, part, ranks)
    batches = WholeGraph(model, graph, judge.rows["train"])
    dropout = SharedDropout(ranks, training.seed, by_row=True)
    learner = SharedLearner(model, graph.target_type, optimiser, judge, stop, ranks, weight, dropout)
    inference = InOnePass(model, graph.target_type, batches.batch)
    course = Course(module, optimiser, judge, learner, batches, inference, has_many_steps=False)
    outputs = _ByRange(ranks, judge.rows["val"], ranges, whole)
    return SharedTraining(spec, course, stop, ranks, outputs, whole)


def _built_alike(build_model: BuildModel, spec: ModelSpec, inputs: Inputs, seed: int, ranks: Ranks) -> LayeredModel:
    """The model with rank 0's fresh weights out of SEED."""
    if ranks.rank == 0:
        torch.manual_seed(seed)
        model = build_model(spec, inputs)
        ranks.same(model.module.state_dict())
        return model
    weights = ranks.same(cast(dict[str, Tensor], None))
    model = build_model(spec, inputs)
    model.module.load_state_dict(weights)
    return model


def _reach(spec: ModelSpec, inputs: Inputs) -> Reach:
    """Of the model, before it is built."""
    if isinstance(spec, HeteroSpec):
        return spec.reach
    return reach_of(inputs.target_type, list(inputs.edges), spec.num_layers)


def _training_weight(judge: Judge) -> float:
    return judge.weight(judge.y[judge.rows["train"]])
