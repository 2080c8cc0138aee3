"""A draft as a reviewer reads it: its statements with their findings, and the evidence of each in its file."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from wikiagent.check.reading import Reading
from wikiagent.code.symbols import Symbols
from wikiagent.errors import EvidenceError
from wikiagent.ledger import Draft, Ledger, RecordedFinding
from wikiagent.review.standing import Replaced, Standing, accepted_of, conflict, page_of, replaced, standing
from wikiagent.source.evidence import Place
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import Wiki
from wikiagent.wiki.mediawiki import render
from wikiagent.wiki.page import Environment, Exhibit, Heuristic

#: Lines around the cited ones that a reviewer sees at once.
AROUND = 12


@dataclass(frozen=True)
class Stated:
    """A statement of a draft.

    Attributes:
        section: where it stands: the section, or the label of its bullet.
        column: header of its column in a table; empty elsewhere.
        text: what it says; code stands between backticks.
        refs: ids of the evidence that it rests on.
        line: its line in the page's text, 1-based.
        findings: what the checks say about it.
    """

    section: str
    column: str
    text: str
    refs: tuple[str, ...]
    line: int
    findings: tuple[RecordedFinding, ...]


@dataclass(frozen=True)
class Span:
    """A piece of evidence in its file.

    Attributes:
        id: its id on the page.
        caption: what the page says about it.
        path: the file, from the root of the source.
        first, last: the cited lines, 1-based, inclusive.
        start: number of the first line of `lines`.
        lines: the cited lines with those around them, of the file as it is in the snapshot.
        breadcrumb: the symbols that it stands in, outermost first.
        language: name of the language, for colours.
        url: where the code host shows these lines; None where that is not known.
    """

    id: str
    caption: str
    path: str
    first: int
    last: int
    start: int
    lines: tuple[str, ...]
    breadcrumb: tuple[str, ...]
    language: str
    url: str | None

    def cited(self, number: int) -> bool:
        """Whether a line is one of those that are cited."""
        return self.first <= number <= self.last


@dataclass(frozen=True)
class View:
    """A draft as a reviewer reads it.

    Attributes:
        draft: the draft.
        page: its page; `text` is that as MediaWiki text.
        statements: what it says, in order.
        elsewhere: findings that concern no statement.
        conflict: why it waits for a person even where valid drafts are accepted; empty if it does not.
        left: the page that left the wiki and that it stands for.
        diff: how it differs from the page that it replaces or from the draft that was rejected, as unified diff.
        rejected: why the draft that it answers to was rejected; empty if there is none.
    """

    draft: Draft
    page: Environment | Heuristic
    text: str
    statements: tuple[Stated, ...]
    elsewhere: tuple[RecordedFinding, ...]
    conflict: str
    left: Replaced | None
    diff: tuple[str, ...]
    rejected: str


def view(ledger: Ledger, draft: Draft, wiki: Wiki) -> View:
    """A draft as a reviewer reads it.

    Raises:
        DraftError: another version of wikiagent recorded it, in a form that this one does not read.
    """
    page = page_of(draft)
    text = render(page)
    findings = ledger.findings(draft.id)
    statements = _statements(page, text, findings)
    told = {finding for statement in statements for finding in statement.findings}
    left = replaced(draft)
    before, named, why = _before(ledger, draft, page, wiki, left)
    return View(
        draft=draft,
        page=page,
        text=text,
        statements=statements,
        elsewhere=tuple(finding for finding in findings if finding not in told),
        conflict=conflict(draft, wiki, accepted_of(ledger.drafts(Path(draft.wiki), "accepted", draft.candidate)))
        if draft.state == "pending"
        else "",
        left=left,
        diff=difference(before, text, named, f"draft {draft.id}") if before is not None else (),
        rejected=why,
    )


def span(exhibit: Exhibit, snapshot: Snapshot | None, symbols: Symbols | None, around: int = AROUND) -> Span:
    """A piece of evidence with the lines around it; where the source is not at hand, the quoted lines alone.

    Args:
        exhibit: the evidence, as the page has it.
        snapshot: the source that the page cites; None where it is not in the store.
        symbols: its symbols; None where they are not wanted.
        around: lines before and after the cited ones.
    """
    start, lines = exhibit.first, tuple(exhibit.code.split("\n"))
    if snapshot is not None:
        try:
            whole = snapshot.lines(exhibit.path)
        except EvidenceError:
            whole = ()
        if whole:
            start = max(1, exhibit.first - around)
            lines = whole[start - 1 : exhibit.last + around]
    return Span(
        id=exhibit.id,
        caption=exhibit.caption,
        path=exhibit.path,
        first=exhibit.first,
        last=exhibit.last,
        start=start,
        lines=lines,
        breadcrumb=_breadcrumb(exhibit.place, symbols),
        language=exhibit.language,
        url=exhibit.url,
    )


def _breadcrumb(place: Place, symbols: Symbols | None) -> tuple[str, ...]:
    """The symbols around a place, outermost first."""
    symbol = symbols.at(place.path, place.first) if symbols else None
    return tuple(symbol.name.split(".")) if symbol else ()


def difference(before: str, after: str, named: str, now: str) -> tuple[str, ...]:
    """How two texts differ, as the lines of a unified diff."""
    return tuple(difflib.unified_diff(before.split("\n"), after.split("\n"), named, now, lineterm="", n=2))


class Answered(NamedTuple):
    """A draft that was rejected and that another one answers to, with the reject's code and note."""

    draft: Draft
    code: str
    note: str

    @property
    def said(self) -> str:
        """Code and note in one."""
        return ": ".join(filter(None, (self.code, self.note)))


def answered_by(ledger: Ledger, draft: Draft) -> Answered | None:
    """The rejected draft that a draft answers to; None where there is none."""
    if draft.redrafts is None:
        return None
    why = [made for made in ledger.decisions(draft.redrafts) if made.decision == "rejected"]
    return Answered(ledger.draft(draft.redrafts), *((why[-1].code, why[-1].reason) if why else ("", "")))


def _before(
    ledger: Ledger, draft: Draft, page: Environment | Heuristic, wiki: Wiki, left: Replaced | None
) -> tuple[str | None, str, str]:
    """What a draft would stand in place of: its text and name; and why that was rejected."""
    if (answered := answered_by(ledger, draft)) is not None:
        return render(page_of(answered.draft)), f"draft {answered.draft.id}", answered.said
    if left is not None:
        return left.text, f"{left.name}, as it left the wiki", ""
    if draft.state == "pending" and standing(wiki, page) is Standing.OTHER:
        return wiki.pages[(page.kind, page.name)].text, f"{page.name}, as it is in the wiki", ""
    return None, "", ""


def _statements(page: Environment | Heuristic, text: str, findings: Sequence[RecordedFinding]) -> tuple[Stated, ...]:
    """What a page says, each statement with the findings about it."""
    reading = Reading(page.file, page.kind, page.name, text)
    found = []
    for statement in reading.statements:
        first, last = reading.position(statement.start)[0], reading.position(statement.end)[0]
        about = [f for f in findings if first <= f.line <= last and _concerns(f, statement.text)]
        about += [f for f in findings if not f.line and f"“{statement.text[:160]}”" in f.message]
        found.append(Stated(statement.section, statement.column, statement.text, statement.refs, first, tuple(about)))
    return tuple(found)


def _concerns(finding: RecordedFinding, text: str) -> bool:
    """Whether a finding about a line may be about this statement of the line: the words that it quotes are there."""
    quoted = finding.message.partition("“")[2].partition("”")[0].strip("…")
    return not quoted or quoted[:30] in text or text[:30] in quoted


def written_by(draft: Draft) -> Mapping[str, object]:
    """How a draft was written, where a model did it: model, prompts, repairs and usage."""
    told: Mapping[str, object] = json.loads(draft.written)
    return told
