"""What an earlier run has left: a result of this very run, which is not trained again, or one that this run will replace."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, get_args

from trainer.artifacts.store import Artifact, ArtifactStore, UnusableError
from trainer.settings.differences import differences

if TYPE_CHECKING:
    from trainer.record import RunRecord

_log = logging.getLogger("gnn_trainer")


def finished_before(
    store: ArtifactStore,
    queue_id: str,
    learning: Mapping[str, Any],
    defaults: Mapping[str, Any],
    *,
    with_predictions: bool,
    spreadsheet_safe: bool = False,
) -> RunRecord | None:
    """The record of this very run when an earlier process has finished it, and all that it names is still there.

    Args:
        store: of the run.
        queue_id: the setting QUEUE_ID.
        learning: the settings that decide what is learned, see `Settings.learning`.
        defaults: their defaults, which hold for a record of before there was such a setting.
        with_predictions: whether it counts only with predictions.
        spreadsheet_safe: the form that these should have.
    """
    run = _record(store)
    if run is None or run.status != "finished" or run.queue_id != queue_id:
        return None
    if differences(run.settings, learning, defaults):
        return None
    saved = run.settings.get("save_predictions"), bool(run.settings.get("spreadsheet_safe"))
    if with_predictions and saved != (True, spreadsheet_safe):
        return None
    wrong = _first_wrong(store, run)
    if wrong is not None:
        _log.warning(f"{wrong}; training starts anew.")
        return None
    return run


def say_what_is_replaced(
    store: ArtifactStore, queue_id: str, learning: Mapping[str, Any], defaults: Mapping[str, Any]
) -> None:
    """Say in the log which model the end of this run will replace, and in which settings its run differs; args as above."""
    model = store.location("model")
    try:
        content = store.get("metrics")
    except UnusableError as error:
        _log.warning(f"{str(error).rstrip('.')}; it will be replaced at the end of this run.")
        return
    if content is None:
        if store.version("model") is not None:
            _log.warning(f"{model} is there already, without a record of its run; it will be replaced at the end.")
        return
    from trainer.record import RunRecord

    try:
        run = RunRecord.from_json(content)
    except ValueError:
        return  # `finished_before` or the end of this run says so
    changed = differences(run.settings, learning, defaults)
    other = "" if run.queue_id == queue_id else f" with QUEUE_ID={run.queue_id!r}"
    how = f"; settings that differ: {', '.join(changed)}" if changed else "; it had the same settings"
    level = logging.WARNING if other or (changed and run.status == "finished") else logging.INFO
    _log.log(level, f"{model} of the run of {run.created_at}{other} will be replaced at the end of this one{how}.")


def _record(store: ArtifactStore) -> RunRecord | None:
    try:
        content = store.get("metrics")
    except UnusableError as error:
        _log.warning(f"{str(error).rstrip('.')}; training starts anew.")
        return None
    if content is None:
        return None
    from trainer.record import RunRecord  # 40 ms, for the few runs that need it this early

    try:
        run = RunRecord.from_json(content)
    except ValueError:
        _log.warning(f"{store.location('metrics')} cannot be read as the record of a run; training starts anew.")
        return None
    return run


def _first_wrong(store: ArtifactStore, run: RunRecord) -> str | None:
    """What is wrong with the first artifact that is not as the record says."""
    named: dict[str, str] = {"model": run.model.sha256, **run.artifacts}
    if named["model"] != run.model.sha256:
        return f"{store.location('metrics')} names two different models"
    for role in get_args(Artifact):
        if role not in named:
            continue
        try:
            digest = store.digest(role)
        except UnusableError as error:
            return str(error).rstrip(".")
        if digest is None:
            return f"{store.location(role)}, which {store.location('metrics')} names, is not there"
        if digest != named[role]:
            return f"{store.location(role)} is not the {role} of {store.location('metrics')}"
    return None
