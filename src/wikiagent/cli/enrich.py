"""`wikiagent enrich`: the main job."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from wikiagent.cli.app import Shell, app
from wikiagent.cli.index import index_of
from wikiagent.cli.source import SourceOption, snapshot_of
from wikiagent.config import Settings
from wikiagent.errors import ConfigError

if TYPE_CHECKING:
    from wikiagent.phases.phase3 import Outcome
    from wikiagent.source.snapshot import Snapshot


@app.command()
def enrich(
    context: typer.Context,
    phase: Annotated[int, typer.Option(help="The phase to run; 3 is enrichment.")] = 3,
    source: SourceOption = None,
    wiki: Annotated[Path | None, typer.Option(help="Folder of the wiki; made where it does not exist.")] = None,
    repo: Annotated[str | None, typer.Option(help="Prefix of page names, for a wiki that has no pages yet.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Draft the first N candidates of the ranking.")] = None,
    drafter: Annotated[str | None, typer.Option(help="Who writes the pages; `extractive` needs no model.")] = None,
    accept_valid: Annotated[bool, typer.Option("--accept-valid", help="Accept drafts free of errors at once.")] = False,
) -> None:
    """Find environment constraints and heuristics in the source, and draft, check and link a wiki page for each."""
    shell: Shell = context.obj
    settings = shell.settings(
        source={"location": source}, wiki={"path": wiki, "repo": repo}, draft={"limit": limit, "drafter": drafter}
    )
    if phase != 3:
        raise ConfigError(f"There is no phase {phase} to run. Use --phase 3, enrichment.")
    if settings.draft.drafter != "extractive":
        raise ConfigError(f"There is no drafter {settings.draft.drafter!r}. Use --drafter extractive.")
    if settings.wiki.path is None:
        raise ConfigError("No wiki is named. Pass --wiki FOLDER, or set [wiki] path in wikiagent.toml.")
    outcome = _run(shell, settings, settings.wiki.path.absolute(), accept_valid)
    _summary(shell, outcome, settings.wiki.path)


def _run(shell: Shell, settings: Settings, wiki: Path, accept_valid: bool) -> Outcome:
    from wikiagent.ledger import Ledger
    from wikiagent.phases.phase3 import Plan
    from wikiagent.phases.phase3 import enrich as run_phase
    from wikiagent.wiki.graph import read_wiki

    prefix = read_wiki(wiki).repo  # a wiki that cannot be read is found before anything is fetched
    ledger = Ledger(settings.store / "ledger.sqlite")
    snapshot = snapshot_of(shell, settings)
    shell.console.print(f"Source {snapshot.source}: {len(snapshot.files)} files", markup=False)
    index = index_of(shell, settings, snapshot)
    shell.console.print(f"Index: {len(index.chunks)} chunks", markup=False)
    plan = Plan(
        snapshot=snapshot,
        paths=snapshot.select(settings.source.include, settings.source.exclude),
        wiki=wiki,
        repo=prefix or settings.wiki.repo or snapshot.name,
        link=_link(settings, snapshot),
        limit=settings.draft.limit,
        accept_valid=accept_valid,
        now=f"{datetime.now(UTC):%Y-%m-%d %H:%M} GMT",
    )
    return run_phase(plan, ledger, lambda message: shell.console.print(f"{message} ...", markup=False))


def _link(settings: Settings, snapshot: Snapshot) -> str | None:
    """The form of permanent links, where it is meant for this source: the one that the settings name.

    A form that the configuration has for its own source would lead nowhere for another one given by a flag.
    """
    from wikiagent.source.home import plain_url

    form = settings.source.link
    if form and snapshot.url and not form.startswith(plain_url(snapshot.url) or snapshot.url):
        return None
    return form


def _summary(shell: Shell, outcome: Outcome, wiki: Path) -> None:
    states = Counter(draft.state for draft in outcome.drafts)
    pages = {
        kind: sum(d.type == kind and d.state == "accepted" for d in outcome.drafts)
        for kind in ("Environment", "Heuristic")
    }
    table = Table(box=None, show_header=False, pad_edge=False)
    if outcome.made:
        table.add_row("Phase 2", f"{outcome.made} Implementation pages, one for each public symbol")
    table.add_row("Mined", f"{outcome.signals} signals, merged into {outcome.candidates} candidates")
    counted = ", ".join(f"{states[state]} {state}" for state in ("accepted", "pending", "rejected"))
    table.add_row("Drafted", f"{len(outcome.drafts)} pages: {counted}")
    table.add_row("Accepted", f"{pages['Environment']} Environment and {pages['Heuristic']} Heuristic pages")
    table.add_row("Changed", f"{len(outcome.edit.files)} files in {wiki}")
    table.add_row("Report", f"{wiki / '_reports' / 'phase3_enrichment.md'}")
    shell.console.print(table)
    if states["pending"]:
        shell.console.print(
            "Review them: wikiagent drafts --state pending, show ID, accept ID, reject ID --reason TEXT", markup=False
        )
