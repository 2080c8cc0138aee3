"""Phase 3, enrichment: mine the source, draft a page for each candidate, check it, offer or accept it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wikiagent.code.symbols import read_symbols
from wikiagent.draft.budget import Price
from wikiagent.draft.said import Context
from wikiagent.ledger import CallLog, Draft, Ledger, NewDecision, NewDraft
from wikiagent.mine.candidates import Candidate, rank
from wikiagent.mine.signal import Signal
from wikiagent.mine.signals import read_signals
from wikiagent.phases.drafters import Drafted, Drafter, Skipped, with_ranks
from wikiagent.phases.phase0 import map_file, repository_map
from wikiagent.phases.phase2 import implementation_pages
from wikiagent.phases.publish import edit_of, publish, whole_wiki, write_pages
from wikiagent.phases.report import PATTERNS, Facts, Mined, Pattern, Reason
from wikiagent.phases.settled import unsettled
from wikiagent.phases.usage import Row, stage_rows
from wikiagent.review.desk import Desk
from wikiagent.review.promises import settle
from wikiagent.review.standing import Standing, accepted_of, conflict, page_of, standing
from wikiagent.source.evidence import Place
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import Wiki
from wikiagent.wiki.mediawiki import render
from wikiagent.wiki.page import PageKind

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
        run: its id in the ledger.
        made: Implementation pages made first, because the wiki had none.
        signals: places found; candidates: insights they were merged into.
        drafts: the drafts of this run's candidates, with their states at the end.
        accepted: those of them that this run accepted.
        files: the files that were written.
        done: what the drafter made, skipped and left.
        settled: candidates that were not drafted after what a person decided about them.
        usage: what the calls of this run cost, by stage.
    """

    run: int
    made: int
    signals: int
    candidates: int
    drafts: tuple[Draft, ...]
    accepted: tuple[Draft, ...]
    files: tuple[str, ...]
    done: Drafted
    settled: list[Skipped]
    usage: list[Row]


def enrich(plan: Plan, drafter: Drafter, ledger: Ledger, tell: Callable[[str], None]) -> Outcome:
    """Run phase 3; a wiki without Implementation pages gets phase 0 and phase 2 first.

    Args:
        plan: what to work on.
        drafter: who writes the drafts.
        ledger: where drafts and decisions are recorded.
        tell: told in one line what is being done.

    Raises:
        WikiError: the wiki cannot be read or changed.
    """
    settle(ledger, plan.wiki, plan.now)
    found = survey(plan, tell)
    made, files = _prepare(plan, found.context, tell)
    wiki = whole_wiki(plan.wiki, plan.repo)
    signals, candidates = found.signals, found.candidates

    facts = facts_about(plan.repo, signals, candidates, drafter.price)
    source, digest = plan.snapshot.source, plan.snapshot.digest
    run = ledger.start_run(plan.wiki, source, digest, drafter.name, plan.now, facts.model_dump_json())
    first, settled = unsettled(ledger, plan.wiki, wiki, source, candidates[: plan.limit], plan.repo)
    done = drafter.write(first, wiki, found.context, run, tell)
    done = replace(done, drafts=with_ranks(done.drafts, candidates))
    facts = _told(facts, candidates, done, settled)
    ledger.add_facts(run, facts.model_dump_json())
    _offer_again(done.drafts, wiki, ledger, plan)
    keys = {candidate.key for candidate in candidates}
    recorded = ledger.record(run, plan.wiki, source, done.drafts, keys - {skipped.key for skipped in done.skipped})
    drafts = [_as_in_wiki(draft, wiki, ledger, plan.now) for draft in recorded]

    tell("Writing the wiki")
    known = accepted_of(ledger.drafts(plan.wiki, "accepted"))
    ready = [d for d in drafts if plan.accept_valid and _for_policy(d) and not conflict(d, wiki, known)]
    policy = Desk(ledger, plan.wiki, POLICY, edit_of, None, lambda: plan.now)
    changed = policy.accept([draft.id for draft in ready]) if ready else publish(ledger, plan.wiki, plan.now)
    ended = tuple(ledger.draft(draft.id) for draft in drafts)
    written = tuple(sorted({*files, *changed}))
    usage = stage_rows(CallLog(ledger.file).usage(run=run), drafter.price)
    return Outcome(run, made, len(signals), len(candidates), ended, tuple(ready), written, done, settled, usage)


@dataclass(frozen=True)
class Survey:
    """What the source holds, before anything is written: its context, signals, and ranked candidates."""

    context: Context
    signals: list[Signal]
    candidates: list[Candidate]


def survey(plan: Plan, tell: Callable[[str], None]) -> Survey:
    """Read and mine the source of a plan; nothing is written."""
    tell("Reading symbols")
    symbols = read_symbols(plan.snapshot, plan.paths)
    context = Context(plan.snapshot, symbols, plan.repo, plan.link, plan.now)
    tell("Mining signals")
    signals = read_signals(plan.snapshot, plan.paths, symbols)
    return Survey(context, signals, rank(signals, symbols, context.vocabulary))


def as_prepared(wiki: Wiki, context: Context) -> Wiki:
    """A wiki as it is once phase 2 has run, without writing it."""
    if any(kind is PageKind.IMPLEMENTATION for kind, _ in wiki.pages):
        return wiki
    return wiki.edited({page.file: render(page) for page in implementation_pages(context)})


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


def _offer_again(new: Sequence[NewDraft], wiki: Wiki, ledger: Ledger, plan: Plan) -> None:
    """Make accepted drafts of these candidates pending whose page is gone from the wiki."""
    candidates = {draft.candidate for draft in new}
    for draft in ledger.drafts(plan.wiki, "accepted"):
        if draft.candidate in candidates and standing(wiki, page_of(draft)) is Standing.ABSENT:
            why = "its page is gone from the wiki"
            with ledger.deciding([NewDecision(draft.id, "pending", "pending", "accepted", why)], "wikiagent", plan.now):
                pass  # nothing else follows


def _for_policy(draft: Draft) -> bool:
    """Whether a policy may accept a draft: one that answers to a person is for a person to decide."""
    return draft.state == "pending" and draft.redrafts is None


def _as_in_wiki(draft: Draft, wiki: Wiki, ledger: Ledger, now: str) -> Draft:
    """Accept a pending draft whose page is in the wiki: a run died after its edit, or it came with another store."""
    if draft.state == "pending" and standing(wiki, page_of(draft)) is Standing.SAME:
        made = NewDecision(draft.id, "accepted", "accepted", reason="its page is in the wiki")
        with ledger.deciding([made], "wikiagent", now):
            return replace(draft, state="accepted")
    return draft


def _told(facts: Facts, candidates: Sequence[Candidate], done: Drafted, settled: Sequence[Skipped]) -> Facts:
    """The facts with what was not drafted and why, and with the names that the drafter gave to the pages."""
    names = {draft.candidate: draft.name for draft in done.drafts}
    ranking = [
        mined.model_copy(update={"name": names.get(candidate.key, mined.name)})
        for mined, candidate in zip(facts.ranking, candidates, strict=True)
    ]
    return facts.model_copy(update={"ranking": ranking, "skipped": reasons(done.skipped), "settled": reasons(settled)})


def reasons(skipped: Sequence[Skipped]) -> list[Reason]:
    """Why candidates get no draft, as the report needs it."""
    return [Reason(name=each.name, why=each.why) for each in skipped]


def facts_about(repo: str, signals: Sequence[Signal], candidates: Sequence[Candidate], price: Price) -> Facts:
    """What a run found, as its report needs it."""
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
        price_in=price.tokens_in,
        price_out=price.tokens_out,
    )
