"""Lists: lines with a depth each, as lists in lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from wikiagent.export.document import Inline, Item, ListBlock

DEEPEST = 6
"""Lists in lists, at most; what is deeper counts as this deep."""


class Line(NamedTuple):
    """An item as it is written; `depth` is 1 at the margin."""

    depth: int
    ordered: bool
    text: str


def nested(lines: Sequence[Line], read: Callable[[str], tuple[Inline, ...]]) -> ListBlock:
    """The items of a list, each with those that are deeper and follow it.

    Args:
        lines: at least one.
        read: makes inline nodes of an item's text.
    """
    lines = [line._replace(depth=min(line.depth, DEEPEST)) for line in lines]
    items, at = [], 0
    while at < len(lines):
        end = at + 1
        while end < len(lines) and lines[end].depth > lines[at].depth:
            end += 1
        below = _lists(lines[at + 1 : end], read)
        items.append(Item(read(lines[at].text), below))
        at = end
    return ListBlock(lines[0].ordered, tuple(items))


def _lists(lines: Sequence[Line], read: Callable[[str], tuple[Inline, ...]]) -> tuple[ListBlock, ...]:
    return (nested(lines, read),) if lines else ()
