"""What becomes of the Environment and Heuristic pages of a wiki when their source goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from wikiagent.check.finding import Finding, Severity
from wikiagent.check.gate import check_draft
from wikiagent.check.reading import Reading
from wikiagent.check.relocate import Fate, Relocation, View, relocate
from wikiagent.draft.said import Context, exhibit
from wikiagent.ledger import Draft, Kept, NewDraft, RecordedFinding
from wikiagent.mine.candidates import Candidate
from wikiagent.review.standing import Citation, Replaced, Standing, digest_of, page_of, replaced, standing
from wikiagent.source.evidence import Place
from wikiagent.wiki.graph import INDEX_FILES, LEAVES, PageId, Wiki, WikiPage
from wikiagent.wiki.indexes import read_index
from wikiagent.wiki.mediawiki import parse
from wikiagent.wiki.page import Environment, Heuristic
from wikiagent.wiki.rewrite import with_exhibits

#: Who drafted a page that nothing replaces: it is on record as it was.
NOBODY = "refresh"


@dataclass(frozen=True)
class Origin:
    """A source that pages are compared with: where their lines are looked for, and what all its pages share."""

    view: View
    context: Context


Origins = Callable[[str], Origin | None]
"""The source of a revision, None where it cannot be had."""


@dataclass(frozen=True)
class Judged:
    """A page that names its source, and what became of it in the new one.

    Attributes:
        page: the page as it was.
        source: the source that it was written from.
        since: the source by which it does not hold any more, where it does not.
        citations: what became of its citations.
        text: the page as it reads now; empty where it leaves the wiki.
        findings: what the gate has against it in the new source and had not before; no findings about links.
    """

    page: WikiPage
    source: str
    since: str
    citations: tuple[Relocation, ...]
    text: str
    findings: tuple[Finding, ...] = ()

    @property
    def id(self) -> PageId:
        """Type and name."""
        return self.page.id

    @property
    def stays(self) -> bool:
        """Whether it stays in the wiki."""
        return bool(self.text)

    def is_of(self, candidate: Candidate) -> bool:
        """Whether it is of the type that a candidate's page would be."""
        return self.id[0].value.lower() == candidate.kind

    @property
    def places(self) -> list[Place]:
        """Where what it quotes stands in the new source, as far as that is there."""
        return [citation.new for citation in self.citations if citation.new is not None]


def judge_page(page: WikiPage, source: str, old: Origin | None, new: Origin, wiki: Wiki) -> Judged:
    """Re-locate the citations of a page, and rewrite it where they all hold and the gate has nothing against it."""
    said = page.page
    assert isinstance(said, Environment | Heuristic)
    found = tuple(relocate(e.place, e.code, old.view if old else None, new.view) for e in said.evidence)
    judged = Judged(page, source, new.context.snapshot.source, found, "")
    if not all(citation.fate.holds for citation in found):
        return judged
    context = new.context
    moved = [
        exhibit(e.id, r.new, e.caption, context).model_copy(update={"language": e.language})
        for e, r in zip(said.evidence, found, strict=True)
        if r.new is not None
    ]
    text = with_exhibits(page.text, moved, context.snapshot.source, context.updated)
    again = parse(text, page.kind, page.name)
    assert isinstance(again, Environment | Heuristic)
    if again.evidence != tuple(moved):
        why = "the page is not in the form that can be rewritten: its places are not where its quotes are"
        return replace(judged, findings=(Finding("SCH006", page.file, 0, why),))
    if strays := stray_citations(page, old, new):
        return replace(judged, findings=strays)
    findings = _errors(again, new, wiki)
    if findings and old is not None:
        known = {(finding.code, finding.message) for finding in _errors(said, old, wiki)}
        findings = tuple(finding for finding in findings if (finding.code, finding.message) not in known)
    return replace(judged, findings=findings) if findings else replace(judged, text=text)


def stray_citations(page: WikiPage, old: Origin | None, new: Origin) -> tuple[Finding, ...]:
    """Citations in the prose of a page, without a quote, whose lines do not read the same in the new source.

    Nobody rewrites them, so a page with one of them is no longer true as it stands.
    """
    reading = Reading(page.file, page.kind, page.name, page.text)
    quoted = {quote.citation for quote in reading.quotes}
    found = []
    for citation in reading.citations:
        if citation in quoted or (reading.section_at(citation.start) == "Overview" and page.kind not in LEAVES):
            continue
        for place in citation.places:
            if old is not None and old.view.lines(place.path) and old.view.text(place) != new.view.text(place):
                line, column = reading.position(citation.start)
                why = f"{place} does not read in the new source what it read in the old one"
                found.append(Finding("CIT003", page.file, line, why, cited=str(place), column=column))
    return tuple(found)


def present(page: WikiPage, source: str) -> Judged:
    """A page that is of the new source already."""
    said = page.page
    assert isinstance(said, Environment | Heuristic)
    found = tuple(Relocation(Fate.UNCHANGED, e.place, e.place) for e in said.evidence)
    return Judged(page, source, source, found, page.text)


def _errors(page: Environment | Heuristic, origin: Origin, wiki: Wiki) -> tuple[Finding, ...]:
    """What the gate has against a page, but for its links."""
    context = origin.context
    findings = check_draft(page, context.checked, wiki, context.symbols.is_public)
    return tuple(f for f in findings if f.severity is Severity.ERROR and not f.code.startswith("LNK"))


def waiting_pages(wiki: Wiki, drafts: Iterable[Draft]) -> list[tuple[WikiPage, Replaced]]:
    """The pages that left the wiki at an earlier refresh and still await review, as they were."""
    rows = {
        (kind, row.name): row.file
        for kind in LEAVES
        for row in read_index(wiki.files.get(INDEX_FILES[kind], "")).rows
        if row.awaits and (kind, row.name) not in wiki.pages
    }
    found: dict[PageId, Replaced] = {}
    for draft in sorted(drafts, key=lambda draft: draft.id):
        page = replaced(draft)
        if page is not None and (page.type, page.name) in rows:
            found[page.type, page.name] = page
    return [(WikiPage(kind, name, rows[kind, name], page.text), page) for (kind, name), page in found.items()]


# --- candidates ---


def covered(candidate: Candidate, kept: Collection[Judged], keys: Collection[str], repo: str) -> bool:
    """Whether a page that stays says what a candidate would: by its key, its name, or the lines that lead it."""
    if candidate.key in keys:
        return True
    same = [judged for judged in kept if judged.is_of(candidate)]
    if candidate.kind == "environment":
        return any(judged.id[1] == _named(candidate, repo) for judged in same)
    leader = candidate.signals[0].place
    return any(place.overlaps(leader) for judged in same for place in judged.places)


def successors(
    left: Sequence[Judged], keys: Mapping[PageId, str], free: Sequence[Candidate], repo: str
) -> dict[PageId, Candidate]:
    """For each page that leaves the candidate of the new source that says what it said, where there is one.

    That is the candidate with the key of its draft or with its name; else the one that shows most of what it quoted. No
    candidate follows two pages.
    """
    found: dict[PageId, Candidate] = {}
    for judged in left:
        of = [candidate for candidate in free if judged.is_of(candidate)]
        same = [c for c in of if c.key == keys.get(judged.id) or _named(c, repo) == judged.id[1]]
        if same and same[0] not in found.values():
            found[judged.id] = same[0]
    for judged in left:
        if judged.id not in found:
            fitting = [c for c in free if judged.is_of(c) and c not in found.values()]
            rated = [(rate, -n) for n, c in enumerate(fitting) if any(rate := _shows(c, judged))]
            if rated:
                found[judged.id] = fitting[-max(rated)[1]]
    return found


def _named(candidate: Candidate, repo: str) -> str:
    return f"{repo}_{candidate.name}"


def _shows(candidate: Candidate, judged: Judged) -> tuple[bool, bool, int]:
    """What a candidate shows of a page: whether it is led by what leads the page, by what the page quotes, and lines.

    Environments are alike only in what leads them: they all quote the line that says which Python is needed.
    """
    leader = candidate.signals[0].place
    first = judged.citations[0].new if judged.citations else None
    leads = first is not None and leader.overlaps(first)
    if candidate.kind == "environment" and not leads:
        return False, False, 0
    shared = sum(signal.place.common(place) for signal in candidate.signals for place in judged.places)
    return leads, any(leader.overlaps(place) for place in judged.places), shared


# --- the record ---


def replaced_by(judged: Judged) -> str:
    """A page that leaves, as the draft that stands for it keeps it."""
    kind, name = judged.id
    citations = tuple(
        Citation(r.fate.value, str(r.old), str(r.new) if r.new else None, r.why, r.diff) for r in judged.citations
    )
    problems = tuple(f"{finding.code} {finding.message}" for finding in judged.findings)
    page = Replaced(
        type=kind,
        name=name,
        source=judged.source,
        since=judged.since,
        text=judged.page.text,
        citations=citations,
        problems=problems,
    )
    return page.model_dump_json()


def as_it_was(judged: Judged, rank: int) -> NewDraft:
    """The draft of a page that nothing replaces: the page as it was, rejected for what does not hold."""
    page = judged.page.page
    assert isinstance(page, Environment | Heuristic)
    lost = [r for r in judged.citations if not r.fate.holds]
    findings = [RecordedFinding("CIT003", "error", 0, f"{r.fate}: {r.why}.", str(r.old)) for r in lost]
    findings += [RecordedFinding(f.code, f.severity.value, f.line, f.message, f.cited) for f in judged.findings]
    if not findings:  # it left at an earlier refresh, and its citations hold again
        message = "the page left the wiki at an earlier refresh, and no candidate of this source says the same"
        findings = [RecordedFinding("CIT003", "error", 0, f"{message}.", "")]
    return NewDraft(
        candidate=f"left-{hashlib.sha256(page.file.encode()).hexdigest()[:12]}",
        type=page.kind.value,
        name=page.name,
        drafter=NOBODY,
        rank=rank,
        score=0.0,
        digest=hashlib.sha256(judged.page.text.encode("utf-8", "surrogateescape")).hexdigest(),
        page=page.model_dump_json(),
        findings=findings,
        replaces=replaced_by(judged),
    )


def kept_draft(draft: Draft, before: Wiki, after: Wiki) -> Kept | None:
    """The accepted draft of a page that stays, at its new places; None where the page is not as it was accepted."""
    was = page_of(draft)
    if standing(before, was) not in (Standing.SAME, Standing.FEWER_LINKS):
        return None
    now = after.pages[was.kind, was.name].page
    assert isinstance(now, Environment | Heuristic)
    gone = before.pages.keys() - after.pages.keys()
    related = tuple(link for link in was.related if (link.kind, link.name) not in gone)
    page = was.model_copy(update={"evidence": now.evidence, "metadata": now.metadata, "related": related})
    return Kept(draft.id, digest_of(page), page.model_dump_json())
