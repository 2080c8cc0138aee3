"""Publishing: pages, backlinks, indexes and report become one edit of the wiki."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from wikiagent.check.wiki_rules import check_wiki
from wikiagent.errors import WikiError
from wikiagent.ledger import CallLog, Draft, Ledger, RecordedFinding, Run
from wikiagent.phases.report import REPORT_FILE, Facts, facts_of, phase3_report, same_but_date
from wikiagent.review.edits import Changes, Edit
from wikiagent.review.standing import replaced
from wikiagent.wiki.edit import apply, recover
from wikiagent.wiki.graph import PageId, Wiki, WikiPage, read_wiki
from wikiagent.wiki.indexes import derive_indexes, mark_awaiting
from wikiagent.wiki.page import Name

_NAME: TypeAdapter[str] = TypeAdapter(Name)


def publish(ledger: Ledger, root: Path, now: str) -> tuple[str, ...]:
    """Bring links, indexes and report of a wiki to what pages and ledger say, in one edit.

    Args:
        ledger: the record.
        root: the wiki's folder.
        now: the time, as pages show it.

    Returns:
        The files that were changed, from the wiki's root, sorted.

    Raises:
        WikiError: the wiki cannot be changed, or would break its own rules.
    """
    changes, before = edit_of(ledger, root, now, (), {}, lambda edit: None)
    return apply(root, changes, before.files)


def edit_of(
    ledger: Ledger,
    root: Path,
    now: str,
    decided: Sequence[Draft],
    reasons: Mapping[int, str],
    change: Callable[[Edit], None],
) -> tuple[Changes, Wiki]:
    """Work out the whole edit of a wiki that decisions lead to; nothing is written.

    Args:
        ledger: the record, as it was before the decisions.
        root: the wiki's folder.
        now: the time, as pages show it.
        decided: the drafts in their new states.
        reasons: why they are rejected, by id.
        change: changes the pages.

    Returns:
        All changes (pages, links, indexes, report), and the wiki before them.

    Raises:
        DraftError: as `change` says.
        WikiError: the wiki cannot be read, or would break its own rules.
    """
    run = ledger.last_run(root)
    facts = facts_of(run) if run else None
    before = whole_wiki(root, facts.repo if facts else None)
    edit = Edit(before)
    change(edit)
    edit.set(mark_awaiting(before, dict(filter(None, map(_awaiting, decided)))))
    edit.set(derive_indexes(edit.wiki))
    after = edit.wiki
    refuse_to_break(before, after, root)
    if run and facts:
        drafts = {draft.id: draft for draft in (*ledger.drafts(root), *decided)}
        edit.set(report_of_phase3(ledger, run, facts, list(drafts.values()), after, now, reasons))
    return edit.changes, before


def _awaiting(draft: Draft) -> tuple[PageId, str | None] | None:
    """The page that left the wiki and that a draft stands for, and since when it waits; None once that is decided."""
    left = replaced(draft)
    return ((left.type, left.name), left.since if draft.state == "pending" else None) if left else None


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
    known = _why([draft for draft in drafts if draft.state == "rejected"], ledger, Path(run.wiki))
    rejected = {draft_id: said.get(draft_id) or why for draft_id, why in known.items()}
    usage = CallLog(ledger.file).usage(wiki=Path(run.wiki), source=run.source)
    report = phase3_report(run, facts, drafts, rejected, usage, wiki, now)
    return {} if same_but_date(report, wiki.files.get(REPORT_FILE, "")) else {REPORT_FILE: report}


def _why(drafts: Sequence[Draft], ledger: Ledger, wiki: Path) -> dict[int, str]:
    """Why drafts were rejected, by id: a person's reason, else the error findings."""
    if not drafts:
        return {}
    log = [made for made in ledger.log(wiki) if made.decision in ("rejected", "merged")]
    reasons = {made.draft: made.reason or made.code for made in log}
    findings = ledger.all_findings(wiki)
    return {draft.id: reasons.get(draft.id, _errors(findings.get(draft.id, ()))) for draft in drafts}


def _errors(findings: Sequence[RecordedFinding]) -> str:
    errors = [f"{found.code} {found.message}" for found in findings if found.severity == "error"]
    return " ".join(errors[:3]) + (f" And {len(errors) - 3} more." if errors[3:] else "")


def refuse_to_break(before: Wiki, after: Wiki, root: Path) -> None:
    """Refuse an edit after which the wiki breaks a rule that it kept before; on which line does not count."""
    found = check_wiki(after, pages=_in_reach(before, after))
    known = {replace(finding, line=0) for finding in check_wiki(before)} if found else set()
    broken = [finding for finding in found if replace(finding, line=0) not in known]
    if broken:
        raise WikiError(f"The edit of {root} would break the wiki and was not made: {broken[0]}")


def _in_reach(before: Wiki, after: Wiki) -> list[WikiPage]:
    """The pages whose links an edit can have broken: those that it changes, and those that link to one of them."""
    if before.files.keys() - after.files.keys() or before.repo != after.repo:
        return list(after.pages.values())
    changed = {id_ for id_, page in after.pages.items() if before.pages.get(id_) != page}
    return [page for page in after.pages.values() if page.id in changed or not page.linked.isdisjoint(changed)]


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
