"""`wikiagent golden`: the reviewed insights that evaluations measure pages with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from wikiagent.cli.app import Shell, app, say
from wikiagent.cli.desk import ledger_of
from wikiagent.cli.source import SourceOption, snapshot_of
from wikiagent.errors import ConfigError

if TYPE_CHECKING:
    from wikiagent.wiki.page import Environment, Heuristic

#: Exit status where something is wrong with a golden.
FOUND = 1

goldens = typer.Typer(no_args_is_help=True, help="Check and write goldens: reviewed insights with their evidence.")
app.add_typer(goldens, name="golden")


@goldens.callback()
def group() -> None:
    """Check and write goldens: reviewed insights with their evidence."""


@goldens.command("check")
def check_goldens(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files of goldens or of questions.")],
    source: SourceOption = None,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="json: one JSON value.")] = "text",
) -> None:
    """Find out whether goldens and questions are true of their source, or what of them holds in another revision."""
    from wikiagent.evals.golden import read_set

    read = [(file, read_set(file)) for file in files]
    found = [_checked(context.obj, file, members, source) for file, members in read]
    if form == "json":
        typer.echo(json.dumps({"files": found}))
    else:
        for each in found:
            for problem in each["problems"]:
                say(f"{each['file']}: {problem['id']}: {problem['message']}")
            number = len(each["problems"])
            counted = f"{number} problem{'' if number == 1 else 's'}"
            say(f"{each['file']}: {each['members']} checked against {each['source']}, {counted}")
    if any(each["problems"] for each in found):
        raise typer.Exit(FOUND)


def _checked(shell: Shell, file: Path, members: Any, source: str | None) -> dict[str, Any]:
    """What is wrong with one file, as the command prints it."""
    from wikiagent.evals.anchors import problems, problems_elsewhere
    from wikiagent.evals.golden import GoldenSet
    from wikiagent.source.kept import find_snapshot

    settings = shell.settings(source={"location": source or members.source})
    snapshot = snapshot_of(shell, settings)
    held = members.goldens if isinstance(members, GoldenSet) else members.questions
    if source in (None, members.source) or snapshot.source == members.source:
        found = problems(held, snapshot)
    else:
        found = problems_elsewhere(held, snapshot, find_snapshot(settings.store, members.source))
    return {
        "file": str(file),
        "source": snapshot.source,
        "members": len(held),
        "problems": [{"id": each.id, "message": each.message} for each in found],
    }


@goldens.command("add")
def add(
    context: typer.Context,
    page: Annotated[str, typer.Option("--from", metavar="ID|PAGE", help="Id of an accepted draft, or a page's file.")],
    file: Annotated[Path, typer.Option(help="The file of goldens; it is made where there is none.")],
    importance: Annotated[float, typer.Option(min=1, max=5, help="From 1 (good to know) to 5 (essential).")] = 3,
    insight: Annotated[str, typer.Option(help="The point in your words; default: the overview of the page.")] = "",
) -> None:
    """Make a golden of a reviewed page: its evidence, its statements as facts, its overview as the insight."""
    from wikiagent.evals.from_page import add_golden, golden_of

    shell: Shell = context.obj
    reviewed, repo = _draft(shell, int(page)) if page.isdecimal() else _page(shell, Path(page))
    if not reviewed.metadata.revision:
        raise ConfigError(f"{reviewed.name} does not say which source it is about (Source Revision).")
    golden = golden_of(reviewed, repo, importance, insight)
    grown = add_golden(file, golden, reviewed.metadata.revision)
    number = len(grown.goldens)
    counted = f"{number} golden{'' if number == 1 else 's'}"
    shell.console.print(f"Added {golden.id} to {file}, which has {counted}")


def _draft(shell: Shell, draft_id: int) -> tuple[Environment | Heuristic, str | None]:
    """The page of an accepted draft, and the prefix of its wiki."""
    from wikiagent.review.standing import page_of
    from wikiagent.wiki.graph import read_wiki

    draft = ledger_of(shell).draft(draft_id)
    if draft.state != "accepted":
        raise ConfigError(f"Draft {draft_id} is {draft.state}; a golden is made of an accepted one.")
    return page_of(draft), read_wiki(Path(draft.wiki), shell.settings().wiki.repo).repo


def _page(shell: Shell, file: Path) -> tuple[Environment | Heuristic, str | None]:
    """The page in a file of a wiki, and the prefix of that wiki."""
    from wikiagent.review.merging import whole_page
    from wikiagent.wiki.graph import LEAVES, read_wiki

    file = file.resolve()
    kind = next((kind for kind in LEAVES if kind.folder == file.parent.name), None)
    if kind is None:
        raise ConfigError(f"{file} does not stand in the folder environments or heuristics of a wiki.")
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}.") from error
    return whole_page(text, kind, file.stem), read_wiki(file.parents[1], shell.settings().wiki.repo).repo
