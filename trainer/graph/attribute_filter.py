"""Which attributes a run has a use for, so that a source need not send the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class AttributeFilter:
    """Says of an attribute name whether the run has a use for it.

    Attributes:
        named: the attributes that the settings name, in any letter case.
        usual: says of other names whether they are usual for what the settings leave open, such as labels.
        all_numeric: whether every numeric attribute may be a feature.
        needs_all_names: whether the run chooses among all names there are, not among those of a few documents.
        edge_weight: the attribute of the edges to read, if any.
    """

    named: frozenset[str]
    usual: Callable[[str], bool]
    all_numeric: bool
    needs_all_names: bool
    edge_weight: str | None = None

    def __call__(self, name: str) -> bool:
        """Whether the run may use the attribute."""
        return self.all_numeric or self.in_any_form(name)

    def in_any_form(self, name: str) -> bool:
        """Whether the run uses the attribute even if it does not hold numbers."""
        return name.lower() in self.named or self.usual(name)

    def is_settled_by(self, names: Iterable[str]) -> bool:
        """Whether these names are enough to choose from, though there may be others."""
        return not self.needs_all_names and self.named <= {name.lower() for name in names}
