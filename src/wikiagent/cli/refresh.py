"""`wikiagent refresh`: a wiki follows its source to another revision."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from wikiagent.cli.app import Shell, app, say
from wikiagent.cli.enrich import for_its_source, plan_of, refuse_around_source
from wikiagent.cli.source import SourceOption, snapshot_of
from wikiagent.config import Settings
from wikiagent.errors import ConfigError, RemoteError, SourceError
from wikiagent.source.origin import Package, parse_source

if TYPE_CHECKING:
    from wikiagent.phases.refresh import OldSource
    from wikiagent.phases.refresh_report import Refreshed
    from wikiagent.source.snapshot import Snapshot


@app.command()
def refresh(
    context: typer.Context,
    wiki: Annotated[Path | None, typer.Option(help="Folder of the wiki.")] = None,
    source: SourceOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be done, and write nothing.")] = False,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="json: one JSON value.")] = "text",
) -> None:
    """Bring a wiki to another revision of its source: rewrite what still holds, queue what does not."""
    shell: Shell = context.obj
    settings = for_its_source(shell, shell.settings(source={"location": source}, wiki={"path": wiki}), wiki, None)
    if settings.wiki.path is None:
        raise ConfigError("No wiki is named. Pass --wiki FOLDER, or set [wiki] path in wikiagent.toml.")
    done = _run(shell, settings, settings.wiki.path, dry_run)
    if form == "json":
        typer.echo(json.dumps(done.as_json()))
    elif dry_run and not done.nothing_to_do:
        say(done.report)
    _summary(shell, done)


def _run(shell: Shell, settings: Settings, wiki: Path, dry_run: bool) -> Refreshed:
    from wikiagent.ledger import Ledger
    from wikiagent.phases.drafters import Extractive
    from wikiagent.phases.refresh import refresh as run_phase
    from wikiagent.phases.refresh import refuse_other
    from wikiagent.wiki.graph import read_wiki

    there = read_wiki(wiki)  # a wiki that cannot follow is found before anything is fetched
    location = settings.source.location
    asked = parse_source(location) if location and not location.startswith("path:") else None
    name, text = (asked.name, str(asked)) if isinstance(asked, Package) else ("", "")
    refuse_other(there, wiki, name, text)
    refuse_around_source(wiki, location)
    snapshot = snapshot_of(shell, settings)
    plan = plan_of(settings, snapshot, wiki.resolve(), there.repo)
    ledger = Ledger(settings.store / "ledger.sqlite")
    return run_phase(plan, _earlier(shell, settings), Extractive(), ledger, shell.tell, dry_run=dry_run)


def _earlier(shell: Shell, settings: Settings) -> OldSource:
    """How to get at an earlier source: from the store, else fetched; where neither is possible, that is said."""
    from wikiagent.source.fetch import fetch

    def old(source: str) -> tuple[Snapshot, tuple[str, ...]] | None:
        try:
            snapshot = fetch(source, settings.store)
        except (SourceError, RemoteError) as error:
            shell.console.print(f"{error} Going on without it.")
            return None
        return snapshot, snapshot.select(settings.source.include, settings.source.exclude)

    return old


def _summary(shell: Shell, done: Refreshed) -> None:
    if done.nothing_to_do:
        shell.console.print(f"Nothing to do: all pages of {done.wiki} are from {done.source}.")
        return
    from wikiagent.phases.refresh_report import report_file

    symbols = done.symbols
    classes = ", ".join(f"{count} {name}" for name, count in done.classes.items())
    made = f"{len(symbols.derived)} derived anew, {len(symbols.edited)} edited by somebody"
    as_it_was = sum(draft.is_as_it_was for draft in done.drafts)
    standing = sum(draft.replaces is not None for draft in done.drafts) - as_it_was
    rows = [
        ("Citations", classes),
        ("Pages", f"{len(done.kept)} stay, {len(done.left)} left the wiki and await review"),
        ("Symbols", f"{made}, {len(symbols.new)} new, {len(symbols.gone)} gone"),
        (
            "Drafts",
            f"{standing} in place of pages that left, {as_it_was} kept as they were, {len(done.new_drafts)} new",
        ),
        ("Changed", f"{len(done.files)} files in {done.wiki}" if not done.dry_run else "nothing: this was a dry run"),
    ]
    if not done.dry_run:
        rows.append(("Report", str(done.wiki / report_file(done.revision))))
    for label, said in rows:
        shell.console.print(f"{label:<13} {said}")
