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


def nested(lines: Sequence[Line], read: Callable[[str], tuple[Inline, ...]]) -> tuple[ListBlock, ...]:
    """Lines as lists, each item with those that are deeper and follow it; bullets and numbers part lists.

    Args:
        lines: the items in order.
        read: makes inline nodes of an item's text.
    """
    lines = [line._replace(depth=min(line.depth, DEEPEST)) for line in lines]
    lists: list[tuple[bool, list[Item]]] = []
    at = 0
    while at < len(lines):
        end = at + 1
        while end < len(lines) and lines[end].depth > lines[at].depth:
            end += 1
        if not lists or lists[-1][0] != lines[at].ordered:
            lists.append((lines[at].ordered, []))
        lists[-1][1].append(Item(read(lines[at].text), nested(lines[at + 1 : end], read)))
        at = end
    return tuple(ListBlock(ordered, tuple(items)) for ordered, items in lists)
