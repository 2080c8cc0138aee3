"""The keys, as the help and the documentation list them."""

from __future__ import annotations

from collections.abc import Iterator

from textual.binding import Binding
from textual.content import Content
from textual.keys import format_key
from textual.screen import Screen

from wikiagent.review.terminal.draft import DraftScreen
from wikiagent.review.terminal.queue import QueueScreen

_NAMES = {
    "down": "↓", "up": "↑", "pagedown": "PgDn", "pageup": "PgUp", "escape": "Esc", "enter": "Enter", "tab": "Tab",
    "shift+tab": "Shift+Tab", "space": "Space", "home": "Home", "end": "End",
}  # fmt: skip


def keys_of(screen: type[Screen[None]]) -> list[tuple[str, str]]:
    """Each key of a screen, or several with a blank between, and what it does."""
    bindings = [binding for binding in screen.BINDINGS if isinstance(binding, Binding)]
    return [
        (
            " ".join(_NAMES.get(key, format_key(key)) for key in binding.key.split(",")),
            binding.tooltip or binding.description,
        )
        for binding in bindings
    ]


def key_lines(at_draft: bool) -> Iterator[Content]:
    """All keys, as the help shows them: those at a draft first, or those in the queue."""
    screens: list[tuple[str, type[Screen[None]]]] = [("At a draft", DraftScreen), ("In the queue", QueueScreen)]
    for title, screen in screens if at_draft else reversed(screens):
        yield Content.styled(title, "bold underline")
        for key, meaning in keys_of(screen):
            yield Content.assemble((f"  {key:<13}", "bold"), meaning)
        yield Content("")
