"""Re-locating: where the lines that a page quotes stand in another revision of their source.

    unchanged   the same text at the same lines
    moved       the same text, byte by byte but for shared indentation, at other lines or in another file
    changed     the lines are there in altered form, or it cannot be told which of several equal places is meant
    gone        nothing like them is there

Ambiguity is never guessed. Where a text stands at several places, in the old source or in the new one, an old and a
new place belong together only if each is the other's best match, without a tie: the same file counts most, then the
same symbol (or statement, outside of symbols), then how many lines directly around are the same.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from wikiagent.code.symbols import Symbols, read_symbols
from wikiagent.source.evidence import Place, dedent, normal
from wikiagent.source.secret import masked
from wikiagent.source.snapshot import Snapshot

#: From which part of their words two texts are one text in altered form: difflib's own measure of a close match.
ALIKE = 0.6
#: Lines around a text that must be the same for it to be that of another file, where no symbol says so.
MIN_CONTEXT = 3
_WORD = re.compile(r"\w+|[^\w\s]")


class Fate(StrEnum):
    """What became of a citation."""

    UNCHANGED = "unchanged"
    MOVED = "moved"
    CHANGED = "changed"
    GONE = "gone"

    @property
    def holds(self) -> bool:
        """Whether the quoted text is in the new source, and it is known where."""
        return self in (Fate.UNCHANGED, Fate.MOVED)


@dataclass(frozen=True)
class Relocation:
    """What became of one citation.

    Attributes:
        fate: its class.
        old: the cited place.
        new: where the lines stand now, None where they are gone or nothing tells where.
        diff: how the quoted lines differ from those at `new`, as a unified diff; empty where they do not.
        why: why it does not hold, in a sentence; empty where it does.
    """

    fate: Fate
    old: Place
    new: Place | None
    diff: str = ""
    why: str = ""


class View:
    """A snapshot as citations are looked for in it; its files are read when they are asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._rows: dict[str, dict[str, list[int]]] = {}
        self._symbols: dict[str, Symbols] = {}

    def lines(self, path: str) -> tuple[str, ...]:
        """The lines of a file; none where there is no such file."""
        return self.snapshot.lines(path) if self.snapshot.has(path) else ()

    def text(self, place: Place) -> str:
        """The lines of a place as a page shows them."""
        return masked(dedent("\n".join(self.lines(place.path)[place.first - 1 : place.last])))

    def shows(self, place: Place, quote: str) -> bool:
        """Whether a quote is the text of a place."""
        return 1 <= place.first <= place.last <= len(self.lines(place.path)) and self.text(place) == quote

    def find(self, quote: str, paths: Iterable[str]) -> list[Place]:
        """All places in some files whose text is the quote."""
        size, head = quote.count("\n") + 1, quote.partition("\n")[0].strip()
        starts = (Place(path, n, n + size - 1) for path in paths for n in self._rows_of(path).get(head, ()))
        return [place for place in starts if self.shows(place, quote)]

    def like(self, path: str) -> list[str]:
        """The files with the ending of a path."""
        suffix = PurePosixPath(path).suffix
        return [known for known in self.snapshot.files if PurePosixPath(known).suffix == suffix]

    def symbols(self, path: str) -> Symbols:
        """The symbols of one file."""
        if path not in self._symbols:
            known = (path,) if self.snapshot.has(path) else ()
            self._symbols[path] = read_symbols(self.snapshot, known)
        return self._symbols[path]

    def symbol(self, place: Place) -> str:
        """Qualified name of the symbol that a place begins in, empty at the level of the module."""
        symbol = self.symbols(place.path).at(place.path, place.first)
        return symbol.name if symbol else ""

    def holder(self, place: Place) -> str:
        """The symbol that a place begins in; at the level of the module the line with which its statement begins."""
        above = reversed(self.lines(place.path)[: place.first])
        return self.symbol(place) or next((line for line in above if re.match(r"[\w@\[]", line)), "")

    def _rows_of(self, path: str) -> dict[str, list[int]]:
        """Numbers of the lines of a file by their trimmed text."""
        if path not in self._rows:
            rows: dict[str, list[int]] = {}
            for number, line in enumerate(self.lines(path), 1):
                rows.setdefault(line.strip(), []).append(number)
            self._rows[path] = rows
        return self._rows[path]


def relocate(place: Place, code: str, old: View | None, new: View) -> Relocation:
    """What became of a citation.

    Args:
        place: the cited lines, in the old source.
        code: the quoted text.
        old: the old source, for what stands around the lines; None where it cannot be had.
        new: the new source.
    """
    quote = "\n".join(normal(code.split("\n")))
    found = new.find(quote, [place.path]) or new.find(quote, new.like(place.path))
    if old is not None and old.shows(place, quote):
        chosen = _counterpart(place, quote, found, old, new)
    else:
        old, chosen = None, _without_context(place, quote, found, new)
    if chosen is not None:
        same = chosen.overlaps(place) and new.shows(place, quote)
        return Relocation(Fate.UNCHANGED, place, place) if same else Relocation(Fate.MOVED, place, chosen)
    if found and found[0].path == place.path:
        return Relocation(Fate.CHANGED, place, None, why=_ambiguous(found))
    altered = _altered(place, quote, old, new)
    if altered is not None:
        why = f"the lines read otherwise; what they became stands at {altered}"
        return Relocation(Fate.CHANGED, place, altered, _diff(quote, place, new.text(altered), str(altered)), why)
    why = _ambiguous(found) if found else _missing(place, new)
    return Relocation(Fate.GONE, place, None, _diff(quote, place, "", "gone"), why)


# --- the same text ---


def _counterpart(place: Place, quote: str, found: Sequence[Place], old: View, new: View) -> Place | None:
    """The one place of the new source that belongs to a place of the old one; None where nothing tells."""
    if not found:
        return None
    same_file = found[0].path == place.path
    before = old.find(quote, [place.path] if same_file else old.like(place.path))
    own = next((other for other in before if other.overlaps(place)), place)
    chosen = _best(found, lambda there: _affinity(own, there, old, new))
    if chosen is None or _best(before, lambda here: _affinity(here, chosen, old, new)) != own:
        return None
    _, same_symbol, around = _affinity(own, chosen, old, new)
    known = same_file or (same_symbol and old.symbol(own)) or around >= MIN_CONTEXT
    return chosen if known else None


def _without_context(place: Place, quote: str, found: Sequence[Place], new: View) -> Place | None:
    """The place of a text of which it is not known what stood around it: the only one, or the cited one."""
    if new.shows(place, quote):
        return place
    if len(found) != 1:
        return None
    renamed = not new.snapshot.has(place.path) and "\n" in quote
    return found[0] if found[0].path == place.path or renamed else None


def _affinity(here: Place, there: Place, old: View, new: View) -> tuple[bool, bool, int]:
    """How well a place of the old source and one of the new belong together: file, symbol, lines around."""
    before, after = old.lines(here.path), new.lines(there.path)
    above = _same(reversed(before[: here.first - 1]), reversed(after[: there.first - 1]))
    below = _same(before[here.last :], after[there.last :])
    return here.path == there.path, old.holder(here) == new.holder(there), above + below


def _same(one: Iterable[str], other: Iterable[str]) -> int:
    """How many lines that are not blank two texts share before the first that differs."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine.rstrip() != theirs.rstrip():
            break
        count += bool(mine.strip())
    return count


def _best(places: Sequence[Place], rate: Callable[[Place], tuple[bool, bool, int]]) -> Place | None:
    """The place that is rated highest; None where two are."""
    rated = sorted(((rate(place), place) for place in places), reverse=True)
    tie = len(rated) > 1 and rated[0][0] == rated[1][0]
    return rated[0][1] if rated and not tie else None


# --- altered text ---


def _altered(place: Place, quote: str, old: View | None, new: View) -> Place | None:
    """Where lines stand that the quoted ones became; None where nothing is like them."""
    for region in _regions(place, old, new):
        span = _aligned(place, region, old, new) if old is not None else _window(quote, region, new)
        if span is not None:
            span = _trimmed(quote, span, new)
            if _alike(quote, new.text(span)) >= ALIKE:
                return span
    return None


def _regions(place: Place, old: View | None, new: View) -> Iterator[tuple[Place, Place]]:
    """Stretches of the old and the new source that belong together: by symbol, the innermost first, then the file."""
    whole = Place(place.path, 1, len(old.lines(place.path)) if old is not None else 1)
    if old is not None:
        symbols = old.symbols(place.path)
        symbol = symbols.at(place.path, place.first)
        for outer in symbols.chain(symbol) if symbol is not None else ():
            if outer.place.last < place.last:
                continue
            paths = [place.path] if new.snapshot.has(place.path) else new.like(place.path)
            named = [s.place for path in paths for s in new.symbols(path).in_file(path) if s.name == outer.name]
            if len(named) == 1:
                yield outer.place, named[0]
    if new.lines(place.path):
        yield whole, Place(place.path, 1, len(new.lines(place.path)))


def _aligned(place: Place, region: tuple[Place, Place], old: View, new: View) -> Place | None:
    """The lines of the new region that a line diff puts beside the cited ones."""
    before, after = region
    mine, theirs = old.lines(before.path)[before.first - 1 : before.last], new.lines(after.path)
    theirs = theirs[after.first - 1 : after.last]
    first, last = place.first - before.first, place.last - before.first
    spans = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, mine, theirs, autojunk=False).get_opcodes():
        if i1 > last or i2 <= first or j1 == j2:
            continue
        begin, end = (j1 + max(0, first - i1), j1 + min(i2, last + 1) - i1) if tag == "equal" else (j1, j2)
        spans.append((begin, end))
    if not spans:
        return None
    return Place(after.path, after.first + spans[0][0], after.first + spans[-1][1] - 1)


def _window(quote: str, region: tuple[Place, Place], new: View) -> Place | None:
    """The lines of a file that are most like a quote, where only the quote is known."""
    path, size = region[1].path, quote.count("\n") + 1
    wanted = {line.strip() for line in quote.split("\n")} - {""}
    lines = [line.strip() for line in new.lines(path)]
    shared = [sum(line in wanted for line in lines[n : n + size]) for n in range(max(1, len(lines) - size + 1))]
    first = max(range(len(shared)), key=lambda n: (shared[n], -n))
    return Place(path, first + 1, min(first + size, len(lines))) if shared[first] else None


def _trimmed(quote: str, span: Place, new: View) -> Place:
    """The span without lines at its ends that make it less like the quote."""
    likeness = _alike(quote, new.text(span))
    for first, last in ((1, 0), (0, -1)):
        while len(span) > 1:
            less = Place(span.path, span.first + first, span.last + last)
            if (without := _alike(quote, new.text(less))) < likeness:
                break
            span, likeness = less, without
    return span


def _alike(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, _WORD.findall(one), _WORD.findall(other), autojunk=False).ratio()


# --- words ---


def _diff(quote: str, place: Place, text: str, now: str) -> str:
    lines = difflib.unified_diff(quote.split("\n"), text.split("\n") if text else [], str(place), now, lineterm="")
    return "\n".join(lines)


def _ambiguous(found: Sequence[Place]) -> str:
    if len(found) == 1:
        return f"the text stands at {found[0]}, and nothing tells that it is the one that is cited"
    shown = ", ".join(map(str, found[:4])) + (f" and {len(found) - 4} more" if len(found) > 4 else "")
    return f"the text stands at {len(found)} places ({shown}), and nothing tells which one is cited"


def _missing(place: Place, new: View) -> str:
    if new.snapshot.has(place.path):
        return f"{place.path} has no such lines any more"
    return f"{place.path} is no file of {new.snapshot.source}, and no other file has these lines"
