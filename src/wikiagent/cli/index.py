"""`wikiagent index`, `wikiagent chunks` and `wikiagent search`."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.progress import Progress

from wikiagent.cli.app import Shell, app, say
from wikiagent.cli.source import SourceOption, snapshot_of
from wikiagent.config import Settings
from wikiagent.errors import ConfigError
from wikiagent.source.evidence import Place

if TYPE_CHECKING:
    from wikiagent.index.retrieve import Index
    from wikiagent.source.snapshot import Snapshot

#: Lines of a hit that are shown to people.
_SHOWN = 6


@app.command("index")
def build(context: typer.Context, source: SourceOption = None) -> None:
    """Cut the source into chunks and index them for search."""
    shell: Shell = context.obj
    settings = shell.settings(source={"location": source})
    index = index_of(shell, settings, snapshot_of(shell, settings))
    shell.console.print(f"{len(index.chunks)} chunks are indexed in {settings.store}.")


@app.command()
def chunks(
    context: typer.Context,
    source: SourceOption = None,
    form: Annotated[Literal["text", "jsonl"], typer.Option("--format", help="jsonl: one JSON object a line.")] = "text",
) -> None:
    """Print the chunks that the source is cut into."""
    from wikiagent.code.chunks import chunk_snapshot
    from wikiagent.index.embed import embedder_of

    shell: Shell = context.obj
    settings = shell.settings(source={"location": source})
    embedder = embedder_of(settings.index.embedder)
    for chunk in chunk_snapshot(snapshot_of(shell, settings), embedder.count, embedder.limit):
        if form == "jsonl":
            found = _placed(chunk.place, symbol=chunk.symbol, breadcrumb=chunk.breadcrumb, text=chunk.text)
            typer.echo(json.dumps(found))
        else:
            say(f"{chunk.place}  {chunk.symbol}".rstrip())


@app.command()
def search(
    context: typer.Context,
    query: Annotated[str, typer.Argument(help="What to look for, in words or identifiers.")],
    k: Annotated[int, typer.Option("-k", min=1, help="How many results.")] = 10,
    source: SourceOption = None,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="json: one JSON value.")] = "text",
) -> None:
    """Search the source; builds the index where it is missing."""
    shell: Shell = context.obj
    settings = shell.settings(source={"location": source})
    if not query.strip():
        raise ConfigError("The query is empty. Say in words or identifiers what to look for.")
    hits = index_of(shell, settings, snapshot_of(shell, settings)).search(query, k)
    if form == "json":
        results = [_placed(hit.place, symbol=hit.symbol, score=hit.score, text=hit.text) for hit in hits]
        typer.echo(json.dumps({"results": results}))
        return
    for hit in hits:
        say(f"{hit.place}  {hit.symbol}".rstrip(), bold=True)
        lines = hit.text.split("\n")
        say("\n".join(f"    {line}" for line in lines[:_SHOWN]) + ("\n    ..." if lines[_SHOWN:] else "") + "\n")


def index_of(shell: Shell, settings: Settings, snapshot: Snapshot) -> Index:
    """The index of a snapshot, built with a progress bar where it is missing."""
    from wikiagent.index.embed import embedder_of
    from wikiagent.index.retrieve import open_index

    embedder = embedder_of(settings.index.embedder)
    url = os.environ.get("CHROMA_URL") or settings.index.url
    with Progress(console=shell.console, transient=True, disable=not shell.console.is_terminal) as bar:
        task = bar.add_task("Indexing", total=None)
        return open_index(
            snapshot,
            embedder,
            settings.store,
            url,
            lambda done, of: bar.update(task, completed=done, total=of),
            snapshot.select(settings.source.include, settings.source.exclude),
        )


def _placed(place: Place, **more: Any) -> dict[str, Any]:
    return {**asdict(place), **more}
