"""The texts that Kubernetes takes for names, labels and paths: its API server's own rules, so that none is refused only there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_WORD = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
_LONGEST_LABEL = 63
_LONGEST_SUBDOMAIN = 253


@dataclass(frozen=True)
class Form:
    """A kind of text.

    Attributes:
        pattern: fits all of it.
        longest: so many characters at most, all of them ASCII.
        right: what is needed, for a sentence.
    """

    pattern: re.Pattern[str]
    longest: int
    right: str

    def fits(self, text: str) -> bool:
        """Whether a text is of this kind; the pattern only sees one of the right length."""
        return len(text) <= self.longest and self.pattern.fullmatch(text) is not None


LABEL = Form(
    re.compile(_LABEL),
    _LONGEST_LABEL,
    "at most 63 lower-case letters, digits and -, with a letter or digit at both ends, are needed",
)
"""RFC 1123: a namespace."""
LABEL_WITH_LETTER = Form(
    re.compile(r"[a-z](?:[a-z0-9-]*[a-z0-9])?"),
    _LONGEST_LABEL,
    "a letter, then lower-case letters, digits and - are needed, 63 at most",
)
"""RFC 1035: a Service before Kubernetes 1.37."""
SUBDOMAIN = Form(
    re.compile(rf"{_LABEL}(?:\.{_LABEL})*"),
    _LONGEST_SUBDOMAIN,
    "at most 253 lower-case letters, digits, - and ., with a letter or digit at both ends of each part, are needed",
)
"""RFC 1123: ConfigMaps, Secrets and most other objects."""
SUBDOMAIN_AS_LABEL = Form(SUBDOMAIN.pattern, _LONGEST_LABEL, SUBDOMAIN.right.replace("253", "63"))
"""The name of an object that is told in a label."""
LABEL_VALUE = Form(
    re.compile(rf"(?:{_WORD})?"),
    _LONGEST_LABEL,
    "a value of at most 63 letters, digits, -, _ and ., with a letter or digit at both ends, is needed",
)
_NAME = Form(re.compile(_WORD), _LONGEST_LABEL, "")
_KEY_OF_A_SECRET = re.compile(r"[A-Za-z0-9._-]+")
_LONGEST_PATH = 1024

QUALIFIED_NAME = "a key such as example.com/name is needed: at most 63 letters, digits, -, _ and ., behind the name of a domain and /"
OBJECT_FILE = "an absolute path of letters, digits, -, _ and ., such as /ca/ca.crt, with a key of the Secret at its end, is needed"

_OF_THE_IMAGE = (
    *("/app", "/opt/venv", "/bin", "/lib", "/lib64", "/sbin", "/usr/bin", "/usr/lib", "/usr/sbin"),
    *("/usr/local/bin", "/usr/local/lib"),
)
_OF_THE_SYSTEM = ("/dev", "/proc", "/sys")
_MAY_HOLD_MOUNTS = ("/tmp", "/etc", "/run", "/var/run")
"""Folders that a mount must not hide, but which may hold one."""


def is_qualified_name(text: str) -> bool:
    """Whether a text is the key of a label, an annotation or a taint."""
    domain, slash, name = text.rpartition("/")
    return _NAME.fits(name) and (SUBDOMAIN.fits(domain) if slash else True)


def is_file_of_a_secret(path: str) -> bool:
    """Whether a path is that of a file in a folder where a Secret can be mounted."""
    file = PurePosixPath(path)
    parts = file.parts[1:]
    if len(path) > _LONGEST_PATH or str(file) != path or path.startswith("//") or not file.is_absolute():
        return False
    if len(parts) < 2 or ".." in parts or len(file.name) > _LONGEST_SUBDOMAIN or file.name.startswith(".."):
        return False
    return all(_KEY_OF_A_SECRET.fullmatch(part) for part in parts)


def what_a_mount_hides(folder: str, *taken: str) -> str:
    """What a run would miss if something were mounted at a folder; nothing for most.

    Args:
        folder: an absolute path.
        taken: folders of other mounts, neither below nor above which another one may be.
    """
    mount = PurePosixPath(folder)
    for needed in map(PurePosixPath, (*_OF_THE_IMAGE, *_OF_THE_SYSTEM, *taken)):
        if mount.is_relative_to(needed) or needed.is_relative_to(mount):
            return str(needed)
    return next((needed for needed in _MAY_HOLD_MOUNTS if PurePosixPath(needed).is_relative_to(mount)), "")
