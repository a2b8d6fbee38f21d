"""Which attributes a run may use, so that a source need not send the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class AttributeFilter:
    """Accepts or rejects an attribute by its name.

    Attributes:
        named: the attributes that the settings name, in lower case; any letter case matches.
        usual: whether a name is usual for what the settings leave open, such as the label.
        all_numeric: whether every numeric attribute may be a feature.
        needs_all_names: whether the run chooses among the names of all documents, not of a sample.
        edge_weight: the attribute of the edges to read, if any.
        paths: the names of `named` with a dot in them, as the settings spell them; each may be a path into an object.
    """

    named: frozenset[str]
    usual: Callable[[str], bool]
    all_numeric: bool
    needs_all_names: bool
    edge_weight: str | None = None
    paths: tuple[str, ...] = ()

    def __call__(self, name: str) -> bool:
        """Whether the run may use the attribute."""
        return self.all_numeric or self.accepts_any_type(name)

    def accepts_any_type(self, name: str) -> bool:
        """Whether the run may use the attribute even if its values are no numbers."""
        return name.lower() in self.named or self.usual(name)

    def names_path(self, path: str) -> bool:
        """Whether the settings name an attribute inside an object, by a path such as `ind.rsi`; any letter case matches."""
        return path.lower() in self.named

    def has_path_below(self, name: str) -> bool:
        """Whether the settings may name something inside an attribute of this name."""
        return any(path.lower().startswith(f"{name.lower()}.") for path in self.paths)

    def can_choose_from(self, names: Iterable[str]) -> bool:
        """Whether these names are enough to choose from, though there may be others."""
        return not self.needs_all_names and self.named <= {name.lower() for name in names}
