"""Writes docs/licences.md, the licence of each locked package: `python .ci/licences.py [PAGE]`.

A licence is what the installed package says. Of a package that is not installed here, the row of the page stays as long as the
version does; where there is none, the script says what to install.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import Distribution, distributions
from itertools import chain
from pathlib import Path

from locks import LOCKS, ROOT, Locked, locked

PAGE = ROOT / "docs" / "licences.md"
NVIDIA = "LicenseRef-NVIDIA-Proprietary"
SAYS = {
    **dict.fromkeys(("Apache 2.0", "Apache License 2.0", "Apache Software License", "APACHE"), "Apache-2.0"),
    **dict.fromkeys(("MIT License",), "MIT"),
    **dict.fromkeys(("BSD 3-Clause", "3-Clause BSD License"), "BSD-3-Clause"),
    **dict.fromkeys(("NVIDIA Proprietary Software", "Other/Proprietary License"), NVIDIA),
    **dict.fromkeys(("Mozilla Public License 2.0 (MPL 2.0)",), "MPL-2.0"),
}
"""The SPDX expression of what packages say otherwise."""
READ = {
    "astunparse": "BSD-3-Clause AND PSF-2.0",
    "colorama": "BSD-3-Clause",
    "cuda-toolkit": NVIDIA,
    "jinja2": "BSD-3-Clause",
    "mpmath": "BSD-3-Clause",
    "namex": "Apache-2.0",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "scipy": "BSD-3-Clause",
    "sympy": "BSD-3-Clause",
}
"""Where the package's fields do not say it: read in its licence file. cuda-toolkit has none and no content either."""
SPDX = re.compile(r"(LicenseRef-)?[A-Za-z0-9.+-]+(( AND | OR | WITH )\(?(LicenseRef-)?[A-Za-z0-9.+-]+\)?)*")
HEAD = """\
# Licences

What the image holds and under which licence, by package, as [SPDX expressions](https://spdx.org/licenses/). `make licences`
writes this page from the locks and from what the installed packages say of themselves; `make sbom` puts the same into a bill of
materials. The program itself is under the [MIT licence](../LICENSE).

- The texts are in the image: of a package in `/opt/venv/lib/python3.11/site-packages/<package>.dist-info`, of Debian's packages in
  `/usr/share/doc/<package>/copyright`. Python is under PSF-2.0. What a wheel bundles, such as OpenBLAS in SciPy or librdkafka in
  confluent-kafka, stands in its licence file.
- `LicenseRef-NVIDIA-Proprietary` is the [licence of the CUDA Toolkit](https://docs.nvidia.com/cuda/eula/) or of the library named: it may
  be passed on as part of a program, as here, not by itself. An image for CPUs (`TORCH_INDEX_URL`) has none of these.
- MPL-2.0 asks for the source of its own files only where they were changed; none is changed here. No package of the table is under
  a GPL; the base image has programs of GNU, such as bash, which stay programs of their own, and GCC's runtime libraries with their
  exception.
- `image` is the image that has the package; `none` where it is for another system or Python, or goes again when the image is built.
"""


def licence_of(found: Distribution) -> str | None:
    """The SPDX expression that a package states in its fields; None where they do not say one."""
    said = [text for field in ("License-Expression", "License") for text in found.metadata.get_all(field) or []]
    said += [
        text.split(" :: ")[-1] for text in found.metadata.get_all("Classifier") or [] if text.startswith("License")
    ]
    for text in said:
        expression: str = SAYS.get(text.strip(), text.strip())
        if SPDX.fullmatch(expression) and expression not in {"BSD", "Dual"}:
            return expression
    return None


def rows_of(page: Path) -> dict[tuple[str, str], str]:
    """By package and version the licence that a page names."""
    text = page.read_text() if page.exists() else ""
    return {
        (name, version): licence
        for name, version, licence in re.findall(r"^\| (\S+) \| (\S+) \| ([^|]+) \|", text, re.MULTILINE)
    }


def rows(known: dict[tuple[str, str], str]) -> list[tuple[Locked, str]]:
    """Each locked package with its licence.

    Args:
        known: what the page of before says.
    """
    packages = {
        (package.name, package.version): package for package in chain.from_iterable(map(locked, LOCKS.values()))
    }
    found, unknown = [], []
    for key, package in sorted(packages.items()):
        versions = {version for name, version in packages if name == package.name}  # several by Python's version
        licence = READ.get(package.name) or _installed(package.name, versions) or known.get(key)
        unknown += [] if licence else [f"{package.name}=={package.version}"]
        found += [(package, licence)] if licence else []
    if unknown:
        sys.exit(
            f"No licence is known of {', '.join(unknown)}: install them, or read their licences and name them in {Path(__file__).name}."
        )
    return found


def _installed(name: str, versions: set[str]) -> str | None:
    """What the installed package says, if its version is one of these."""
    found = (licence_of(one) for one in distributions(name=name) if one.version in versions)
    return next(filter(None, found), None)


def page(found: list[tuple[Locked, str]]) -> str:
    """The page in Markdown."""
    default = {entry.name for entry in locked(LOCKS["pyg"])}
    lines = []
    for package, licence in found:
        image = "none" if not package.in_image else "every" if package.name in default else "spektral"
        lines.append(f"| {package.name} | {package.version} | {licence} | {image} |")
    return "\n".join([HEAD, "| package | version | licence | image |", "| --- | --- | --- | --- |", *lines, ""])


if __name__ == "__main__":
    where = Path(sys.argv[1]) if sys.argv[1:] else PAGE
    where.write_text(page(rows(rows_of(PAGE))))
