"""`wikiagent check` and `wikiagent rules`: the linter."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from wikiagent.cli.app import Shell, app, say
from wikiagent.cli.source import SourceOption, snapshot_of
from wikiagent.config import Settings
from wikiagent.errors import ConfigError
from wikiagent.source.inert import inert

if TYPE_CHECKING:
    from wikiagent.check.ignores import Selection
    from wikiagent.check.linter import Report
    from wikiagent.check.output import WikiReport
    from wikiagent.check.source import Source
    from wikiagent.check.wikis import NamedWiki
    from wikiagent.wiki.graph import Wiki

#: Exit status where something was found.
FOUND = 1

Codes = Annotated[list[str] | None, typer.Option(metavar="CODES", help="Codes or beginnings of codes: CIT, CLM001.")]


@app.command()
def check(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="PATH", help="Wikis, or pages of a wiki; default: the configured one."),
    ] = None,
    source: SourceOption = None,
    no_source: Annotated[bool, typer.Option("--no-source", help="Do not check citations and claims.")] = False,
    select: Codes = None,
    ignore: Codes = None,
    fix: Annotated[bool, typer.Option("--fix", help="Apply the fixes that are certain.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show those fixes; nothing is written.")] = False,
    statistics: Annotated[bool, typer.Option("--statistics", help="Count findings by code, and citations.")] = False,
    form: Annotated[
        Literal["text", "json", "github", "sarif"], typer.Option("--format", help="How findings are printed.")
    ] = "text",
) -> None:
    """Find out which statements of a wiki its source does not support, and which links and indexes are wrong."""
    from wikiagent.check.output import printed
    from wikiagent.check.wikis import find_wikis

    shell: Shell = context.obj
    settings = shell.settings(source={"location": source})
    if source and no_source:
        raise ConfigError("--source and --no-source contradict each other. Give one of them.")
    selection = _selection(settings, select or [], ignore or [])
    wikis = find_wikis(paths or [], settings.wiki.path, settings.wiki.repo)
    checked = None if no_source or not settings.source.location else _source(shell, settings, wikis)
    reports = [_report(shell, wiki, checked, selection, fix=fix, diff=diff) for wiki in wikis]
    if not diff:
        say(printed(reports, form, statistics))
    if any(wiki.report.findings for wiki in reports):
        raise typer.Exit(FOUND)


def _report(
    shell: Shell, named: NamedWiki, source: Source | None, selection: Selection, *, fix: bool, diff: bool
) -> WikiReport:
    """What is found in a wiki; with `fix` what is left after the fixes, with `diff` they are printed."""
    from wikiagent.check.output import WikiReport
    from wikiagent.check.output.difference import difference
    from wikiagent.wiki.edit import apply

    now = named.wiki
    report, changes = _check(now, source, selection, named.files, fix or diff)
    if diff:
        typer.echo(_as_bytes_or_inert(difference(_from_here(named.root), now, changes)), nl=False)
    elif changes:
        apply(named.root, changes, now.files)
        shell.console.print(f"Fixed {len(changes)} files in {named.root}")
        now = now.edited(changes)
        report, _ = _check(now, source, selection, named.files, False)
    return WikiReport(_from_here(named.root), now, report)


def _source(shell: Shell, settings: Settings, wikis: Sequence[NamedWiki]) -> Source:
    """The source, without the pages and indexes that are checked: a page is no evidence of itself."""
    from wikiagent.check.source import Source
    from wikiagent.check.wikis import refuse_older

    snapshot = snapshot_of(shell, settings, [path for wiki in wikis for path in wiki.parts])
    for wiki in wikis:
        refuse_older(wiki, snapshot.source)
    return Source(snapshot)


def _selection(settings: Settings, select: Sequence[str], ignore: Sequence[str]) -> Selection:
    """What the flags and the settings ask for.

    Raises:
        ConfigError: a code is none.
    """
    from wikiagent.check.ignores import Selection, unknown_codes

    def split(given: Sequence[str]) -> tuple[str, ...]:
        return tuple(code.strip() for entry in given for code in entry.split(",") if code.strip())

    chosen = split(select) or settings.check.select
    ignored = (*split(ignore), *settings.check.ignore)
    by_path = settings.check.per_path
    if unknown := unknown_codes([*chosen, *ignored, *(code for codes in by_path.values() for code in codes)]):
        raise ConfigError(f"There is no rule {unknown[0]}. `wikiagent rules` lists them.")
    return Selection(chosen, ignored, by_path)


def _check(
    wiki: Wiki, source: Source | None, selection: Selection, files: set[str] | None, fix: bool
) -> tuple[Report, dict[str, str]]:
    """The findings of a wiki, and what fixes of them would change."""
    from wikiagent.check.fix import fixed
    from wikiagent.check.linter import check as find

    report = find(wiki, source, selection, files)
    changes = fixed(wiki, lambda now: find(now, source, selection, files).findings) if fix and report.findings else {}
    return report, changes


def _from_here(root: Path) -> Path:
    """A folder from the current one where it stands below that, else as it was named."""
    absolute = root.absolute()
    return absolute.relative_to(Path.cwd()) if absolute.is_relative_to(Path.cwd()) else root


def _as_bytes_or_inert(text: str) -> bytes | str:
    """Text of pages for a program, byte by byte; for a terminal without what that would obey."""
    return inert(text) if sys.stdout.isatty() else text.encode("utf-8", "surrogateescape")


@app.command()
def rules(
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="json: one JSON value.")] = "text",
) -> None:
    """List the rules."""
    from wikiagent.check.rules import RULES

    if form == "json":
        typer.echo(json.dumps({"rules": [rule._asdict() for rule in RULES.values()]}))
        return
    for rule in RULES.values():
        fixable = "  (fixable)" if rule.fixable else ""
        say(f"{rule.code}  {rule.severity.value:8} {rule.summary}{fixable}")
