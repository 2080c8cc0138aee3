"""`wikiagent enrich`: the main job."""

from __future__ import annotations

import os
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wikiagent.cli.app import Shell, app
from wikiagent.cli.index import index_of
from wikiagent.cli.source import SourceOption, same_but_revision, snapshot_of
from wikiagent.config import Settings, WikiSettings
from wikiagent.errors import ConfigError, WikiError
from wikiagent.source.origin import Folder, parse_source

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
    settings = _for_its_source(shell, settings, wiki, repo)
    if settings.wiki.path is None:
        raise ConfigError("No wiki is named. Pass --wiki FOLDER, or set [wiki] path in wikiagent.toml.")
    _refuse_around_source(settings.wiki.path, settings.source.location)
    outcome = _run(shell, settings, settings.wiki.path.resolve(), repo, accept_valid)
    _summary(shell, outcome, settings.wiki.path)


def _for_its_source(shell: Shell, settings: Settings, wiki: Path | None, repo: str | None) -> Settings:
    """The settings without what the configuration says for its own source, where `--source` names another one.

    The wiki, the prefix of its page names and the form of permanent links belong to one package, repository or folder.

    Raises:
        ConfigError: such a source has no wiki of its own.
    """
    own = shell.settings().source.location
    if own is None or settings.source.location is None or same_but_revision(own, settings.source.location):
        return settings
    if wiki is None:
        raise ConfigError(
            f"The wiki of the configuration is that of {own}. Pass --wiki FOLDER for {settings.source.location}."
        )
    source = settings.source.model_copy(update={"link": None})
    return settings.model_copy(update={"source": source, "wiki": WikiSettings(path=wiki, repo=repo)})


def _refuse_around_source(wiki: Path, source: str | None) -> None:
    """A wiki may stand inside its source, which then is read without it, but not around it."""
    parsed = parse_source(source) if source else None
    if isinstance(parsed, Folder) and parsed.path.resolve().is_relative_to(wiki.resolve()):
        raise ConfigError(
            f"The wiki {wiki} would be the source itself or hold it. Name a folder of its own with --wiki."
        )


def _run(shell: Shell, settings: Settings, wiki: Path, repo: str | None, accept_valid: bool) -> Outcome:
    from wikiagent.ledger import Ledger
    from wikiagent.phases.phase3 import Plan
    from wikiagent.phases.phase3 import enrich as run_phase

    prefix = _prefix(wiki, repo)  # a wiki that cannot be used is found before anything is fetched
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


def _prefix(wiki: Path, repo: str | None) -> str | None:
    """The prefix of a wiki's page names, None where it has no pages yet.

    Raises:
        WikiError: the folder cannot be read or written, or holds the pages of another repository than `repo`.
    """
    from wikiagent.wiki.graph import read_wiki

    prefix = read_wiki(wiki).repo
    nearest = next(folder for folder in (wiki, *wiki.parents) if folder.exists())
    if not nearest.is_dir():
        raise WikiError(f"{nearest} is a file, so that {wiki} cannot be made. Name another folder with --wiki.")
    if not os.access(nearest, os.W_OK):
        raise WikiError(f"{nearest} cannot be written. Change its permissions, or name another folder with --wiki.")
    if prefix and repo and prefix != repo:
        raise WikiError(
            f"The page names in {wiki} begin with {prefix}_, not {repo}_. Leave --repo out, or name another wiki."
        )
    return prefix


def _link(settings: Settings, snapshot: Snapshot) -> str | None:
    """The form of permanent links; none for a folder as it stands on this machine, which no host has."""
    is_commit = re.fullmatch(r"[0-9a-f]{40}", snapshot.revision)
    return None if snapshot.source.startswith("path:") and not is_commit else settings.source.link


def _summary(shell: Shell, outcome: Outcome, wiki: Path) -> None:
    from wikiagent.phases.report import REPORT_FILE

    states = Counter(draft.state for draft in outcome.drafts)
    counted = ", ".join(f"{states[state]} {state}" for state in ("accepted", "pending", "rejected"))
    kinds = Counter(draft.type for draft in outcome.accepted)
    rows: list[tuple[str, str]] = []
    if outcome.made:
        rows.append(("Phase 2", f"{outcome.made} Implementation pages, one for each public symbol"))
    rows.append(("Mined", f"{outcome.signals} signals, merged into {outcome.candidates} candidates"))
    rows.append(("Drafts", f"{len(outcome.drafts)}: {counted}"))
    rows.append(("Accepted now", f"{kinds['Environment']} Environment and {kinds['Heuristic']} Heuristic pages"))
    changed = len(outcome.files)
    rows.append(("Changed", f"{changed} file{'' if changed == 1 else 's'} in {wiki}" if changed else "nothing"))
    rows.append(("Report", str(wiki / REPORT_FILE)))
    for label, said in rows:
        shell.console.print(f"{label:<13} {said}", markup=False)
    if shell.verbose:
        for file in outcome.files:
            shell.console.print(f"changed {file}", markup=False)
    if states["pending"]:
        shell.console.print(
            "Review them: wikiagent drafts --state pending, show ID, accept ID, reject ID --reason TEXT", markup=False
        )
