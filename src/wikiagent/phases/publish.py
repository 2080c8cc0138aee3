"""Publishing: accepted pages, backlinks, indexes and report become one edit of the wiki."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wikiagent.check.wiki_rules import check_wiki
from wikiagent.errors import DraftError, WikiError
from wikiagent.ledger import Draft, Ledger
from wikiagent.phases.report import REPORT_FILE, phase3_report, same_but_date
from wikiagent.wiki.edit import apply, recover
from wikiagent.wiki.graph import Wiki, add_links, read_wiki
from wikiagent.wiki.indexes import derive_indexes
from wikiagent.wiki.mediawiki import parse, render
from wikiagent.wiki.page import PAGE_TYPES, Environment, Heuristic, Link, PageKind


@dataclass(frozen=True)
class Edit:
    """What an edit changed: the files written, relative to the wiki."""

    files: tuple[str, ...]


def accept(ledger: Ledger, drafts: Sequence[Draft], who: str, now: str) -> Edit:
    """Accept pending drafts of one wiki: the wiki changes as a whole or not at all, then the decision is recorded.

    Args:
        ledger: the record.
        drafts: the drafts, of the same wiki.
        who: the person, or `policy:…`.
        now: the time, as pages show it.

    Raises:
        DraftError: a draft is not pending, or a page of its name is there that says something else.
        WikiError: the wiki cannot be changed, or would break its own rules.
    """
    for draft in drafts:
        if draft.state != "pending":
            raise DraftError(why_not(draft, ledger))
    edit = publish(ledger, Path(drafts[0].wiki), now, newly=drafts)
    ledger.decide([draft.id for draft in drafts], "accepted", who, now)
    return edit


def reject(ledger: Ledger, drafts: Sequence[Draft], who: str, now: str, reason: str) -> Edit:
    """Reject pending drafts of one wiki: the decision is recorded, then the wiki's report says so.

    Raises:
        DraftError: a draft is not pending.
        WikiError: the report cannot be written.
    """
    for draft in drafts:
        if draft.state != "pending":
            raise DraftError(why_not(draft, ledger))
    ledger.decide([draft.id for draft in drafts], "rejected", who, now, reason)
    return publish(ledger, Path(drafts[0].wiki), now)


def why_not(draft: Draft, ledger: Ledger) -> str:
    """Why a draft cannot be accepted, in a sentence."""
    if draft.state == "rejected" and (findings := ledger.findings(draft.id)):
        codes = ", ".join(sorted({code for code, severity, *_ in findings if severity == "error"}))
        if codes:
            return (
                f"Draft {draft.id} has error findings ({codes}) and cannot be accepted; "
                f"`wikiagent show {draft.id}` prints them."
            )
    return (
        f"Draft {draft.id} is {draft.state}, not pending; `wikiagent drafts --state pending` lists what can be decided."
    )


def publish(ledger: Ledger, root: Path, now: str, newly: Sequence[Draft] = ()) -> Edit:
    """Bring a wiki to what the ledger says, with `newly` accepted drafts added, in one edit.

    Raises:
        DraftError: a page of a draft's name is there that says something else.
        WikiError: the wiki cannot be changed, or would break its own rules.
    """
    recover(root)
    before = read_wiki(root)
    pages = [page_of(draft) for draft in newly]
    for draft, page in zip(newly, pages, strict=True):
        if has_other_page(before, page):
            raise DraftError(
                f"{page.file} is there already and says something else than draft {draft.id}. Merge the two by hand, "
                f"or move the page away and accept the draft again."
            )
    changes = _with_backlinks(before, pages)
    changes.update(derive_indexes(before.edited(changes)))
    ids = {draft.id for draft in newly}
    run = ledger.last_run(root)
    if run is not None:
        drafts = [
            replace(d, state="accepted") if d.id in ids else d for d in ledger.drafts(root) if d.source == run.source
        ]
        report = phase3_report(run, drafts, ledger.findings, before.edited(changes), now)
        if not same_but_date(report, before.files.get(REPORT_FILE, "")):
            changes[REPORT_FILE] = report
    after = before.edited(changes)
    broken = set(check_wiki(after)) - set(check_wiki(before))
    if broken:
        raise WikiError(f"The edit of {root} would break the wiki and was not made: {sorted(broken)[0]}.")
    return Edit(apply(root, changes, before.files))


def page_of(draft: Draft) -> Environment | Heuristic:
    """The page that a draft proposes."""
    page = PAGE_TYPES[PageKind(draft.type)].model_validate_json(draft.page)
    if not isinstance(page, Environment | Heuristic):
        raise DraftError(f"Draft {draft.id} is a {draft.type} page; only Environment and Heuristic pages are drafted.")
    return page


def has_other_page(wiki: Wiki, page: Environment | Heuristic) -> bool:
    """Whether the wiki has a page of this name that says something else (the date and further links do not count)."""
    there = wiki.pages.get((page.kind, page.name))
    return there is not None and _undated(parse(there.text, page.kind, page.name)) != _undated(page)


def _undated(page: object) -> object:
    if not isinstance(page, Environment | Heuristic):
        return page
    return page.model_copy(update={"metadata": page.metadata.model_copy(update={"updated": ""}), "related": ()})


def _with_backlinks(wiki: Wiki, pages: Sequence[Environment | Heuristic]) -> dict[str, str]:
    """Texts of the new pages, and of the pages that they apply to with the links back."""
    changes = {page.file: render(page) for page in pages if (page.kind, page.name) not in wiki.pages}
    back: dict[str, list[Link]] = {}
    for page in pages:
        for link in page.related:
            target = wiki.pages.get((link.kind, link.name))
            if target is not None:
                back.setdefault(target.file, []).append(Link(edge=link.edge, kind=page.kind, name=page.name))
    for file, links in back.items():
        changes[file] = add_links(wiki.files[file], links)
    return changes


def write_pages(root: Path, files: Mapping[str, str], repo: str) -> Edit:
    """Add files to a wiki together with the indexes that follow, in one edit."""
    recover(root)
    before = read_wiki(root, repo)
    changes = {**files, **derive_indexes(before.edited(files))}
    return Edit(apply(root, changes, before.files))
