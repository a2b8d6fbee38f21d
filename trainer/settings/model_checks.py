"""Rules about the model: what the framework cannot do, and what the model does not take; each with its ways out.

A way out that is named is taken: each is held against the other settings before it is named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from trainer.registry.frameworks import FRAMEWORKS, Request, frameworks_for, not_installed, refusals
from trainer.registry.models import MODELS
from trainer.settings.definition import Settings
from trainer.settings.groups.data import DataSettings
from trainer.settings.groups.model import ModelSettings
from trainer.settings.groups.sampling import SamplingSettings
from trainer.settings.groups.training import TrainingSettings
from trainer.settings.problem import Problem


def request_of(
    model: ModelSettings, data: DataSettings, sampling: SamplingSettings, training: TrainingSettings
) -> Request:
    """What these settings ask of a framework."""
    return Request(model.model_type, data.edge_weight, sampling.batch_size, training.device)


def check_installed(settings: Settings) -> Iterator[Problem]:
    """Whether the framework is there, in this process."""
    name = settings.model.framework
    if not FRAMEWORKS[name].is_installed:
        yield Problem("framework", name, not_installed(FRAMEWORKS[name]))


def check_framework(settings: Settings, among: Collection[str] | None = None) -> Iterator[Problem]:
    """What the framework cannot do of what is asked.

    Args:
        settings: of a run.
        among: the frameworks to name as a way out; None for those that are installed.
    """
    model, data = settings.model, settings.data
    framework = FRAMEWORKS[model.framework]
    request = request_of(model, data, settings.sampling, settings.training)._replace(world_size=settings.ranks.size)
    refused = dict(refusals(framework, request))
    models = [*_fitting(model, framework.models_with_weights if data.edge_weight else framework.models)]
    if "model_type" in refused and data.edge_weight and not models:
        refused["edge_weight"] = "none of its models takes weights"
        models = [*_fitting(model, framework.models)]
    other_model = _one_of("MODEL_TYPE", models)
    values = {
        "model_type": [other_model],
        "edge_weight": ["no EDGE_WEIGHT"] if "model_type" in refused else [other_model, "no EDGE_WEIGHT"],
        "batch_size": ["BATCH_SIZE=0"],
        "device": ["DEVICE=cpu"],
        "world_size": ["WORLD_SIZE=1"],
    }
    others = [f"FRAMEWORK={other}" for other in frameworks_for(request, among)]
    for setting, reason in refused.items():
        asked = f"{setting.upper()}={getattr(request, setting)}"
        ways_out = ", or ".join(filter(None, [*values[setting], *others]))
        right = f"cannot take {asked}: {reason}" + (f"; set {ways_out}" if ways_out else "")
        yield Problem(
            "framework", model.framework, right, (setting, "model_type") if setting == "edge_weight" else (setting,)
        )


def check_edge_weight(settings: Settings) -> Iterator[Problem]:
    """Whether the model takes weights in any framework."""
    edge_weight, model = settings.data.edge_weight, settings.model
    if edge_weight and MODELS[model.model_type].edge_weight is None:
        fitting = [*_fitting(model, FRAMEWORKS[model.framework].models_with_weights)]
        way_out = f"use one of {', '.join(fitting)}" if fitting else "leave it out"
        right = f"does not fit MODEL_TYPE={model.model_type}, which takes no weights; {way_out}"
        yield Problem("edge_weight", edge_weight, right, ("model_type",))


def check_heads(settings: Settings) -> Iterator[Problem]:
    """Whether the heads share the width evenly."""
    model = settings.model
    if not _shares_width(model, model.model_type):
        right = f"should be a multiple of HEADS={model.heads}"
        yield Problem("hidden_channels", model.hidden_channels, right, ("heads", "model_type", "num_layers"))


def _fitting(settings: ModelSettings, models: Collection[str]) -> Iterator[str]:
    """Those that the other settings of the model allow."""
    return (name for name in models if _shares_width(settings, name))


def _shares_width(settings: ModelSettings, model_type: str) -> bool:
    attention = MODELS[model_type].heads and settings.num_layers > 1
    return not attention or settings.hidden_channels % settings.heads == 0


def _one_of(variable: str, values: Collection[str]) -> str:
    """`MODEL_TYPE=GCN`, `MODEL_TYPE to one of GCN, GAT`, nothing where there is none."""
    if len(values) < 2:
        return "".join(f"{variable}={value}" for value in values)
    return f"{variable} to one of {', '.join(values)}"
