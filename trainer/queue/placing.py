"""Where the pods of a run may go, and before whom: the part of a pod's `spec` that the cluster's operator chooses by flags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from trainer.queue.forms import LABEL_VALUE, QUALIFIED_NAME, is_qualified_name
from trainer.queue.options import JobOptions
from trainer.settings.shown import shown

_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_LASTING = "NoExecute"
"""The effect that ends pods, which a toleration may put off."""
_FOR_ALL = "*"
_MOST_SECONDS = 2**31


def place_of_pods(options: JobOptions) -> dict[str, Any]:
    """Part of a pod's `spec`: nodes, taints, priority and account."""
    chosen = {
        "serviceAccountName": options.service_account,
        "priorityClassName": options.priority_class,
        "nodeSelector": pairs(options.node_selector),
        "tolerations": [_toleration(text) for text in options.toleration],
    }
    return {key: value for key, value in chosen.items() if value}


def pairs(texts: Sequence[str]) -> dict[str, str]:
    """Read KEY=VALUE, each; one without `=` has no value."""
    return {key: value for key, _, value in (text.partition("=") for text in texts)}


def problems_of_pairs(flag: str, texts: Sequence[str]) -> Iterator[str]:
    """A sentence for each KEY=VALUE with a key that Kubernetes does not take, or without a value, or twice with another one."""
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals:
            yield f"{flag} is {shown(text)}; KEY=VALUE is needed"
        elif not is_qualified_name(key):
            yield f"{flag} is {shown(text)}; {QUALIFIED_NAME}"
        elif pairs(texts)[key] != value:
            yield f"{flag} is {shown(text)}, and {key} has another value too; one is needed"


def problems_of_places(options: JobOptions) -> Iterator[str]:
    """A sentence for each node selector and toleration that Kubernetes does not take."""
    yield from problems_of_pairs("--node-selector", options.node_selector)
    for text in options.node_selector:
        if not LABEL_VALUE.fits(text.partition("=")[2]):
            yield f"--node-selector is {shown(text)}; {LABEL_VALUE.right}"
    for text in options.toleration:
        yield from _problem_of_toleration(text)


def _toleration(text: str) -> dict[str, Any]:
    """Read KEY[=VALUE][:EFFECT[:SECONDS]], with * for any key."""
    taint, effect, seconds = _parts(text)
    key, equals, value = taint.partition("=")
    toleration: dict[str, Any] = {} if key == _FOR_ALL else {"key": key}
    toleration |= {"operator": "Equal", "value": value} if equals else {"operator": "Exists"}
    if effect:
        toleration["effect"] = effect
    if seconds:
        toleration["tolerationSeconds"] = int(seconds)
    return toleration


def _problem_of_toleration(text: str) -> Iterator[str]:
    taint, effect, seconds = _parts(text)
    key, equals, value = taint.partition("=")
    if text.count(":") > 2 or (":" in text and effect not in _EFFECTS):
        yield f"--toleration is {shown(text)}; KEY[=VALUE][:EFFECT[:SECONDS]] with {', '.join(_EFFECTS)} as effect is needed"
    elif key == _FOR_ALL and equals:
        yield f"--toleration is {shown(text)}; * without a value, or a key with one is needed"
    elif key != _FOR_ALL and not is_qualified_name(key):
        yield f"--toleration is {shown(text)}; {QUALIFIED_NAME}"
    elif not LABEL_VALUE.fits(value):
        yield f"--toleration is {shown(text)}; {LABEL_VALUE.right}"
    elif text.count(":") == 2 and (effect != _LASTING or not _is_count(seconds)):
        yield f"--toleration is {shown(text)}; seconds go with {_LASTING}, and a whole number of them is needed"


def _parts(text: str) -> tuple[str, str, str]:
    taint, _, rest = text.partition(":")
    effect, _, seconds = rest.partition(":")
    return taint, effect, seconds


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len(str(_MOST_SECONDS)) and int(text) < _MOST_SECONDS
