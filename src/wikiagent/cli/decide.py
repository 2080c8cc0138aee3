"""`wikiagent accept`, `reject`, `merge`, `fix` and `undo`: decisions from the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wikiagent.cli.app import Shell, app, say
from wikiagent.cli.desk import chosen_by, desk_of, ledger_of, named_wiki, reviewer
from wikiagent.errors import DraftError

if TYPE_CHECKING:
    from wikiagent.ledger import Draft

Ids = Annotated[list[int] | None, typer.Argument(metavar="ID...", help="Ids, as `wikiagent drafts` prints them.")]
Where = Annotated[str, typer.Option(help="All pending drafts for which a rule holds, as `findings=0 and rank<50`.")]
As = Annotated[
    str | None, typer.Option("--as", help="Name of the reviewer; default: that of the settings, else the login.")
]
WikiOption = Annotated[Path | None, typer.Option("--wiki", help="Of this wiki only.")]


@app.command()
def accept(
    context: typer.Context,
    ids: Ids = None,
    where: Where = "",
    wiki: WikiOption = None,
    who: As = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="With --where: do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be accepted; accept none.")] = False,
) -> None:
    """Accept drafts: their pages, links, indexes and report go into the wiki in one edit."""
    shell: Shell = context.obj
    chosen = _chosen(shell, where, wiki, who) if where else []
    ids = [*(ids or ()), *(draft.id for draft in chosen)]
    if where or dry_run:
        listed = [draft for group in _by_wiki(shell, ids).values() for draft in group] if ids else []
        for draft in listed:
            say(f"{draft.id:5}  {draft.type:11}  {draft.name}")
        asks = not yes and sys.stdin.isatty()
        if dry_run or not listed or (asks and not typer.confirm(f"Accept these {len(listed)}?", err=True)):
            told = f"{len(chosen)} pending drafts meet the rule; nothing" if where else "Nothing"
            shell.console.print(f"{told} was accepted.")
            return
    for root, group in _by_wiki(shell, ids).items():
        why = f"by the rule {where}" if where else ""
        files = desk_of(shell, root, who).accept([draft.id for draft in group], reason=why)
        shell.console.print(f"Accepted {len(group)}; {len(files)} files changed in {root}")


@app.command()
def reject(
    context: typer.Context,
    ids: Ids = None,
    reason: Annotated[str, typer.Option(help="Why, in a sentence; the next draft is written with it.")] = "",
    code: Annotated[
        str,
        typer.Option(help="wrong, unsupported, trivial, duplicate, unclear, wrong-type, wrong-links, or other."),
    ] = "other",
    who: As = None,
) -> None:
    """Reject drafts, with a reason that is kept on record. Trivial and duplicate ones are not drafted again."""
    from wikiagent.review.desk import FINAL, reason_given

    shell: Shell = context.obj
    reason_given(code, reason)
    rejected = []
    for root, group in _by_wiki(shell, ids).items():
        desk = desk_of(shell, root, who)
        desk.reject([draft.id for draft in group], code, reason)
        shell.console.print(f"Rejected {len(group)} for {root}")
        rejected.append((desk.redraft, [draft.id for draft in group]))
    for redraft, group_ids in rejected:
        if redraft is not None and code not in FINAL:
            shell.tell("Drafting again")
            shell.console.print(redraft(group_ids))


@app.command()
def merge(
    context: typer.Context,
    draft_id: Annotated[int, typer.Argument(metavar="ID", help="Id of a draft.")],
    into: Annotated[str, typer.Option(help="Full name of a page of the wiki, of the draft's type.")],
    who: As = None,
) -> None:
    """Merge a draft into a page of the wiki: its statements and its evidence are added there."""
    shell: Shell = context.obj
    root = Path(ledger_of(shell).draft(draft_id).wiki)
    files = desk_of(shell, root, who).merge(draft_id, into)
    shell.console.print(f"Merged into {into}; {len(files)} files changed in {root}")


@app.command()
def fix(
    context: typer.Context,
    draft_id: Annotated[int, typer.Argument(metavar="ID", help="Id of a draft.")],
    file: Annotated[Path | None, typer.Option(help="The page as you changed it; without, your editor opens.")] = None,
    who: As = None,
) -> None:
    """Change a draft in $VISUAL or $EDITOR and accept it, where it passes all checks as you changed it."""
    from wikiagent.review.editor import edited, kept_text
    from wikiagent.review.standing import page_of
    from wikiagent.wiki.mediawiki import render

    shell: Shell = context.obj
    desk = desk_of(shell, Path(ledger_of(shell).draft(draft_id).wiki), who)
    draft = desk.fixable(draft_id)
    kept = kept_text(shell.settings().store, draft_id)
    if file is not None:
        try:
            text = file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DraftError(f"{file} cannot be read as text: {error}.") from error
    else:
        text = edited(render(page_of(draft)), kept)
    findings = desk.fix(draft_id, text)
    for finding in findings:
        shell.console.print(f"{finding.severity}: {finding}")
    errors = sum(finding.severity == "error" for finding in findings)
    if errors:
        where = f"your text is kept in {kept}; run the command again to go on with it" if file is None else "mend it"
        shell.console.print(f"Not accepted: {errors} errors; {where}.")
        raise typer.Exit(1)
    kept.unlink(missing_ok=True)
    shell.console.print(f"Accepted as you changed it: {draft.name}")


@app.command()
def undo(
    context: typer.Context,
    ids: Ids = None,
    last: Annotated[int, typer.Option(min=1, help="Without ids: how many of your last decisions.")] = 1,
    wiki: WikiOption = None,
    who: As = None,
) -> None:
    """Take back decisions: drafts are pending again, and pages, links, indexes and report follow."""
    shell: Shell = context.obj
    if ids:
        for root, group in _by_wiki(shell, ids).items():
            _told(shell, len(desk_of(shell, root, who).undo([draft.id for draft in group])), root)
        return
    desk = desk_of(shell, named_wiki(shell, wiki), who)
    taken = 0
    try:
        for _ in range(last):
            taken += len(desk.undo())
    finally:  # what was taken back before one could not be is said too
        if taken:
            _told(shell, taken, desk.root)


def _told(shell: Shell, number: int, root: Path) -> None:
    shell.console.print(f"Took back {number} decision{'' if number == 1 else 's'} for {root}")


def _chosen(shell: Shell, where: str, wiki: Path | None, who: str | None) -> list[Draft]:
    """The pending drafts that a rule chooses."""
    ledger = ledger_of(shell)
    pending = ledger.drafts(wiki.resolve() if wiki else None, "pending")
    known = {draft.id: draft for draft in pending}
    found = chosen_by(where, ledger, {Path(draft.wiki) for draft in pending}, reviewer(shell, who))
    return [known[item.id] for item in found if item.id in known]


def _by_wiki(shell: Shell, ids: list[int] | None) -> dict[Path, list[Draft]]:
    """The drafts by their wiki, once each.

    Raises:
        DraftError: there are none, or one is unknown.
    """
    if not ids:
        raise DraftError("Name drafts by their ids; `wikiagent drafts --state pending` lists them.")
    ledger = ledger_of(shell)
    grouped: dict[Path, list[Draft]] = {}
    for draft in [ledger.draft(draft_id) for draft_id in dict.fromkeys(ids)]:
        grouped.setdefault(Path(draft.wiki), []).append(draft)
    return grouped
