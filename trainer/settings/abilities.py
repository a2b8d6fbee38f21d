"""What each framework can do, out of its row: a table for the docs, a line for `--help`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from trainer.registry.frameworks import FRAMEWORKS, Framework
from trainer.registry.models import MODELS


def ability_table() -> Iterator[str]:
    """The lines of a Markdown table: a column per framework, a row per ability."""
    yield "| | " + " | ".join(f"`{name}`" for name in FRAMEWORKS) + " |"
    yield "| --- |" + " --- |" * len(FRAMEWORKS)
    for ability, cell in _rows():
        cells = (cell(framework).replace("|", "\\|") for framework in FRAMEWORKS.values())
        yield f"| {ability} | " + " | ".join(cells) + " |"


def ability_lines() -> Iterator[str]:
    """A line per framework."""
    for name, framework in FRAMEWORKS.items():
        able = ["all models" if framework.models == [*MODELS] else ", ".join(framework.models)]
        weighted = framework.models_with_weights
        able.append(f"EDGE_WEIGHT with {', '.join(weighted)}" if weighted else "no EDGE_WEIGHT")
        able.append(_able(framework.one_type, "one vertex type only", "several vertex types"))
        able.append(_able(framework.no_sampling, "no BATCH_SIZE", "BATCH_SIZE"))
        able.append(_able(framework.no_gpu, "no GPU", "GPU"))
        if framework.newest_python is not None:
            able.append(f"Python {_python(framework)}")
        yield f"{name}: {'; '.join(able)}"


def _rows() -> Iterator[tuple[str, Callable[[Framework], str]]]:
    for model in MODELS:
        yield f"`MODEL_TYPE={model}`", lambda framework, model=model: _model(framework, model)  # type: ignore[misc]
    yield "several vertex types, or vertices without features", lambda framework: _able(framework.one_type)
    yield "mini-batches (`BATCH_SIZE` above 0)", lambda framework: _able(framework.no_sampling)
    yield "GPU (`DEVICE=cuda`)", lambda framework: _able(framework.no_gpu)
    yield "Python", _python
    yield "where it is to be had", lambda framework: framework.remedy


def _model(framework: Framework, model: str) -> str:
    if model not in framework.models:
        return "no"
    return "yes, with `EDGE_WEIGHT`" if model in framework.models_with_weights else "yes"


def _able(reason: str | None, no: str | None = None, yes: str = "yes") -> str:
    """What a framework can do where there is no reason why not; for `no` in words of its own the reason is left out."""
    if reason is None:
        return yes
    return no or f"no: {reason}"


def _python(framework: Framework) -> str:
    newest = framework.newest_python
    return "any that the program runs on" if newest is None else f"{'.'.join(map(str, newest))} and older"
