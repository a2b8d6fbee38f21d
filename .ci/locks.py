"""What the locks name: the packages with their versions, hashes and what asks for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.markers import Marker

ROOT = Path(__file__).parent.parent
LOCKS = {"pyg": ROOT / "requirements.lock", "spektral": ROOT / "requirements-spektral.lock"}
"""By framework: what is installed for it, and with `pyg` what every image has."""


IMAGE = {
    "python_version": "3.11",
    "python_full_version": "3.11.0",
    "sys_platform": "linux",
    "platform_machine": "x86_64",
}
"""What the markers of the locks ask about."""
(REMOVED,) = re.findall(r"uninstall .*--yes (.+)$", (ROOT / ".ci" / "trim").read_text(), re.MULTILINE)
"""The packages that go again when the image is built, by name."""


@dataclass(frozen=True)
class Locked:
    """A package of a lock.

    Attributes:
        name: as packaging normalises it.
        version: the one version.
        marker: where it is installed; empty for everywhere.
        asked_by: the packages that ask for it; none for what the program itself asks for alone.
    """

    name: str
    version: str
    marker: str
    asked_by: tuple[str, ...]

    @property
    def in_image(self) -> bool:
        """Whether the image has it: others are for another system or Python, or are taken out again."""
        fits = not self.marker or Marker(self.marker).evaluate(IMAGE)
        return fits and self.name not in REMOVED.split()


def locked(lock: Path) -> list[Locked]:
    """The packages of a lock, in its order."""
    entries = re.split(r"^(?=[a-z0-9])", lock.read_text(), flags=re.MULTILINE)[1:]
    return [_entry(entry) for entry in entries]


def _entry(entry: str) -> Locked:
    head, _, via = entry.partition("# via")
    pin, _, marker = head.partition("\\")[0].partition(";")
    name, _, version = pin.strip().partition("==")
    asked_by = re.findall(r"^ +# +(?:via )?([a-z0-9][\w.-]*)", f"    #{via}", re.MULTILINE)
    return Locked(name, version, marker.strip(), tuple(asked_by))
