"""From what a run prepares to the result of a dry run."""

from __future__ import annotations

from trainer.artifacts.dataset_facts import describe_features, describe_split, describe_target
from trainer.dry_run.memory import estimate_memory
from trainer.dry_run.result import DryRun, Leak, ModelSize
from trainer.models.size import num_parameters
from trainer.models.spec import ModelSpec
from trainer.preparation import Prepared
from trainer.settings.groups.sampling import SamplingSettings


def describe_dry_run(
    prepared: Prepared, graph_name: str, sampling: SamplingSettings, embargo: float, loading_bytes: int | None
) -> DryRun:
    """What is known of a run before its first epoch.

    Args:
        prepared: the dataset and the model for it.
        graph_name: GRAPH_NAME.
        sampling: BATCH_SIZE and NUM_NEIGHBORS.
        embargo: EMBARGO.
        loading_bytes: what loading and preparing the graph took at their peak; None where it is not known.
    """
    dataset, spec = prepared.dataset, prepared.spec
    model, relations = _model(spec), prepared.facts.relations
    return DryRun(
        schema_version=1,
        status="dry_run",
        graph_name=graph_name,
        task=dataset.target.task,
        target=describe_target(dataset),
        classes=dataset.target.classes,
        positive_class=dataset.target.positive_class,
        features=describe_features(dataset),
        split=describe_split(dataset, embargo),
        leaks=[
            Leak(**{name: getattr(relation, name) for name in Leak.model_fields})
            for relation in relations
            if relation.from_future or relation.dropped
        ],
        model=model,
        memory=estimate_memory(dataset, spec, sampling, model.num_parameters, loading_bytes),
        graph=prepared.facts,
    )


def _model(spec: ModelSpec) -> ModelSize:
    return ModelSize(
        type=spec.type,
        framework=spec.framework,
        hidden_channels=spec.hidden_channels,
        num_layers=spec.num_layers,
        num_parameters=num_parameters(spec),
        notes=list(spec.notes()),
    )
