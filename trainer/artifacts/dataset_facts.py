"""The parts of a run's record that are known before the training: features, target and split."""

from __future__ import annotations

import numpy as np

from trainer.dataset.dataset import Dataset
from trainer.dataset.features.feature import Feature
from trainer.dataset.labels.split import EMBARGO, NO_PART, PARTS
from trainer.record import FeatureRecord, PartCounts, SplitRecord, TargetRecord, TimeBins, label_text

_TIME_BINS = 60


def describe_features(dataset: Dataset) -> list[FeatureRecord]:
    """The features of all types, in the order of the inputs."""
    return [
        _feature(feature, name) for name, vertices in dataset.inputs.vertices.items() for feature in vertices.features
    ]


def describe_target(dataset: Dataset) -> TargetRecord:
    """The label, and how many vertices have one."""
    labelled, is_regression = dataset.target.labelled, dataset.target.task == "regression"
    return TargetRecord(
        name=dataset.target.name,
        type=dataset.inputs.target_type,
        labelled=int(labelled.sum()),
        unlabelled=int((~labelled).sum()),
        mean=dataset.target_mean if is_regression else None,
        scale=dataset.target_scale if is_regression else None,
    )


def describe_split(dataset: Dataset, embargo: float) -> SplitRecord:
    """How the labelled vertices were divided; `embargo` is the setting EMBARGO."""
    split, time, labelled = dataset.split, dataset.inputs.time, dataset.target.labelled
    return SplitRecord(
        method=split.method,
        attributes=list(split.attributes),
        time_field=time.field if time else None,
        time_unit=time.unit if time else None,
        embargo=embargo,
        counts=PartCounts(
            **{part: int(split.mask(part).sum()) for part in PARTS},
            embargo=int((split.part == EMBARGO).sum()),
            unlabelled=int((~labelled).sum()),
            unassigned=int(((split.part == NO_PART) & labelled).sum()),
        ),
        boundaries=split.boundaries,
        class_counts=_class_counts(dataset),
        time_axis=_time_bins(dataset),
    )


def _feature(feature: Feature, type_name: str) -> FeatureRecord:
    single = len(feature.fill) == 1 and feature.kind in ("number", "boolean")
    return FeatureRecord(
        name=feature.name,
        type=type_name,
        kind=feature.kind,
        columns=feature.width,
        missing=feature.missing,
        missing_indicator=feature.missing_indicator,
        imputed=feature.fill[0] if single and feature.missing else None,
        mean=feature.mean[0] if single else None,
        scale=feature.scale[0] if single else None,
        categories=feature.categories or None,
    )


def _class_counts(dataset: Dataset) -> dict[str, dict[str, int]] | None:
    """Vertices of each class by part."""
    target = dataset.target
    if target.classes is None:
        return None
    counts = {part: np.bincount(target.y[dataset.split.mask(part)], minlength=len(target.classes)) for part in PARTS}
    return {
        part: dict(zip(map(label_text, target.classes), count.tolist(), strict=True)) for part, count in counts.items()
    }


def _time_bins(dataset: Dataset) -> TimeBins | None:
    """How many vertices of each part fall into each of equal stretches of time."""
    time, part = dataset.inputs.time, dataset.split.part
    if time is None or dataset.split.method != "temporal":
        return None
    start = time.values[(part != NO_PART) & ~time.missing].min()
    since = time.values - start  # counted from there, because doubles do not hold nanoseconds since 1970
    since = (since.view(np.uint64) if since.dtype.kind == "i" else since).astype(np.float64)
    edges = np.linspace(0, since[(part != NO_PART) & ~time.missing].max(), _TIME_BINS + 1)
    counts = {
        name: np.histogram(since[part == code], bins=edges)[0].tolist()
        for name, code in {**PARTS, "embargo": EMBARGO}.items()
    }
    places = edges.tolist() if time.unit == "ordinal" else map(round, edges.tolist())
    return TimeBins(edges=[time.show(start.item() + place) for place in places], **counts)
