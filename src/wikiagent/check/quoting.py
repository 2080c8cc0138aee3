"""Whether a quote is the text of some lines, and where else it stands.

wikiagent's own pages quote verbatim. Pages of others may leave lines out (a line of dots in their place) and may
shorten the indentation, as long as the lines keep their order of depth: in Python that order is meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import pairwise

from wikiagent.source.evidence import normal

_GAP = re.compile(r"\s*(?:#|//)?\s*(?:\.\.\.|…)(?:\s*\(?[\w ]*(?:omitted|snip)[\w ]*\)?)?\s*$")
_PLACE_COMMENT = re.compile(
    r"\s*(?:#|//)\s*(?:from|source|file|in)?:?\s*\S*\.\w+[:,\s].*\d\s*\)?$|\s*#\s*\S+/\S+\.py\s*$", re.I
)


class Match(StrEnum):
    """How a quote is the text of some lines."""

    EXACT = "verbatim"
    REINDENTED = "with shorter indentation"
    ELIDED = "with lines left out"


def compare(quote: Sequence[str], lines: Sequence[str], *, strict: bool) -> Match | None:
    """How `quote` is the text of `lines`; None where it is not.

    Args:
        quote: lines of the quote.
        lines: the cited lines of the source.
        strict: whether it must be verbatim.
    """
    if normal(quote) == normal(lines):
        return Match.EXACT
    if strict:
        return None
    quote = _without_place(quote)
    for candidate in (quote, _filled(quote)):
        if normal(candidate) == normal(lines):
            return Match.EXACT
        if _same_shape(candidate, lines):
            return Match.REINDENTED
    filled = [line for line in lines if line.strip()]
    if _same_shape(_filled(quote), filled):
        return Match.REINDENTED
    return Match.ELIDED if _in_parts(_filled(quote), filled) else None


def find(quote: Sequence[str], lines: Sequence[str]) -> list[int]:
    """First lines, 1-based, of all places in a file that read exactly as `quote`."""
    wanted = normal(quote)
    size, head = len(wanted), wanted[0].strip()
    starts = (n for n, line in enumerate(lines) if line.strip() == head)
    return [n + 1 for n in starts if normal(lines[n : n + size]) == wanted]


def find_loosely(quote: Sequence[str], lines: Sequence[str]) -> list[tuple[int, int]]:
    """First and last lines of all places that read as `quote` with shorter indentation or with lines left out."""
    wanted = _filled(_without_place(quote))
    numbered = [(n, line) for n, line in enumerate(lines, 1) if line.strip()]
    found = []
    for at, (first, line) in enumerate(numbered):
        if wanted and line.strip() == wanted[0].strip():
            rest = [text for _, text in numbered[at : at + 60]]
            used = _matched(wanted, rest)
            if used:
                found.append((first, numbered[at + used - 1][0]))
    return found


def _filled(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if line.strip()]


def _without_place(quote: Sequence[str]) -> Sequence[str]:
    """The quote without a first line that is only a comment of where it comes from."""
    return quote[1:] if len(quote) > 1 and _PLACE_COMMENT.match(quote[0]) else quote


def _depth(line: str) -> int:
    text = line.expandtabs()
    return len(text) - len(text.lstrip())


def _same_shape(quote: Sequence[str], lines: Sequence[str]) -> bool:
    """Whether both have the same text, and the depths of their lines are ordered alike.

    The first line of a quote may stand at any depth: people copy from its first character on.
    """
    if len(quote) != len(lines) or any(a.strip() != b.strip() for a, b in zip(quote, lines, strict=True)):
        return False
    depths = {(_depth(b), _depth(a)) for a, b in list(zip(quote, lines, strict=True))[1:] if a.strip()}
    ordered = sorted(depths)
    return all(a[0] < b[0] and a[1] < b[1] for a, b in pairwise(ordered))


def _in_parts(quote: Sequence[str], lines: Sequence[str]) -> bool:
    """Whether the parts of a quote between lines of dots stand among the lines, in order."""
    return any(_GAP.match(line) for line in quote) and bool(_matched(quote, lines, anchored=False))


def _matched(quote: Sequence[str], lines: Sequence[str], *, anchored: bool = True) -> int:
    """How many lines the parts of a quote reach over; 0 where they do not stand there in order."""
    at = 0
    for number, part in enumerate(_parts(quote)):
        places = (n for n in range(at, len(lines) - len(part) + 1) if _same_shape(part, lines[n : n + len(part)]))
        start = next(places, None)
        if start is None or (anchored and number == 0 and start != 0):
            return 0
        at = start + len(part)
    return at


def _parts(quote: Sequence[str]) -> Iterator[list[str]]:
    part: list[str] = []
    for line in [*quote, "..."]:
        if _GAP.match(line):
            if part:
                yield part
            part = []
        else:
            part.append(line)
