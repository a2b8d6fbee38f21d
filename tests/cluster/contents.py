"""What a container is given: its variables and the files of its volumes, by the rules of a kubelet."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.cluster.api import Object

Read = Callable[[str, str], dict[str, bytes] | None]
"""Returns what a ConfigMap or Secret holds, by kind and name; None where there is none."""

_REFERENCE = re.compile(r"\$\$|\$\(([^)]+)\)")


class NotYetError(Exception):
    """The pod refers to something that is not there; a kubelet tries again."""


def variables_of(pod: Object, read: Read) -> dict[str, str]:
    """The environment of a pod's only container: `envFrom` in its order, then `env`, which goes before it."""
    (container,) = pod["spec"]["containers"]
    variables: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        kind, reference = _reference(source, "configMapRef", "secretRef")
        held = _held(kind, reference, read)
        variables |= {source.get("prefix", "") + name: value.decode() for name, value in held.items()}
    for entry in container.get("env", ()):
        given = entry.get("valueFrom")
        variables[entry["name"]] = (
            _expanded(entry.get("value", ""), variables) if given is None else _from(given, pod, read)
        )
    return variables


def fill_volumes(pod: Object, folder: Path, read: Read) -> dict[Path, Path]:
    """Make the volumes of a pod below a folder; returns the folder of each mount by where it is mounted."""
    made: dict[str, Path] = {}
    for volume in pod["spec"].get("volumes", ()):
        made[volume["name"]] = path = folder / volume["name"]
        path.mkdir(parents=True, exist_ok=True)
        if "emptyDir" in volume:
            continue
        kind, reference = _reference(volume, "configMap", "secret")
        held = _held(kind, reference, read)
        keys = reference.get("items") or [{"key": key, "path": key} for key in held]
        for item in keys:
            (path / item["path"]).write_bytes(held[item["key"]])
    (container,) = pod["spec"]["containers"]
    return {Path(mount["mountPath"]): made[mount["name"]] for mount in container.get("volumeMounts", ())}


def _from(given: Object, pod: Object, read: Read) -> str:
    if "fieldRef" in given:
        return _field(pod, given["fieldRef"]["fieldPath"])
    kind, reference = _reference(given, "configMapKeyRef", "secretKeyRef")
    held = _held(kind, reference, read)
    if reference["key"] not in held:
        raise NotYetError(f"{kind} {reference['name']} has no {reference['key']}")
    return held[reference["key"]].decode()


def _reference(given: Object, config_map: str, secret: str) -> tuple[str, Object]:
    if config_map in given:
        return "ConfigMap", given[config_map]
    assert secret in given, f"{sorted(given)}: this kubelet has ConfigMaps, Secrets and emptyDirs only"
    return "Secret", given[secret]


def _held(kind: str, reference: Object, read: Read) -> dict[str, bytes]:
    name = reference.get("name") or reference["secretName"]
    held = read(kind, name)
    if held is None and not reference.get("optional"):
        raise NotYetError(f"{kind} {name} is not there")
    return held or {}


def decoded(kind: str, found: Object) -> dict[str, bytes]:
    """What a ConfigMap or Secret holds."""
    data = (found.get("data") or {}).items()
    return {key: base64.b64decode(value) if kind == "Secret" else value.encode() for key, value in data}


def _field(pod: Object, path: str) -> str:
    among = re.fullmatch(r"metadata\.(labels|annotations)\['(.+)'\]", path)
    if among:
        return str(pod["metadata"].get(among[1], {}).get(among[2], ""))
    value = pod
    for part in path.split("."):
        value = value[part]
    return str(value)


def _expanded(text: str, known: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        return "$" if found[0] == "$$" else known.get(found[1], found[0])

    return _REFERENCE.sub(value, text)
