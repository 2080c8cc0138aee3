"""CIT: whether every citation holds against the snapshot."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from wikiagent.check.finding import Edit, Finding, Severity
from wikiagent.check.places import Citation
from wikiagent.check.quoting import Match, compare, find, find_loosely
from wikiagent.check.reading import Quote, Reading
from wikiagent.check.source import Source
from wikiagent.source.evidence import Place, normal
from wikiagent.wiki.graph import LEAVES
from wikiagent.wiki.page import PageKind

#: Longest span, in lines, that still proves a statement.
MAX_SPAN = 60
#: Lines of the difference between a quote and the cited lines that a message shows.
_DIFF_LINES = 6
_SOURCE_SECTIONS = ("Overview", "Source Location", "Code Reference")
_EVIDENCE = re.compile(r"evidence|reference|from the source", re.I)


class Standing(StrEnum):
    """What became of a citation."""

    VERIFIED = "verified"
    REFUTED = "refuted"
    NOT_UNDERSTOOD = "not_understood"


class Verdict(NamedTuple):
    """A citation, or a quote without a place, with what was found out about it; `counts` is 0 where there is none."""

    standing: Standing
    findings: tuple[Finding, ...] = ()
    counts: int = 1


def check_citations(reading: Reading, source: Source) -> Iterator[Verdict]:
    """Judge every citation of a page, with its quote where it has one."""
    quotes = {quote.citation: quote for quote in reading.quotes if quote.citation}
    for citation in reading.citations:
        if _is_elsewhere(citation, source):
            continue
        yield _Judge(reading, source, citation, quotes.get(citation)).verdict()
    if reading.is_own and reading.kind is PageKind.IMPLEMENTATION:
        yield from _signature(reading, source)
    if reading.kind in LEAVES:
        for quote in reading.quotes:
            if quote.citation is None and _EVIDENCE.search(quote.section):
                message = "this quote names no file and lines that it is taken from; write `path:first-last` above it."
                yield Verdict(Standing.NOT_UNDERSTOOD, (_finding(reading, "CIT008", quote.start, message),))
        if not quotes:
            message = f"{reading.name} quotes no place of the source: cite at least one."
            yield Verdict(Standing.VERIFIED, (Finding("CIT007", reading.file, 0, message),), 0)


def _is_elsewhere(citation: Citation, source: Source) -> bool:
    """Whether a link to a code host leads to another repository than the source."""
    if not citation.repository or source.snapshot.has(citation.path):
        return False
    home = (source.snapshot.url or "").removesuffix(".git").rstrip("/").casefold()
    return citation.repository.casefold() != home


def _finding(
    reading: Reading,
    code: str,
    offset: int,
    message: str,
    *,
    cited: str = "",
    fix: str | None = None,
    edits: Sequence[Edit] = (),
    severity: Severity = Severity.ERROR,
) -> Finding:
    line, column = reading.position(offset)
    return Finding(code, reading.file, line, message, severity, cited, fix, column, tuple(edits))


class _Judge:
    """One citation of one page against the source."""

    def __init__(self, reading: Reading, source: Source, citation: Citation, quote: Quote | None) -> None:
        self.reading = reading
        self.source = source
        self.citation = citation
        self.quote = quote
        self.strict = reading.is_own
        self.code = quote.code.strip("\n").split("\n") if quote else []
        self.findings: list[Finding] = []

    def verdict(self) -> Verdict:
        """What became of the citation."""
        if not self.citation.ranges:
            self._add("CIT008", f"{self.citation.path} is cited without lines that can be read.")
            return Verdict(Standing.NOT_UNDERSTOOD, tuple(self.findings))
        path = self._path()
        if path is None:
            return Verdict(Standing.REFUTED, tuple(self.findings))
        lines = self.source.snapshot.lines(path)
        holds = not self.findings
        for first, last in self.citation.ranges:
            if not 1 <= first <= last <= len(lines):
                message = f"{path} has the lines 1-{len(lines)}, not {first}-{last}."
                self._misplaced("CIT002", message, path, self._found(path))
                return Verdict(Standing.REFUTED, tuple(self.findings))
        if self.quote is not None:
            holds = self._quoted(path, lines) and holds
            self._proves(path, lines)
        else:
            holds = self._stands(path) and holds
        return Verdict(Standing.VERIFIED if holds else Standing.REFUTED, tuple(self.findings))

    def _add(
        self, code: str, message: str, fix: str | None = None, edits: Sequence[Edit] = (), soft: bool = False
    ) -> None:
        severity = Severity.WARNING if soft else Severity.ERROR
        self.findings.append(
            _finding(
                self.reading,
                code,
                self.citation.start,
                message,
                cited=str(self.citation),
                fix=fix,
                edits=edits,
                severity=severity,
            )
        )

    # --- the file ---

    def _path(self) -> str | None:
        """The file of the snapshot that is meant; None where that cannot be told."""
        path = self.citation.path
        if self.source.snapshot.has(path):
            return path
        ending = self.source.ending(path)
        meant = ending if len(ending) < 2 else [known for known in ending if self._fits(known)]
        if len(meant) == 1:
            edits = [Edit(*self.citation.path_span, meant[0]), *self._in_references(path, meant[0])]
            self._add("CIT005", f"{path} is not a path from the root; the file is {meant[0]}.", meant[0], edits)
            return meant[0]
        near = ending[:3] or difflib.get_close_matches(path, self.source.snapshot.files, 1)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        code = "CIT005" if len(ending) > 1 else "CIT001"
        what = "is the end of several paths" if len(ending) > 1 else f"is not a file of {self.source.snapshot.source}"
        self._add(code, f"{path} {what}.{hint}")
        return None

    def _fits(self, path: str) -> bool:
        """Whether the quote stands in a file, which tells files of the same name apart."""
        return self.quote is not None and bool(self._elsewhere(path))

    # --- the quote ---

    def _quoted(self, path: str, lines: Sequence[str]) -> bool:
        """Whether the quote is the cited lines."""
        cited = [line for first, last in self.citation.ranges for line in lines[first - 1 : last]]
        match = compare(self.code, cited, strict=self.strict)
        if match is Match.ELIDED:
            self._add("CIT003", "the quote leaves lines out; what it shows stands there in this order.", soft=True)
        if match is not None:
            return True
        found = self._elsewhere(path)
        if len(found) == 1:
            new = Place(path, *found[0])
            self._misplaced("CIT004", f"the quoted text stands at {new}, not at {self.citation}.", path, found)
        else:
            also = f" The quote stands at {', '.join(f'{a}-{b}' for a, b in found)}." if found else ""
            self._add(
                "CIT003", f"the quote is not what {self.citation} reads.{also}\n{self._difference(cited)}".rstrip()
            )
        return False

    def _found(self, path: str) -> list[tuple[int, int]]:
        """Where in a file stands what is cited: the quote, else the page's subject."""
        if self.quote is not None:
            return self._elsewhere(path)
        return [(place.first, place.last) for place in self._subject(path)]

    def _elsewhere(self, path: str) -> list[tuple[int, int]]:
        """Where else in a file the quote stands: all places, or the one that the page points at in another way."""
        lines = self.source.snapshot.lines(path)
        size = len(normal(self.code))
        found = [(first, first + size - 1) for first in find(self.code, lines)]
        if not found and not self.strict:
            found = find_loosely(self.code, lines)
        pointed = self._pointed_at(path, found) if len(found) > 1 else iter(())
        return next((places for places in pointed if len(places) == 1), found)

    def _pointed_at(self, path: str, found: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
        """Those of some places that the page names: by its numbers, the cited lines, its references, the caption."""
        numbered = self.quote.numbered[0] if self.quote and self.quote.numbered else 0
        yield [place for place in found if place[0] == numbered]
        cited = self.citation.ranges
        yield [place for place in found if any(place[0] <= last and first <= place[1] for first, last in cited)]
        yield [place for place in found if place in self._referenced()]
        named = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", self.quote.caption if self.quote else ""))))
        around = {place: set(self.source.around(Place(path, *place)).split()) for place in found}
        shared = {place: len(names & named) for place, names in around.items()}
        yield [place for place in found if shared[place] and shared[place] == max(shared.values())]

    def _own_references(self) -> list[tuple[int, Citation]]:
        """The quote's own entry in the list of references: the one at its place, if there are as many as quotes."""
        quotes = [quote for quote in self.reading.quotes if quote.citation]
        defined = list(self.reading.references.values())
        if len(quotes) != len(defined):
            return []  # which one is meant would be a guess
        own = [entry for quote, entry in zip(quotes, defined, strict=True) if quote == self.quote]
        return [(start, citation) for start, citation in own if citation]

    def _referenced(self) -> set[tuple[int, int]]:
        """The lines of this file that the quote's own reference names."""
        own = [citation for _, citation in self._own_references() if citation.path == self.citation.path]
        return {span for citation in own for span in citation.ranges}

    def _misplaced(self, code: str, message: str, path: str, found: Sequence[tuple[int, int]]) -> None:
        """Report wrong lines; where there is one right place, with the edits that name it."""
        if len(found) != 1:
            self._add(code, message)
            return
        new = Place(path, *found[0])
        old, written = str(self.citation).rpartition(":")[2], str(new).rpartition(":")[2]
        mark = "L" if self.reading.text[self.citation.ranges_span[0]] == "L" else ""
        marked = mark + (written.replace("-", "-L") if self.citation.repository else written)
        edits = [Edit(*self.citation.ranges_span, marked)]
        if self.quote and self.quote.numbered and self.quote.numbered[0] != new.first:
            edits.append(Edit(*self.quote.numbered[1:], str(new.first)))
        edits += self._in_references(old, written)
        self._add(code, message, str(new), edits)

    def _in_references(self, old: str, new: str) -> list[Edit]:
        """The same change in the quote's own reference, where it names the same place as the caption does."""
        cited = str(self.citation)
        if sum(str(quote.citation) == cited for quote in self.reading.quotes) != 1:
            return []
        edits = []
        for start, citation in self._own_references():
            if str(citation) == cited:
                span = citation.path_span if old == citation.path else citation.ranges_span
                edits += [Edit(*span, new), *_in_url(self.reading.text, start, citation, new)]
        return edits

    def _difference(self, cited: Sequence[str]) -> str:
        """The first lines in which quote and source differ: `-` the page, `+` the source."""
        rows = difflib.unified_diff(normal(self.code), normal(cited), lineterm="", n=0)
        told = [row for row in rows if not row.startswith(("---", "+++", "@@"))]
        more = [f"… and {len(told) - _DIFF_LINES} more"] if len(told) > _DIFF_LINES else []
        return "\n".join([*told[:_DIFF_LINES], *more])

    def _proves(self, path: str, lines: Sequence[str]) -> None:
        """Whether the span can prove anything."""
        first, last = self.citation.ranges[0][0], self.citation.ranges[-1][1]
        size = sum(b - a + 1 for a, b in self.citation.ranges)
        if size > MAX_SPAN:
            message = f"{size} lines are too many to prove a statement; quote at most {MAX_SPAN}."
            self._add("CIT006", message, soft=not self.strict)
        elif not any(c.isalnum() for a, b in self.citation.ranges for line in lines[a - 1 : b] for c in line):
            self._add("CIT006", f"{path}:{first}-{last} holds no words; it proves nothing.")

    # --- what a page is about ---

    def _subject(self, path: str) -> list[Place]:
        """Where a file defines what the page is about, if the citation stands where pages say that."""
        if self.reading.section_at(self.citation.start) not in _SOURCE_SECTIONS or len(self.citation.ranges) != 1:
            return []
        return self.source.definitions(path, self.reading.name)

    def _subject_elsewhere(self, path: str) -> list[Place]:
        """Where other files define what the page is about, if the citation stands where pages say that."""
        in_source_line = self.reading.section_at(self.citation.start) in _SOURCE_SECTIONS
        known = self.source.signatures.of(self.reading.subject) if in_source_line and self.reading.subject else ()
        return [signature.place for signature in known if signature.place.path != path and "." not in signature.name]

    def _stands(self, path: str) -> bool:
        """Whether the cited lines hold the page's subject; without a quote that is the only thing to tell by."""
        places = self._subject(path)
        first, last = self.citation.ranges[0]
        if not places and self.strict and (elsewhere := self._subject_elsewhere(path)):
            self._add("CIT004", f"{path} does not define the page's subject; {elsewhere[0]} does.")
            return False
        exact = any((p.first, p.last) == (first, last) for p in places)
        inside = any(first <= p.last and p.first <= last for p in places)
        if not places or exact or (inside and not self.strict):
            return True
        found = [(p.first, p.last) for p in places]
        where = " and ".join(map(str, places))
        self._misplaced("CIT004", f"the page's subject stands at {where}, not at {self.citation}.", path, found)
        return False


def _signature(reading: Reading, source: Source) -> Iterator[Verdict]:
    """Judge the numbered quotes of an own page about a symbol: they are lines of the file that its Source names."""
    named = [c for c in reading.citations if reading.section_at(c.start) in _SOURCE_SECTIONS and c.ranges]
    if len({citation.path for citation in named}) != 1 or not source.snapshot.has(named[0].path):
        return
    lines = source.snapshot.lines(named[0].path)
    for quote in reading.quotes:
        if quote.citation is None and quote.numbered:
            code = quote.code.strip("\n").split("\n")
            first = quote.numbered[0]
            place = Place(named[0].path, first, first + len(code) - 1)
            if compare(code, lines[place.first - 1 : place.last], strict=True):
                yield Verdict(Standing.VERIFIED)
                continue
            found = find(code, lines)
            message = f"the quote is not what {place} reads."
            if len(found) == 1:
                right = str(found[0])
                edits = [Edit(*quote.numbered[1:], right)]
                finding = _finding(reading, "CIT004", quote.start, message, cited=str(place), fix=right, edits=edits)
            else:
                finding = _finding(reading, "CIT003", quote.start, message, cited=str(place))
            yield Verdict(Standing.REFUTED, (finding,))


def _in_url(text: str, start: int, citation: Citation, new: str) -> Iterator[Edit]:
    """The change of lines in the permanent link of a reference, as code hosts write it: `#L10-L20`."""
    found = re.compile(r"#L\d+(?:-L?\d+)?").search(text, start, citation.start)
    if found and re.fullmatch(r"[\d-]+", new):
        yield Edit(*found.span(), "#" + "-".join(f"L{number}" for number in new.split("-")))


def check_references(reading: Reading) -> Iterator[Finding]:
    """SCH004: whether references, list of references and quotes of a page name the same places."""
    quotes = [quote for quote in reading.quotes if quote.citation]
    shown = {str(quote.citation) for quote in quotes}
    defined = reading.references
    for statement in reading.statements:
        for ref in statement.refs:
            if ref not in defined:
                message = f"the reference {ref} is not in the list of references."
                yield _finding(reading, "SCH004", statement.end, message)
    for number, (ref, (offset, citation)) in enumerate(defined.items()):
        if citation is None or str(citation) in shown:
            continue
        quote = quotes[number] if number < len(quotes) and len(quotes) == len(defined) else None
        named = {str(c) for _, c in defined.values() if c}
        fix, edits = None, []
        if quote and quote.citation and str(quote.citation) not in named:
            fix = str(quote.citation)
            edits = [Edit(citation.path_span[0], citation.ranges_span[1], fix)]
            edits += _in_url(reading.text, offset, citation, fix.rpartition(":")[2])
        message = f"the reference {ref} names {citation}, which no quote of the page shows."
        yield _finding(reading, "SCH004", offset, message, cited=str(citation), fix=fix, edits=edits)
    for quote in quotes:
        if quote.citation and quote.citation.ranges and quote.numbered:
            first = quote.citation.ranges[0][0]
            if quote.numbered[0] != first:
                message = f"the quote is numbered from line {quote.numbered[0]}; it begins at line {first}."
                edits = [Edit(*quote.numbered[1:], str(first))]
                yield _finding(
                    reading, "SCH004", quote.start, message, cited=str(quote.citation), fix=str(first), edits=edits
                )
