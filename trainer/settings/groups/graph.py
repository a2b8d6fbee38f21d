"""Which graph is read, and from where."""

from collections.abc import Callable
from typing import Self

from trainer.settings.setting import Group, setting
from trainer.settings.values import JoinedNames


class GraphSettings(Group, heading="graph"):
    """Which graph is read, and from where."""

    graph_name: JoinedNames = setting(
        "",
        "The named graph to train on, or several by comma; in a folder without named graphs, its edge collection.",
        "the name of a graph",
        shown_default="required; a folder with one graph needs none",
        aliases=("GRAPH_COLLECTION_NAME",),
        several=True,
    )
    graph_path: str | None = setting(None, "A folder written by `arangodump` to read the graph from.", "a folder")

    @property
    def graph_names(self) -> list[str]:
        """The graphs of GRAPH_NAME, in the order given."""
        return self.graph_name.split(",") if self.graph_name else []

    def named(self, only_graph: Callable[[str], str]) -> Self:
        """The same with a name, where the folder holds one graph; `only_graph` finds its name by GRAPH_PATH."""
        if self.graph_name or self.graph_path is None:
            return self
        return self.model_copy(update={"graph_name": only_graph(self.graph_path)})
