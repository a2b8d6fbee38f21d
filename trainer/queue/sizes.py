"""What is too large for a kernel, for the API server or for `kubectl apply`, found out before there is a Job."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_LARGEST_VARIABLE = 128 * 1024
"""Bytes: Linux starts no program with a longer NAME=value, its final zero included (MAX_ARG_STRLEN)."""
_LARGEST_ANNOTATIONS = 256 * 1024
"""Bytes of all keys and values of one object; the API server takes no more."""
_BESIDE = 1024
"""Bytes that kubectl adds to an object: a namespace, and the name of its annotation."""
_ESCAPED_BY_GO = re.compile("[<>&\u2028\u2029]")
_MORE_OF_AN_ESCAPE = len("\\u003c") - 1


def too_long_variables(variables: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each variable that no program can be started with."""
    for name, value in variables.items():
        length = len(f"{name}={value}".encode()) + 1
        if length > _LARGEST_VARIABLE:
            yield f"{name} takes {length} bytes, and Linux starts no program with a variable of more than {_LARGEST_VARIABLE}"


def too_large(document: Mapping[str, Any]) -> Iterator[str]:
    """A sentence where the API server or `kubectl apply` would refuse an object for its size."""
    kind = document["kind"]
    annotations = max(map(_length_of_annotations, _annotations_in(document)), default=0)
    if annotations > _LARGEST_ANNOTATIONS:
        yield f"the annotations of the {kind} take {annotations} bytes, and Kubernetes allows {_LARGEST_ANNOTATIONS}"
        return
    # kubectl apply keeps the object in an annotation beside the others, which ends long before etcd's 1.5 MiB.
    length = _length_as_json(document) + _length_of_annotations(document["metadata"].get("annotations", {})) + _BESIDE
    if length > _LARGEST_ANNOTATIONS:
        yield (
            f"the {kind} takes {length} bytes with its annotations, and {_LARGEST_ANNOTATIONS} are allowed, since `kubectl apply`"
            " keeps a copy in an annotation"
        )


def _annotations_in(content: Any) -> Iterator[Mapping[str, str]]:
    if isinstance(content, list):
        for item in content:
            yield from _annotations_in(item)
    elif isinstance(content, Mapping):
        for key, value in content.items():
            if key == "annotations":
                yield value
            else:
                yield from _annotations_in(value)


def _length_of_annotations(annotations: Mapping[str, str]) -> int:
    return sum(len(text.encode()) for pair in annotations.items() for text in pair)


def _length_as_json(document: Mapping[str, Any]) -> int:
    """Bytes of the object as kubectl writes it: Go escapes a few characters more than Python."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return len(text.encode()) + _MORE_OF_AN_ESCAPE * len(_ESCAPED_BY_GO.findall(text))
