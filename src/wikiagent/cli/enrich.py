"""`wikiagent enrich`: the main job."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from wikiagent.cli.app import Shell, app
from wikiagent.cli.audit import run_audit
from wikiagent.cli.desk import now
from wikiagent.cli.index import index_of
from wikiagent.cli.redraft import report, run_redraft
from wikiagent.cli.source import SourceOption, mined, same_but_revision, snapshot_of
from wikiagent.config import Settings, WikiSettings
from wikiagent.errors import BudgetError, ConfigError, WikiError
from wikiagent.source.origin import Folder, parse_source

if TYPE_CHECKING:
    from wikiagent.phases.drafters import Drafted
    from wikiagent.phases.phase3 import Outcome, Plan
    from wikiagent.phases.usage import Row
    from wikiagent.source.snapshot import Snapshot


@app.command()
def enrich(
    context: typer.Context,
    phase: Annotated[int, typer.Option(help="The phase to run: 3 enrichment, 4 the audit.")] = 3,
    source: SourceOption = None,
    wiki: Annotated[Path | None, typer.Option(help="Folder of the wiki; made where it does not exist.")] = None,
    repo: Annotated[str | None, typer.Option(help="Prefix of page names, for a wiki that has no pages yet.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Draft the first N candidates of the ranking.")] = None,
    accept_valid: Annotated[bool, typer.Option("--accept-valid", help="Accept drafts free of errors at once.")] = False,
    drafter: Annotated[
        str | None,
        typer.Option(help="Who writes the pages: `extractive` needs no model; `agent` where a model is named."),
    ] = None,
    model: Annotated[str | None, typer.Option(help="The agent's model at its endpoint, or gguf:FILE.")] = None,
    mode: Annotated[
        Literal["auto", "tools", "packed"] | None,
        typer.Option(help="How the agent gets at evidence; auto: tools where the model can call them."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Agent: print the plan and what it will cost.")] = False,
    max_pages: Annotated[int | None, typer.Option(help="Agent: most pages to write in this run.")] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Agent: most tokens, in and out, of this run.")] = None,
    max_cost: Annotated[float | None, typer.Option(help="Agent: most cost of this run.")] = None,
    concurrency: Annotated[int | None, typer.Option(help="Agent: pages written at once.")] = None,
    plan: Annotated[bool | None, typer.Option("--plan/--no-plan", help="Agent: let it choose and name pages.")] = None,
    judge: Annotated[bool | None, typer.Option("--judge/--no-judge", help="Agent: judge each page.")] = None,
    cache: Annotated[bool, typer.Option("--cache/--no-cache", help="Agent: use earlier answers and drafts.")] = True,
    again: Annotated[
        bool, typer.Option("--redraft", help="Draft again what a person rejected, with the reason in the prompt.")
    ] = False,
    ids: Annotated[
        list[int] | None, typer.Option("--draft", metavar="ID", help="With --redraft: this rejected draft only.")
    ] = None,
) -> None:
    """Find environment constraints and heuristics in the source, and draft, check and link a wiki page for each."""
    shell: Shell = context.obj
    if drafter not in (None, "extractive", "agent"):
        raise ConfigError(f"There is no drafter {drafter!r}. Use --drafter extractive, or agent with a model.")
    settings = shell.settings(
        source={"location": source},
        wiki={"path": wiki, "repo": repo},
        model={"name": model},
        draft={
            "limit": limit,
            "drafter": drafter,
            "mode": mode,
            "max_pages": max_pages,
            "max_tokens": max_tokens,
            "max_cost": max_cost,
            "concurrency": concurrency,
            "plan": plan,
            "judge": judge,
        },
    )
    if phase not in (3, 4):
        raise ConfigError(f"There is no phase {phase} to run. Use --phase 3, enrichment, or --phase 4, the audit.")
    settings = for_its_source(shell, settings, wiki, repo)
    if settings.wiki.path is None:
        raise ConfigError("No wiki is named. Pass --wiki FOLDER, or set [wiki] path in wikiagent.toml.")
    refuse_around_source(settings.wiki.path, settings.source.location)
    if phase == 4:
        run_audit(shell, settings, settings.wiki.path)
        return
    if ids and not again:
        raise ConfigError("--draft names what is drafted again. Add --redraft.")
    if again:
        if accept_valid or dry_run:
            raise ConfigError("What is drafted again waits for a person. Leave --accept-valid and --dry-run out.")
        report(shell, run_redraft(shell, settings, settings.wiki.path.resolve(), ids or (), repo=repo, cache=cache))
        return
    outcome = _run(shell, settings, settings.wiki.path.resolve(), repo, accept_valid, dry_run, cache)
    if outcome is not None:
        _summary(shell, outcome, settings.wiki.path)
        stopped(shell, outcome.done)


def for_its_source(shell: Shell, settings: Settings, wiki: Path | None, repo: str | None) -> Settings:
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


def refuse_around_source(wiki: Path, source: str | None) -> None:
    """A wiki may stand inside its source, which then is read without it, but not around it."""
    parsed = parse_source(source) if source else None
    if isinstance(parsed, Folder) and parsed.path.resolve().is_relative_to(wiki.resolve()):
        raise ConfigError(
            f"The wiki {wiki} would be the source itself or hold it. Name a folder of its own with --wiki."
        )


def _run(
    shell: Shell, settings: Settings, wiki: Path, repo: str | None, accept_valid: bool, dry_run: bool, cache: bool
) -> Outcome | None:
    """Run phase 3; None for a dry run, which prints the agent's plan."""
    from wikiagent.cli.agent import drafter_in, show_plan
    from wikiagent.ledger import Ledger
    from wikiagent.phases.drafters import Extractive
    from wikiagent.phases.phase3 import enrich as run_phase
    from wikiagent.phases.refresh import refuse_foreign
    from wikiagent.wiki.graph import read_wiki

    prefix = prefix_of(wiki, repo)  # a wiki that cannot be used is found before anything is fetched
    if dry_run and settings.drafter != "agent":
        raise ConfigError("--dry-run shows the plan of the agent. Add --drafter agent, with a model.")
    ledger = Ledger(settings.store / "ledger.sqlite")
    with drafter_in(shell, settings, ledger, wiki, cache=cache) as drafter_of:
        snapshot = snapshot_of(shell, settings)
        if repo is None:  # who names the prefix of the wiki means this wiki, whatever the code is called
            refuse_foreign(read_wiki(wiki), wiki, snapshot.name)
        plan = plan_of(settings, snapshot, wiki, prefix, accept_valid=accept_valid)
        shell.console.print(f"Source {snapshot.source}: {len(snapshot.files)} files")
        index = index_of(shell, settings, snapshot)
        shell.console.print(f"Index: {len(index.chunks)} chunks")
        drafter = drafter_of(index.search)
        if dry_run and not isinstance(drafter, Extractive):
            show_plan(shell, drafter, plan)
            return None
        return run_phase(plan, drafter, ledger, shell.tell)


def plan_of(
    settings: Settings, snapshot: Snapshot, wiki: Path, prefix: str | None, *, accept_valid: bool = False
) -> Plan:
    """What a run works on, as the settings say; `prefix` is that of the wiki's page names, None without pages.

    Raises:
        SourceError: there is no Python file to mine.
    """
    from wikiagent.phases.phase3 import Plan

    return Plan(
        snapshot=snapshot,
        paths=mined(settings, snapshot),
        wiki=wiki,
        repo=prefix or settings.wiki.repo or snapshot.name,
        link=link_form(settings, snapshot),
        limit=settings.draft.limit,
        accept_valid=accept_valid,
        now=now(),
    )


def prefix_of(wiki: Path, repo: str | None) -> str | None:
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


def link_form(settings: Settings, snapshot: Snapshot) -> str | None:
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
    if outcome.done.skipped:
        rows.append(("Skipped", f"{len(outcome.done.skipped)}, which deserve no page of their own"))
    if outcome.settled:
        rows.append(
            ("Settled", f"{len(outcome.settled)}, which a person decided about and whose evidence is as it was")
        )
    if outcome.done.failed:
        rows.append(("Failed", f"{len(outcome.done.failed)}, whose calls failed; the next run tries them again"))
    rows.append(("Accepted now", f"{kinds['Environment']} Environment and {kinds['Heuristic']} Heuristic pages"))
    changed = len(outcome.files)
    rows.append(("Changed", f"{changed} file{'' if changed == 1 else 's'} in {wiki}" if changed else "nothing"))
    rows.append(("Report", str(wiki / REPORT_FILE)))
    for label, said in rows:
        shell.console.print(f"{label:<13} {said}")
    if shell.verbose:
        for file in outcome.files:
            shell.console.print(f"changed {file}")
    if states["pending"]:
        shell.console.print(f"Review them: {_review(shell, wiki)}; with --web in the browser")
    if outcome.usage:
        usage_table(shell, outcome.usage)


def _review(shell: Shell, wiki: Path) -> str:
    """The command that reviews the drafts for a wiki, with the options that this command was given."""
    own = shell.settings().wiki.path
    named = "" if own and own.resolve() == wiki.resolve() else f" --wiki {wiki}"
    return f"wikiagent{f' --store {shell.store}' if shell.store else ''} review{named}"


def usage_table(shell: Shell, rows: Sequence[Row]) -> None:
    """Print what the calls of a run cost, by stage."""
    from rich.table import Table

    table = Table("stage", "calls", "failed", "tokens in", "cached", "tokens out", "cost", "seconds", box=None)
    for row in rows:
        numbers = (row.calls, row.failed, row.tokens_in, row.tokens_cached, row.tokens_out)
        table.add_row(row.name, *map(str, numbers), row.cost, f"{row.seconds:.1f}")
    shell.console.print(table)


def stopped(shell: Shell, done: Drafted) -> None:
    """Say why a run ended early. A limit of the user is no failure; anything else ends the command as it would alone.

    Raises:
        WikiagentError: what stopped the run.
    """
    if isinstance(done.stopped, BudgetError):
        message = f"Stopped: {done.stopped} {done.left} candidates are left; run the command again to go on."
        shell.console.print(message)
    elif done.stopped is not None:
        shell.console.print(f"Stopped; {done.left} candidates are left, and what was done is kept.")
        raise done.stopped
