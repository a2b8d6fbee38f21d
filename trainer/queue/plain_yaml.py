"""YAML that every parser reads the same way.

Parsers disagree on which unquoted words are numbers or booleans: a queue called `12e3` or `y` is text for one
and a number or a truth value for the next, and Kubernetes refuses a number where it wants text. So whatever
might be taken for something else is quoted.
"""

import re
from collections.abc import Mapping
from typing import Any

import yaml

_SURELY_TEXT = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]+")


class _PlainDumper(yaml.SafeDumper):
    """Block style, no anchors, no surprises."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    quoted = "'" if text.isprintable() else '"'
    style = None if _SURELY_TEXT.fullmatch(text) else quoted
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_PlainDumper.add_representer(str, _represent_text)


def to_yaml(document: Mapping[str, Any], *, ascii_only: bool = True) -> str:
    """Return one YAML document, keys in the order given."""
    return yaml.dump(document, Dumper=_PlainDumper, sort_keys=False, width=2**31, allow_unicode=not ascii_only)
