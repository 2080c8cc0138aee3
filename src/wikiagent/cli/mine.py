"""`wikiagent mine`: the ranked candidates, without drafting."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Literal

import typer

from wikiagent.cli.app import Shell, app, say
from wikiagent.cli.source import SourceOption, mined, snapshot_of


@app.command()
def mine(
    context: typer.Context,
    source: SourceOption = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Print the first N candidates.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Print the parts of each score.")] = False,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="json: one JSON value.")] = "text",
) -> None:
    """Print what a page could be written about, the most worthwhile first."""
    from wikiagent.code.symbols import read_symbols
    from wikiagent.code.vocabulary import Vocabulary
    from wikiagent.mine.candidates import rank
    from wikiagent.mine.signals import read_signals

    shell: Shell = context.obj
    settings = shell.settings(source={"location": source})
    snapshot = snapshot_of(shell, settings)
    paths = mined(settings, snapshot)
    symbols = read_symbols(snapshot, paths)
    candidates = rank(read_signals(snapshot, paths, symbols), symbols, Vocabulary(snapshot))[:limit]
    if form == "json":
        rows = [
            {
                "rank": number,
                "score": candidate.score,
                "kind": candidate.kind,
                "name": candidate.name,
                "evidence": [asdict(signal.place) for signal in candidate.signals],
                "reasons": dict(candidate.reasons),
            }
            for number, candidate in enumerate(candidates, 1)
        ]
        typer.echo(json.dumps({"candidates": rows}))
        return
    for number, candidate in enumerate(candidates, 1):
        say(f"{number:4} {candidate.score:6.2f}  {candidate.name} ({candidate.kind})", bold=True)
        say(f"             {candidate.signals[0].place}")
        if explain:
            say(f"             {', '.join(f'{name} {value:g}' for name, value in candidate.reasons)}")
