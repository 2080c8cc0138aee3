"""Evidence: a place in a snapshot with its verbatim text. The only way that source text gets onto a page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

from wikiagent.errors import EvidenceError
from wikiagent.source.snapshot import Snapshot


@dataclass(frozen=True, order=True)
class Place:
    """A span of lines: `path` from the root, `first` and `last` 1-based and inclusive."""

    path: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.path}:{self.first}" + (f"-{self.last}" if self.last != self.first else "")

    def __len__(self) -> int:
        return self.last - self.first + 1

    def overlaps(self, other: Place) -> bool:
        """Whether both places share a line."""
        return self.path == other.path and self.first <= other.last and other.first <= self.last

    def common(self, other: Place) -> int:
        """How many lines both places share."""
        return max(0, min(self.last, other.last) - max(self.first, other.first) + 1) if self.path == other.path else 0


@dataclass(frozen=True)
class Evidence:
    """A place, the text of its lines (joined by newlines, verbatim), and the symbol that they stand in."""

    place: Place
    text: str
    symbol: str = ""


def cut(snapshot: Snapshot, place: Place, symbol: str = "") -> Evidence:
    """Cut the lines of `place` out of the snapshot.

    Raises:
        EvidenceError: the file is not in the snapshot or does not have these lines.
    """
    lines = snapshot.lines(place.path)
    if not 1 <= place.first <= place.last <= len(lines):
        raise EvidenceError(f"{place}: {place.path} has the lines 1-{len(lines)}.")
    return Evidence(place, "\n".join(lines[place.first - 1 : place.last]), symbol)


def dedent(text: str) -> str:
    """The text without trailing blanks and without the indentation that all its lines share: what a page shows.

    Two quotes are the same text if and only if this form of them is the same.
    """
    return textwrap.dedent("\n".join(line.rstrip() for line in text.split("\n"))).strip("\n")


def normal(lines: Iterable[str]) -> list[str]:
    """`dedent`, line by line."""
    return dedent("\n".join(lines)).split("\n")
