"""Refresh: a wiki follows its source to another revision.

Every citation is looked for in the new source. A page whose citations all hold stays, rewritten. Another leaves the
wiki with its links; it waits in the queue, with how its evidence changed. What phases 0 and 2 wrote is derived anew,
new signals become candidates, and a report says all of it. Wiki and ledger change together or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace

from packaging.utils import canonicalize_name
from packaging.version import Version

from wikiagent.check.relocate import View
from wikiagent.code.symbols import read_symbols
from wikiagent.draft.said import Context
from wikiagent.errors import SourceError, WikiError
from wikiagent.ledger import Draft, Ledger, NewDraft, Run
from wikiagent.mine.candidates import Candidate
from wikiagent.phases.drafters import Drafter
from wikiagent.phases.phase3 import Plan, Survey, facts_about, reasons, survey
from wikiagent.phases.publish import refuse_to_break, report_of_phase3, whole_wiki
from wikiagent.phases.refresh_report import Refreshed, offered, refresh_report, report_file, unmarked_places
from wikiagent.phases.refreshed_pages import (
    NOBODY,
    Judged,
    Origin,
    Origins,
    as_it_was,
    covered,
    judge_page,
    kept_draft,
    present,
    replaced_by,
    successors,
    waiting_pages,
)
from wikiagent.phases.refreshed_symbols import refresh_symbols
from wikiagent.phases.report import facts_of
from wikiagent.phases.settled import unsettled
from wikiagent.review.promises import promise_edit, settle
from wikiagent.review.standing import replaced_page
from wikiagent.source.origin import Package, parse_source
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import LEAVES, PageId, Wiki, read_wiki, remove_links
from wikiagent.wiki.indexes import derive_indexes, mark_awaiting
from wikiagent.wiki.page import PageKind

Changes = dict[str, str | None]
"""New texts of the wiki by file; None for a file that goes."""

OldSource = Callable[[str], tuple[Snapshot, tuple[str, ...]] | None]
"""An earlier source of the wiki, with the files of it that are mined; None where it cannot be had."""


def refresh(
    plan: Plan, old: OldSource, drafter: Drafter, ledger: Ledger, tell: Callable[[str], None], *, dry_run: bool = False
) -> Refreshed:
    """Bring a wiki to another revision of its source.

    Args:
        plan: what to work on; `accept_valid` does not count, for what is new is a person's to decide.
        old: how to get at the sources that the pages were written from.
        drafter: who drafts what left and what is new.
        ledger: where drafts are recorded.
        tell: told in one line what is being done.
        dry_run: whether to say only what would be done.

    Raises:
        WikiError: there is no wiki, it is of another package or of a newer revision, or it cannot be changed.
    """
    if not dry_run:
        settle(ledger, plan.wiki, plan.now)
    wiki = read_wiki(plan.wiki, plan.repo) if dry_run else whole_wiki(plan.wiki, plan.repo)
    source = plan.snapshot.source
    refuse_other(wiki, plan.wiki, plan.snapshot.name, source)
    sources = sources_of(wiki, plan.snapshot.name)
    done = Refreshed(plan.wiki, sources, source, plan.snapshot.revision, plan.now, dry_run, sources == (source,))
    if done.nothing_to_do:
        return done
    found = survey(plan, tell)
    new = Origin(View(plan.snapshot), found.context)
    origins = _Origins(old, plan)
    tell("Looking for the citations in the new source")
    done.judged = _judged(wiki, sources, origins, new)
    done.foreign = unmarked_places(wiki, new.view)
    done.symbols = refresh_symbols(wiki, sources, origins, new, plan.paths)
    drafts = ledger.drafts(plan.wiki)
    done.earlier = [
        replace(judge_page(page, was.source, origins(was.source), new, wiki), text="", since=was.since)
        for page, was in waiting_pages(wiki, drafts)
    ]
    done.unavailable = origins.unavailable
    changes = _page_changes(wiki, done)
    rejected = {(d.candidate, d.digest) for d in drafts if d.state == "rejected" and ledger.decisions(d.id)}
    after = wiki.edited(changes)
    free, done.settled = unsettled(ledger, plan.wiki, after, source, found.candidates, plan.repo)
    drafted = _drafts(
        done,
        drafts,
        rejected,
        found,
        free,
        plan,
        lambda wanted: drafter.write(wanted, after, found.context, 0, tell).drafts,
    )
    changes = _with_indexes(wiki, changes, done)
    refuse_to_break(wiki, wiki.edited(changes), plan.wiki)
    if dry_run:
        done.drafts = [offered(draft) for draft in drafted]
        done.report = refresh_report(done)
        return done
    tell("Writing the wiki")
    run, keys = _run(plan, found, done, drafter), {candidate.key for candidate in found.candidates}
    _write(plan, done, drafted, wiki, changes, run, keys, ledger)
    return done


# --- what can be refreshed ---


def sources_of(wiki: Wiki, name: str | None = None) -> tuple[str, ...]:
    """The sources that the pages of a wiki name, of all packages or of one."""
    named = dict.fromkeys(page.page.metadata.revision for page in wiki.pages.values())
    return tuple(source for source in named if source and (name is None or _name(source) == canonicalize_name(name)))


def refuse_other(wiki: Wiki, folder: object, name: str = "", source: str = "") -> None:
    """Only a wiki that this program wrote, about the same package and of no newer version, can follow a source.

    Args:
        wiki: the wiki.
        folder: where it is.
        name: name of the package, empty where that is not known yet.
        source: the new source.

    Raises:
        WikiError: it is none of these; the message says why.
    """
    sources = sources_of(wiki)
    if not wiki.pages:
        raise WikiError(f"{folder} is no wiki: it has no pages. Name the folder that holds `heuristics/` and the like.")
    if not sources:
        raise WikiError(f"No page of {folder} says from which source it is; run `wikiagent enrich` for it.")
    if not name:
        return
    refuse_foreign(wiki, folder, name)
    newest = max((v for known in sources if (v := _version(known, name))), default=None)
    asked = _version(source, name)
    if newest and asked and asked < newest:
        raise WikiError(f"{source} is older than the wiki {folder}, which has pages of {newest}; name a newer version.")


def refuse_foreign(wiki: Wiki, folder: object, name: str) -> None:
    """A wiki whose pages name their sources takes no pages about something else.

    Raises:
        WikiError: none of its sources has this name.
    """
    names = sorted({_name(known) for known in sources_of(wiki)})
    if names and canonicalize_name(name) not in names:
        raise WikiError(
            f"The wiki {folder} is about {', '.join(names)}, not about {name}. Name its own source; for the same code "
            f"under another name, `wikiagent enrich --repo {wiki.repo or 'PREFIX'}` goes on with it."
        )


def _name(source: str) -> str:
    """The name of a source, in one spelling: a package may have dashes where its folder has underscores."""
    name = source.removeprefix("path:").partition("@")[0]
    if not source.startswith("path:"):
        with suppress(SourceError):  # somebody wrote it
            name = str(getattr(parse_source(source), "name", source))
    return canonicalize_name(name)


def _version(source: str, name: str) -> Version | None:
    parsed = parse_source(source) if _name(source) == canonicalize_name(name) and source.startswith("pypi:") else None
    return parsed.version if isinstance(parsed, Package) else None


class _Origins:
    """The earlier sources, each read once."""

    def __init__(self, old: OldSource, plan: Plan) -> None:
        self._old = old
        self._plan = plan
        self._known: dict[str, Origin | None] = {}

    def __call__(self, source: str) -> Origin | None:
        if source not in self._known:
            had = self._old(source)
            self._known[source] = self._origin(*had) if had else None
        return self._known[source]

    def _origin(self, snapshot: Snapshot, paths: tuple[str, ...]) -> Origin:
        view, plan = View(snapshot), self._plan
        return Origin(view, Context(snapshot, read_symbols(snapshot, paths), plan.repo, plan.link, plan.now))

    @property
    def unavailable(self) -> list[str]:
        """The sources that could not be had."""
        return [source for source, origin in self._known.items() if origin is None]


# --- what becomes of the pages ---


def _judged(wiki: Wiki, sources: Collection[str], origins: Origins, new: Origin) -> list[Judged]:
    judged = []
    for page in wiki.pages.values():
        source = page.page.metadata.revision if page.kind in LEAVES else None
        if source == new.context.snapshot.source:
            judged.append(present(page, source))
        elif source and source in sources:
            judged.append(judge_page(page, source, origins(source), new, wiki))
    return judged


def _page_changes(wiki: Wiki, done: Refreshed) -> Changes:
    """The new texts of all pages; those that leave go with the links to them."""
    changes: Changes = {j.page.file: j.text or None for j in done.judged}
    changes.update(done.symbols.changes)
    after = wiki.edited(changes)
    gone = wiki.pages.keys() - after.pages.keys()
    changes.update({page.file: remove_links(page.text, gone) for page in after.pages.values()})
    return {file: text for file, text in changes.items() if text != wiki.files.get(file)}


def _with_indexes(wiki: Wiki, changes: Changes, done: Refreshed) -> Changes:
    since: dict[PageId, str | None] = {judged.id: judged.since for judged in done.left}
    whole = wiki.edited(derive_indexes(wiki))
    marked = mark_awaiting(whole, since)
    indexes = derive_indexes(whole.edited({**changes, **marked}))
    return {**changes, **{file: text for file, text in indexes.items() if text != wiki.files.get(file)}}


def _drafts(
    done: Refreshed,
    known: Sequence[Draft],
    rejected: Collection[tuple[str, str]],
    found: Survey,
    unsettled: Sequence[Candidate],
    plan: Plan,
    write: Callable[[Sequence[Candidate]], list[NewDraft]],
) -> list[NewDraft]:
    """The drafts for what left, now or earlier, and for what is new; what a person rejected stands for no page."""
    accepted = {(PageKind(d.type), d.name): d.candidate for d in known if d.state == "accepted"}
    keys = {accepted[judged.id] for judged in done.kept if judged.id in accepted}
    free = [c for c in unsettled if not covered(c, done.kept, keys, plan.repo)]
    left = [*done.left, *done.earlier]
    following = {id_: c.key for id_, c in successors(left, _keys(known), free, plan.repo).items()}
    first = {candidate.key for candidate in found.candidates[: plan.limit]}
    written = write([c for c in free if c.key in first or c.key in following.values()])
    offered_now = {draft.candidate for draft in written if (draft.candidate, draft.digest) not in rejected}
    stands_for = {following[j.id]: j for j in left if following.get(j.id) in offered_now}
    ranks = {candidate.key: rank for rank, candidate in enumerate(found.candidates, 1)}
    last = len(ranks) + 1  # behind everything that has a rank
    drafts = [
        replace(d, rank=ranks[d.candidate], replaces=replaced_by(page) if (page := stands_for.get(d.candidate)) else "")
        for d in written
    ]
    replaced = {judged.id for judged in stands_for.values()}
    return [*drafts, *(as_it_was(judged, last) for judged in left if judged.id not in replaced)]


def _keys(known: Iterable[Draft]) -> dict[PageId, str]:
    """The key of the candidate that each page was last drafted from."""
    drafted = sorted((draft for draft in known if draft.drafter != NOBODY), key=lambda draft: draft.id)
    return {replaced_page(draft) or (PageKind(draft.type), draft.name): draft.candidate for draft in drafted}


# --- the edit ---


def _run(plan: Plan, found: Survey, done: Refreshed, drafter: Drafter) -> Run:
    """The run of a refresh, with what it found; its id is given by the ledger."""
    facts = facts_about(plan.repo, found.signals, found.candidates, drafter.price)
    facts = facts.model_copy(update={"settled": reasons(done.settled)})
    source, digest = plan.snapshot.source, plan.snapshot.digest
    return Run(0, str(plan.wiki), source, digest, drafter.name, plan.now, facts.model_dump_json())


def _write(
    plan: Plan,
    done: Refreshed,
    drafted: Sequence[NewDraft],
    wiki: Wiki,
    changes: Changes,
    run: Run,
    keys: set[str],
    ledger: Ledger,
) -> None:
    """Ledger and wiki in one: the ledger keeps what it is told with the edit that follows, which then is made."""
    accepted = {
        (PageKind(draft.type), draft.name): draft for draft in ledger.drafts(plan.wiki) if draft.state == "accepted"
    }
    after = wiki.edited(changes)
    kept = [kept_draft(accepted[judged.id], wiki, after) for judged in done.kept if judged.id in accepted]
    left = [accepted[judged.id].id for judged in done.left if judged.id in accepted]
    keys = keys | {draft.candidate for draft in drafted}
    with ledger.refreshing(run, drafted, keys, list(filter(None, kept)), left) as (recorded, new, drafts, promise):
        done.drafts = [offered(*both) for both in zip(drafted, new, strict=True)]
        done.report = refresh_report(done)
        changes = {**changes, report_file(done.revision): done.report}
        said = {draft.id: "its evidence does not hold" for draft in new if draft.state == "rejected"}
        after = wiki.edited(changes)
        changes.update(report_of_phase3(ledger, recorded, facts_of(run), drafts, after, plan.now, said))
        promise_edit(promise, plan.wiki, changes, wiki.files)
    done.files = settle(ledger, plan.wiki, plan.now)
