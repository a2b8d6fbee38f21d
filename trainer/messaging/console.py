"""A stream for a person: texts are shown as they are, never as markup, and never steer the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from trainer.process.printable import one_line, several_lines


class PlainConsole(Console):
    """Rich's console for texts from elsewhere: no markup, no emoji codes, one line each, what does not print shown by its code."""

    def __init__(self, stream: TextIO) -> None:
        """Draw on this stream."""
        super().__init__(file=stream, markup=False, emoji=False, highlight=False)

    def render_str(self, text: str, **options: Any) -> Text:
        """See `Console`; a text is one line."""
        return super().render_str(one_line(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """See `Console`; rich's own control codes and lines are left as they are."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=several_lines(segment.text))
