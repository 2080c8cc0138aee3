"""Phase 3, enrichment: mine the source, draft a page for each candidate, check it, offer or accept it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wikiagent.check.gate import check_draft
from wikiagent.code.symbols import read_symbols
from wikiagent.draft import extractive
from wikiagent.draft.related import related_pages
from wikiagent.draft.said import Context
from wikiagent.ledger import Draft, Ledger, NewDraft, RecordedFinding
from wikiagent.mine.candidates import Candidate, rank
from wikiagent.mine.signal import Signal
from wikiagent.mine.signals import read_signals
from wikiagent.phases.phase0 import map_file, repository_map
from wikiagent.phases.phase2 import implementation_pages
from wikiagent.phases.publish import accept, publish, whole_wiki, write_pages
from wikiagent.phases.report import PATTERNS, Facts, Mined, Pattern
from wikiagent.review.queue import Standing, conflict, page_of, said, standing
from wikiagent.source.evidence import Place
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import Wiki
from wikiagent.wiki.mediawiki import render
from wikiagent.wiki.page import Environment, Heuristic, PageKind

#: Who accepts where the user asked for it with `--accept-valid`.
POLICY = "policy:accept-valid"


@dataclass(frozen=True)
class Plan:
    """What one enrichment works on.

    Attributes:
        snapshot: the source.
        paths: the files of it that are mined.
        wiki: the wiki's folder.
        repo: prefix of the page names.
        link: form of permanent links, None for plain places.
        limit: how many candidates of the ranking are drafted.
        accept_valid: whether drafts free of errors are accepted at once.
        now: the time, as pages show it.
    """

    snapshot: Snapshot
    paths: tuple[str, ...]
    wiki: Path
    repo: str
    link: str | None
    limit: int
    accept_valid: bool
    now: str


@dataclass(frozen=True)
class Outcome:
    """What an enrichment did.

    Attributes:
        made: Implementation pages made first, because the wiki had none.
        signals: places found; candidates: insights they were merged into.
        drafts: the drafts of this run's candidates, with their states at the end.
        accepted: those of them that this run accepted.
        files: the files that were written.
    """

    made: int
    signals: int
    candidates: int
    drafts: tuple[Draft, ...]
    accepted: tuple[Draft, ...]
    files: tuple[str, ...]


def enrich(plan: Plan, ledger: Ledger, tell: Callable[[str], None]) -> Outcome:
    """Run phase 3; a wiki without Implementation pages gets phase 0 and phase 2 first.

    Args:
        plan: what to work on.
        ledger: where drafts and decisions are recorded.
        tell: told in one line what is being done.

    Raises:
        WikiError: the wiki cannot be read or changed.
    """
    tell("Reading symbols")
    symbols = read_symbols(plan.snapshot, plan.paths)
    context = Context(plan.snapshot, symbols, plan.repo, plan.link, plan.now)
    made, files = _prepare(plan, context, tell)
    wiki = whole_wiki(plan.wiki, plan.repo)

    tell("Mining signals")
    signals = read_signals(plan.snapshot, plan.paths, symbols)
    candidates = rank(signals, symbols, context.vocabulary)

    tell(f"Drafting and checking {min(plan.limit, len(candidates))} pages")
    new = [_draft(number, candidate, wiki, context) for number, candidate in enumerate(candidates[: plan.limit], 1)]
    facts = _facts(plan.repo, signals, candidates)
    source, digest = plan.snapshot.source, plan.snapshot.digest
    run = ledger.start_run(plan.wiki, source, digest, extractive.NAME, plan.now, facts.model_dump_json())
    _offer_again(new, wiki, ledger, plan)
    recorded = ledger.record(run, plan.wiki, source, new, {candidate.key for candidate in candidates})
    drafts = [_settled(draft, wiki, ledger, plan.now) for draft in recorded]

    tell("Writing the wiki")
    known = ledger.drafts(plan.wiki)
    ready = [d for d in drafts if plan.accept_valid and d.state == "pending" and not conflict(d, wiki, known)]
    changed = accept(ledger, ready, POLICY, plan.now) if ready else publish(ledger, plan.wiki, plan.now)
    ended = tuple(ledger.draft(draft.id) for draft in drafts)
    return Outcome(made, len(signals), len(candidates), ended, tuple(ready), tuple(sorted({*files, *changed})))


def _prepare(plan: Plan, context: Context, tell: Callable[[str], None]) -> tuple[int, tuple[str, ...]]:
    """Phases 0 and 2 for a wiki that has no Implementation page; returns how many pages were made, and what changed."""
    wiki = whole_wiki(plan.wiki, plan.repo)
    if any(kind is PageKind.IMPLEMENTATION for kind, _ in wiki.pages):
        return 0, ()
    tell("The wiki has no Implementation pages: phase 0 maps the files, phase 2 writes a page for each public symbol")
    pages = implementation_pages(context)
    files = {page.file: render(page) for page in pages}
    files[map_file(plan.repo)] = repository_map(plan.snapshot, plan.paths, context.symbols, plan.repo)
    return len(pages), write_pages(plan.wiki, files, plan.repo)


def _draft(number: int, candidate: Candidate, wiki: Wiki, context: Context) -> NewDraft:
    related = related_pages(candidate, wiki, context.symbols, context.repo)
    page = extractive.draft(candidate, related, context)
    findings = check_draft(page, context.snapshot, context.vocabulary, wiki, context.symbols.is_public)
    return NewDraft(
        candidate=candidate.key,
        type=page.kind.value,
        name=page.name,
        drafter=extractive.NAME,
        rank=number,
        score=candidate.score,
        digest=digest_of(page),
        page=page.model_dump_json(),
        findings=[RecordedFinding(f.code, f.severity.value, f.line, f.message, f.cited, f.fix) for f in findings],
    )


def digest_of(page: Environment | Heuristic) -> str:
    """SHA-256, in hex, of what a page says, quotes and links to, whichever lines that stands at.

    A decision about a page holds for as long as this stays: a README edited elsewhere brings no page back.
    """
    anywhere = tuple(e.model_copy(update={"first": 1, "last": 1, "url": None}) for e in page.evidence)
    same = said(page).model_copy(update={"evidence": anywhere, "related": page.related})
    return hashlib.sha256(same.model_dump_json().encode()).hexdigest()


def _offer_again(new: Sequence[NewDraft], wiki: Wiki, ledger: Ledger, plan: Plan) -> None:
    """Make accepted drafts of these candidates pending whose page is gone from the wiki."""
    candidates = {draft.candidate for draft in new}
    for draft in ledger.drafts(plan.wiki, "accepted"):
        if draft.candidate in candidates and standing(wiki, page_of(draft)) is Standing.ABSENT:
            why = "its page is gone from the wiki"
            with ledger.deciding([draft.id], "pending", "wikiagent", plan.now, why, was="accepted"):
                pass  # nothing else follows


def _settled(draft: Draft, wiki: Wiki, ledger: Ledger, now: str) -> Draft:
    """Accept a pending draft whose page is in the wiki: a run died after its edit, or it came with another store."""
    if draft.state == "pending" and standing(wiki, page_of(draft)) is Standing.SAME:
        with ledger.deciding([draft.id], "accepted", "wikiagent", now, "its page is in the wiki"):
            return replace(draft, state="accepted")
    return draft


def _facts(repo: str, signals: Sequence[Signal], candidates: Sequence[Candidate]) -> Facts:
    places: dict[str, list[Place]] = {}
    for signal in signals:
        places.setdefault(signal.kind, []).append(signal.place)
    kinds = [kind for kind in PATTERNS if kind in places] + sorted(places.keys() - PATTERNS.keys())
    return Facts(
        repo=repo,
        patterns=[
            Pattern(
                kind=k, places=len(set(places[k])), files=len({p.path for p in places[k]}), example=str(places[k][0])
            )
            for k in kinds
        ],
        ranking=[
            Mined(name=f"{repo}_{c.name}", place=str(c.signals[0].place), kind=c.signals[0].kind) for c in candidates
        ],
    )
