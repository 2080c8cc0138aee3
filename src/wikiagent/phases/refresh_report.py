"""What a refresh did, as a value, and its report: every figure in it is counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from wikiagent.check.relocate import Fate, View, relocate
from wikiagent.ledger import Draft, NewDraft
from wikiagent.phases.drafters import Skipped
from wikiagent.phases.refreshed_pages import NOBODY, Judged
from wikiagent.phases.refreshed_symbols import SymbolPages
from wikiagent.phases.report import template
from wikiagent.review.standing import Replaced
from wikiagent.source.origin import slug
from wikiagent.wiki.graph import PageId, Wiki
from wikiagent.wiki.page import Environment, Heuristic


class Offered(NamedTuple):
    """A draft of a refresh; `id` is None where nothing was recorded, `replaces` is the page that it stands for."""

    id: int | None
    state: str
    type: str
    name: str
    drafter: str
    replaces: Replaced | None

    @property
    def is_new(self) -> bool:
        """Whether it is of a signal that no page told of, and nothing was decided about it earlier."""
        return self.replaces is None and self.state == "pending"

    @property
    def is_as_it_was(self) -> bool:
        """Whether no new draft was made: it is the page that left."""
        return self.drafter == NOBODY


def offered(draft: NewDraft, recorded: Draft | None = None) -> Offered:
    """A draft as it is offered; where it was recorded, with its number and what was decided about it earlier."""
    stands_for = Replaced.model_validate_json(draft.replaces) if draft.replaces else None
    if recorded is not None:
        return Offered(recorded.id, recorded.state, draft.type, draft.name, draft.drafter, stands_for)
    state = "rejected" if any(finding.severity == "error" for finding in draft.findings) else "pending"
    return Offered(None, state, draft.type, draft.name, draft.drafter, stands_for)


class Unmarked(NamedTuple):
    """A place that a page without a revision names and that the new source does not have so."""

    page: str
    place: str
    why: str


@dataclass
class Refreshed:
    """What a refresh did, or would do.

    Attributes:
        wiki: the wiki's folder.
        sources: the sources that its pages named before.
        source: the new source; `revision` is the version, commit or digest in it.
        now: the time, as pages show it.
        dry_run: whether nothing was written.
        nothing_to_do: whether all pages were of the new source already.
        judged: the Environment and Heuristic pages that name their source, with what became of them.
        earlier: the pages that left at an earlier refresh and still await review.
        symbols: what was done about the pages of symbols.
        foreign: what does not hold on pages that name no source.
        unavailable: earlier sources that could not be had.
        settled: candidates that are not drafted again, with what a person decided about them.
        drafts: the drafts of this refresh.
        report: the text of the report.
        files: the files that were changed.
    """

    wiki: Path
    sources: tuple[str, ...]
    source: str
    revision: str
    now: str
    dry_run: bool
    nothing_to_do: bool = False
    judged: list[Judged] = field(default_factory=list)
    earlier: list[Judged] = field(default_factory=list)
    symbols: SymbolPages = field(default_factory=SymbolPages)
    foreign: list[Unmarked] = field(default_factory=list)
    unavailable: list[str] = field(default_factory=list)
    settled: list[Skipped] = field(default_factory=list)
    drafts: list[Offered] = field(default_factory=list)
    report: str = ""
    files: tuple[str, ...] = ()

    @property
    def kept(self) -> list[Judged]:
        """The pages that stay."""
        return [judged for judged in self.judged if judged.stays]

    @property
    def left(self) -> list[Judged]:
        """The pages that leave the wiki."""
        return [judged for judged in self.judged if not judged.stays]

    @property
    def classes(self) -> dict[str, int]:
        """How many citations there are of each class."""
        counted = Counter(citation.fate for judged in self.judged for citation in judged.citations)
        return {fate.value: counted[fate] for fate in Fate}

    @property
    def new_drafts(self) -> list[Offered]:
        """The drafts of new signals."""
        return [draft for draft in self.drafts if draft.is_new]

    def standing_for(self, page: PageId) -> Offered | None:
        """The draft that stands for a page that left."""
        fitting = [d for d in self.drafts if d.replaces and (d.replaces.type, d.replaces.name) == page]
        return fitting[0] if fitting else None

    def as_json(self) -> dict[str, Any]:
        """All of it, as scripts read it."""
        return {
            "wiki": str(self.wiki),
            "sources": list(self.sources),
            "source": self.source,
            "dry_run": self.dry_run,
            "nothing_to_do": self.nothing_to_do,
            "citations": self.classes,
            "pages": [self._page(judged) for judged in self.judged],
            "implementations": {
                "derived": self.symbols.derived,
                "edited": self.symbols.edited,
                "gone": self.symbols.gone,
                "new": self.symbols.new,
            },
            "foreign": [place._asdict() for place in self.foreign],
            "unavailable": self.unavailable,
            "drafts": [
                {
                    "id": draft.id,
                    "state": draft.state,
                    "type": draft.type,
                    "name": draft.name,
                    "replaces": draft.replaces.name if draft.replaces else None,
                }
                for draft in self.drafts
            ],
            "files": list(self.files),
        }

    def _page(self, judged: Judged) -> dict[str, Any]:
        draft = None if judged.stays else self.standing_for(judged.id)
        return {
            "type": judged.id[0].value,
            "name": judged.id[1],
            "stays": judged.stays,
            "draft": draft.id if draft else None,
            "citations": [
                {"class": r.fate.value, "old": str(r.old), "new": str(r.new) if r.new else None, "why": r.why}
                for r in judged.citations
            ],
            "findings": [f"{finding.code} {finding.message}" for finding in judged.findings],
        }


def report_file(revision: str) -> str:
    """Path of the report from the root of the wiki."""
    return f"_reports/refresh_{slug(revision)}.md"


def refresh_report(done: Refreshed) -> str:
    """The text of the report."""
    return template("refresh.md.j2").render(done=done, fates=list(Fate), date=done.now[:10], waits=_waits)


def _waits(draft: Offered | None) -> str:
    """What waits for review in place of a page."""
    if draft is None:
        return "What its evidence became says what was decided about earlier."
    number = f"Draft {draft.id}" if draft.id else "A draft"
    if draft.is_as_it_was:
        return f"No candidate of the new source says the same; {number.lower()} keeps the page as it was, rejected."
    return f"{number} ({draft.name}, {draft.state}) is made of what its evidence became."


def unmarked_places(wiki: Wiki, new: View) -> list[Unmarked]:
    """What pages that name no source say of places, and the new source does not have; their text stays."""
    found = []
    for page in wiki.pages.values():
        said = page.page
        if said.metadata.revision:
            continue
        if isinstance(said, Environment | Heuristic):
            told = [relocate(exhibit.place, exhibit.code, None, new) for exhibit in said.evidence]
            found += [
                Unmarked(page.name, str(r.old), r.why or f"the text stands at {r.new}")
                for r in told
                if r.fate is not Fate.UNCHANGED
            ]
            continue
        for place in said.source:
            lines = len(new.lines(place.path))
            if not new.snapshot.has(place.path):
                found.append(Unmarked(page.name, str(place), f"{place.path} is no file of {new.snapshot.source}"))
            elif not 1 <= place.first <= place.last <= lines:
                found.append(Unmarked(page.name, str(place), f"{place.path} has the lines 1-{lines}"))
    return found
