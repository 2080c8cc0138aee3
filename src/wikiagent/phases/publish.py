"""Publishing: accepted pages, backlinks, indexes and report become one edit of the wiki."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from wikiagent.check.wiki_rules import check_wiki
from wikiagent.errors import DraftError, WikiError
from wikiagent.ledger import CallLog, Draft, Ledger, Run
from wikiagent.phases.report import REPORT_FILE, Facts, facts_of, phase3_report, same_but_date
from wikiagent.review.queue import Standing, page_of, refuse_closed, replaced_page, standing
from wikiagent.wiki.edit import apply, recover
from wikiagent.wiki.graph import LEAVES, PageId, Wiki, add_links, read_wiki
from wikiagent.wiki.indexes import derive_indexes, mark_awaiting
from wikiagent.wiki.mediawiki import render
from wikiagent.wiki.page import Link, Name

_NAME: TypeAdapter[str] = TypeAdapter(Name)


def accept(ledger: Ledger, drafts: Sequence[Draft], who: str, now: str) -> tuple[str, ...]:
    """Accept pending drafts of one wiki: wiki and decision change together or not at all.

    Args:
        ledger: the record.
        drafts: the drafts, of the same wiki.
        who: the person, or `policy:…`.
        now: the time, as pages show it.

    Returns:
        The files that were changed, from the wiki's root, sorted.

    Raises:
        DraftError: a draft is not pending, or a page of its name is there that says something else.
        WikiError: the wiki cannot be changed, or would break its own rules.
    """
    return _decide(ledger, drafts, "accepted", who, now)


def reject(ledger: Ledger, drafts: Sequence[Draft], who: str, now: str, reason: str) -> tuple[str, ...]:
    """Reject pending drafts of one wiki: the wiki's report and the decision change together or not at all.

    Returns:
        The files that were changed, from the wiki's root, sorted.

    Raises:
        DraftError: a draft is not pending.
        WikiError: the report cannot be written.
    """
    return _decide(ledger, drafts, "rejected", who, now, reason)


def _decide(
    ledger: Ledger, drafts: Sequence[Draft], decision: str, who: str, now: str, reason: str = ""
) -> tuple[str, ...]:
    refuse_closed(drafts, [ledger.findings(draft.id) for draft in drafts], decision)
    root = Path(drafts[0].wiki)
    if not root.is_dir():
        raise WikiError(f"The wiki {root} is not there any more; put it back, or run `wikiagent enrich` for another.")
    with ledger.deciding([draft.id for draft in drafts], decision, who, now, reason):
        return publish(ledger, root, now, [replace(draft, state=decision) for draft in drafts], reason)


def publish(ledger: Ledger, root: Path, now: str, decided: Sequence[Draft] = (), reason: str = "") -> tuple[str, ...]:
    """Bring a wiki to what the ledger says, in one edit.

    Args:
        ledger: the record.
        root: the wiki's folder.
        now: the time, as pages show it.
        decided: drafts in their new state that are being decided; pages of the accepted ones are added.
        reason: why they are decided so.

    Returns:
        The files that were changed, from the wiki's root, sorted.

    Raises:
        DraftError: a page of a draft's name is there that says something else.
        WikiError: the wiki cannot be changed, or would break its own rules.
    """
    run = ledger.last_run(root)
    facts = facts_of(run) if run else None
    before = whole_wiki(root, facts.repo if facts else None)
    changes = _with_links(before, [draft for draft in decided if draft.state == "accepted"])
    changes.update(mark_awaiting(before, {replaced: None for draft in decided if (replaced := replaced_page(draft))}))
    changes.update(derive_indexes(before.edited(changes)))
    after = before.edited(changes)
    refuse_to_break(before, after, root)
    if run and facts:
        drafts = {draft.id: draft for draft in (*ledger.drafts(root), *decided)}
        said = {draft.id: reason for draft in decided}
        changes.update(report_of_phase3(ledger, run, facts, list(drafts.values()), after, now, said))
    return apply(root, changes, before.files)


def report_of_phase3(
    ledger: Ledger, run: Run, facts: Facts, drafts: Sequence[Draft], wiki: Wiki, now: str, said: Mapping[int, str]
) -> dict[str, str]:
    """The report of phase 3, by its file; nothing where it says the same already.

    Args:
        ledger: the record.
        run: the last run.
        facts: what it found.
        drafts: all drafts for the wiki, as they are after the edit.
        wiki: the wiki, as it is after the edit but for the report.
        now: the time, as pages show it.
        said: why drafts are rejected that the ledger does not know to be rejected yet.
    """
    rejected = {d.id: said.get(d.id) or _why(d, ledger) for d in drafts if d.state == "rejected"}
    usage = CallLog(ledger.file).usage(wiki=Path(run.wiki), source=run.source)
    report = phase3_report(run, facts, drafts, rejected, usage, wiki, now)
    return {} if same_but_date(report, wiki.files.get(REPORT_FILE, "")) else {REPORT_FILE: report}


def _why(draft: Draft, ledger: Ledger) -> str:
    """Why a draft was rejected: a person's reason, else its error findings."""
    reasons = [made.reason for made in ledger.decisions(draft.id) if made.decision == "rejected"]
    errors = [f"{found.code} {found.message}" for found in ledger.findings(draft.id) if found.severity == "error"]
    return reasons[-1] if reasons else " ".join(errors[:3]) + (f" And {len(errors) - 3} more." if errors[3:] else "")


def _with_links(wiki: Wiki, drafts: Sequence[Draft]) -> dict[str, str]:
    """New pages, the pages that they apply to with the links back, and pages that are there with links they lacked."""
    new: dict[str, str] = {}
    wanted: dict[str, list[Link]] = {}
    pointing = _pointing(wiki)
    for draft in drafts:
        page = page_of(draft)
        there = standing(wiki.edited(new), page)
        if there is Standing.OTHER:
            raise DraftError(
                f"{page.file} is there already and says something else than draft {draft.id}. Merge the two by hand, "
                f"or move the page away and accept the draft again."
            )
        if there is Standing.ABSENT:
            new[page.file] = render(page)
            wanted.setdefault(page.file, []).extend(pointing.get((page.kind, page.name), ()))
        else:
            wanted.setdefault(page.file, []).extend(page.related)
        for link in page.related:
            target = wiki.pages.get((link.kind, link.name))
            if target is not None:
                wanted.setdefault(target.file, []).append(Link(edge=link.edge, kind=page.kind, name=page.name))
    texts = {**wiki.files, **new}
    return {**new, **{file: add_links(texts[file], links) for file, links in wanted.items()}}


def _pointing(wiki: Wiki) -> dict[PageId, list[Link]]:
    """Links back to the pages that name an Environment or Heuristic which does not exist yet, by what they name."""
    found: dict[PageId, list[Link]] = {}
    for edge in wiki.edges:
        if edge.target[0] in LEAVES and edge.target not in wiki.pages and edge.source in wiki.pages:
            found.setdefault(edge.target, []).append(Link(edge=edge.edge, kind=edge.source[0], name=edge.source[1]))
    return found


def refuse_to_break(before: Wiki, after: Wiki, root: Path) -> None:
    """Refuse an edit after which the wiki breaks a rule that it kept before; on which line does not count."""
    known = {replace(finding, line=0) for finding in check_wiki(before)}
    broken = [finding for finding in check_wiki(after) if replace(finding, line=0) not in known]
    if broken:
        raise WikiError(f"The edit of {root} would break the wiki and was not made: {broken[0]}")


def write_pages(root: Path, files: Mapping[str, str], repo: str) -> tuple[str, ...]:
    """Add files to a wiki together with the indexes that follow, in one edit; returns the files that were changed."""
    before = whole_wiki(root, repo)
    changes = {**files, **derive_indexes(before.edited(files))}
    return apply(root, changes, before.files)


def whole_wiki(root: Path, repo: str | None) -> Wiki:
    """The wiki to edit, after an edit that was interrupted is finished or undone.

    Raises:
        WikiError: it cannot be read, or a page has a name that no link can hold.
    """
    recover(root)
    wiki = read_wiki(root, repo)
    for page in wiki.pages.values():
        try:
            _NAME.validate_python(page.name)
        except ValidationError as error:
            raise WikiError(
                f"No link can lead to {page.file!r} in {root}. Give it a name of letters of the English alphabet, "
                f"digits, dots, dashes and underscores."
            ) from error
    return wiki
