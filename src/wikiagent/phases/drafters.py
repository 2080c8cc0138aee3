"""Who writes the drafts of a run: what all drafters share, and the extractive one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from wikiagent.check.finding import Finding
from wikiagent.check.gate import check_draft
from wikiagent.draft import extractive
from wikiagent.draft.budget import Price
from wikiagent.draft.related import related_pages
from wikiagent.draft.said import Context
from wikiagent.errors import WikiagentError
from wikiagent.ledger import NewDraft, RecordedFinding
from wikiagent.mine.candidates import Candidate
from wikiagent.review.standing import digest_of
from wikiagent.wiki.graph import Wiki
from wikiagent.wiki.page import Environment, Heuristic

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Skipped:
    """A candidate that gets no draft in this run, and why; the key is that of the candidate."""

    name: str
    why: str
    key: str = ""


@dataclass(frozen=True)
class Drafted:
    """What a drafter made of the candidates of a run.

    Attributes:
        drafts: the drafts.
        skipped: candidates that deserve no page of their own.
        failed: candidates whose draft failed with a call; the next run tries again.
        left: how many candidates were not begun, because the run was stopped.
        stopped: what stopped it, None where nothing did.
    """

    drafts: list[NewDraft]
    skipped: list[Skipped] = field(default_factory=list)
    failed: list[Skipped] = field(default_factory=list)
    left: int = 0
    stopped: WikiagentError | None = None


class Drafter(Protocol):
    """Writes drafts."""

    @property
    def name(self) -> str:
        """How the ledger calls it."""

    @property
    def price(self) -> Price:
        """What its model's tokens cost."""

    def write(self, candidates: Sequence[Candidate], wiki: Wiki, context: Context, run: int, tell: Tell) -> Drafted:
        """Write the drafts of a run.

        Args:
            candidates: the candidates, in the order of their ranks.
            wiki: the wiki that they are for.
            context: what all pages of the run share.
            run: the run's id in the ledger.
            tell: told in one line what is being done.
        """

    def redraft(
        self,
        candidates: Sequence[Candidate],
        wanted: Collection[str],
        wiki: Wiki,
        context: Context,
        run: int,
        tell: Tell,
    ) -> Drafted:
        """Write drafts again that a person rejected.

        Args:
            candidates: all candidates, in the order of their ranks.
            wanted: keys of those that are to be drafted.
            wiki: the wiki that they are for.
            context: what all pages of the run share.
            run: the run's id in the ledger.
            tell: told in one line what is being done.
        """


class Extractive:
    """The extractive drafter: no model, the same candidates give the same drafts."""

    name = extractive.NAME
    price = Price()

    def write(self, candidates: Sequence[Candidate], wiki: Wiki, context: Context, run: int, tell: Tell) -> Drafted:
        """Write a draft for each candidate."""
        tell(f"Drafting and checking {len(candidates)} pages")
        return Drafted([self._draft(rank, candidate, wiki, context) for rank, candidate in enumerate(candidates, 1)])

    def redraft(
        self,
        candidates: Sequence[Candidate],
        wanted: Collection[str],
        wiki: Wiki,
        context: Context,
        run: int,
        tell: Tell,
    ) -> Drafted:
        """Write a draft for each wanted candidate; it says what its evidence says, as before."""
        ranked = [(rank, candidate) for rank, candidate in enumerate(candidates, 1) if candidate.key in wanted]
        return Drafted([self._draft(rank, candidate, wiki, context) for rank, candidate in ranked])

    def _draft(self, rank: int, candidate: Candidate, wiki: Wiki, context: Context) -> NewDraft:
        related = related_pages(candidate, wiki, context.symbols, context.repo)
        page = extractive.draft(candidate, related, context)
        findings = check_draft(page, context.checked, wiki, context.symbols.is_public)
        return new_draft(candidate, rank, self.name, page, findings)


def with_ranks(drafts: Sequence[NewDraft], candidates: Sequence[Candidate]) -> list[NewDraft]:
    """Drafts with the ranks of their candidates among all of a source; a drafter may have seen some of them alone."""
    ranks = {candidate.key: rank for rank, candidate in enumerate(candidates, 1)}
    return [replace(draft, rank=ranks[draft.candidate]) for draft in drafts]


def new_draft(
    candidate: Candidate,
    rank: int,
    drafter: str,
    page: Environment | Heuristic,
    findings: Sequence[Finding],
    written: str = "{}",
) -> NewDraft:
    """A draft as the ledger records it; `written` says how it was written, as JSON."""
    return NewDraft(
        candidate=candidate.key,
        type=page.kind.value,
        name=page.name,
        drafter=drafter,
        rank=rank,
        score=candidate.score,
        digest=digest_of(page),
        page=page.model_dump_json(),
        findings=[RecordedFinding(f.code, f.severity.value, f.line, f.message, f.cited, f.fix) for f in findings],
        written=written,
        evidence=candidate.evidence,
    )
