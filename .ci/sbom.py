"""Writes the bill of materials of an image in CycloneDX, and checks it: `python .ci/sbom.py FRAMEWORK FILE`.

Run with the Python of .venv-sbom, which has cyclonedx-bom. The packages and their hashes come from the locks, their licences from
docs/licences.md. Debian's packages are those of the base image; a scanner finds them in the image itself (/var/lib/dpkg/status).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from licences import PAGE, rows_of
from locks import LOCKS, ROOT, Locked, locked


def components(lock: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """By name and version what cyclonedx-py makes of a lock."""
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = [
            sys.executable,
            "-m",
            "cyclonedx_py",
            "requirements",
            "--output-reproducible",
            "--output-file",
            file.name,
        ]
        subprocess.run([*command, str(lock)], check=True)
        found = json.loads(Path(file.name).read_text())["components"]
    return {(one["name"], one["version"]): one for one in found}


def component(package: Locked, made: dict[str, Any], licence: str) -> dict[str, Any]:
    """A package with its licence; its hashes are those of the files that pip may install."""
    return {
        "type": "library",
        "bom-ref": made["purl"],
        "name": package.name,
        "version": package.version,
        "licenses": [{"license": {"name": licence}} if licence.startswith("LicenseRef-") else {"expression": licence}],
        "purl": made["purl"],
        "externalReferences": made["externalReferences"],
    }


def bill(framework: str) -> dict[str, Any]:
    """The bill of the image for a framework."""
    licences = rows_of(PAGE)
    found: dict[str, tuple[Locked, dict[str, Any]]] = {}
    for lock in dict.fromkeys([LOCKS["pyg"], LOCKS[framework]]):
        described = components(lock)
        for package in locked(lock):
            key = package.name, package.version
            if package.in_image and package.name not in found:
                found[package.name] = package, component(package, described[key], licences[key])
    refs = {name: made["bom-ref"] for name, (_, made) in found.items()}
    needs: dict[str, list[str]] = {ref: [] for ref in ["gnn-trainer", *refs.values()]}
    for package, made in found.values():
        for by in package.asked_by or ["gnn-trainer"]:
            needs[refs.get(by, "gnn-trainer")].append(made["bom-ref"])
    (base,) = re.findall(r"^ARG BASE_IMAGE=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    (version,) = re.findall(r"^ARG VERSION=(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    name, _, tag = base.partition(":")
    container = {
        "type": "container",
        "bom-ref": "base-image",
        "name": name,
        "version": tag,
        "description": "the base image",
    }
    needs["gnn-trainer"].append("base-image")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "container",
                "bom-ref": "gnn-trainer",
                "name": "gnn-trainer",
                "version": version,
                "licenses": [{"license": {"id": "MIT"}}],
            }
        },
        "components": [container, *(made for _, made in found.values())],
        "dependencies": [{"ref": ref, "dependsOn": sorted(set(others))} for ref, others in sorted(needs.items())],
    }


def main(framework: str, file: Path) -> None:
    """Write the bill if it passes CycloneDX's schema."""
    text = json.dumps(bill(framework), indent=2)
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        sys.exit(f"The bill of materials does not pass CycloneDX's schema: {error}")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{text}\n")
    print(f"{file}: {len(json.loads(text)['components'])} components")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
