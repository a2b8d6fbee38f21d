"""By which rules Kubernetes judges a failed pod; they follow from the exit codes of a run."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from trainer.errors import DEFECT_EXIT_CODE, DataError, RankError, ServiceError, SettingsError
from trainer.process.stop import SIGNAL_EXIT_CODES

# The same settings and the same data would fail again; another try may succeed; the pod is not the one that failed.
EXIT_CODES_FINAL = (SettingsError.exit_code, DataError.exit_code)
EXIT_CODES_WORTH_A_RETRY = (DEFECT_EXIT_CODE, ServiceError.exit_code, *SIGNAL_EXIT_CODES.values())
EXIT_CODES_AT_NO_COST = (RankError.exit_code,)


def failure_policy(container: str, *, among_others: bool = False) -> dict[str, Any]:
    """Return the `podFailurePolicy` of a Job; the first rule that fits holds, and a code that none names counts.

    Args:
        container: the name of the container whose exit code is meant.
        among_others: whether the pod is one of several that train together, and ends when another one ends.
    """
    rules = [
        _rule("FailJob", container, EXIT_CODES_FINAL),
        {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
    ]
    if among_others:
        # One loss shall cost one try: the others leave because of it, and come back.
        rules.append(_rule("Ignore", container, EXIT_CODES_AT_NO_COST))
    return {"rules": [*rules, _rule("Count", container, EXIT_CODES_WORTH_A_RETRY)]}


def _rule(action: str, container: str, exit_codes: Iterable[int]) -> dict[str, Any]:
    # Kubernetes wants the codes in ascending order.
    codes = {"containerName": container, "operator": "In", "values": sorted(exit_codes)}
    return {"action": action, "onExitCodes": codes}
