"""`wikiagent eval`: what can be measured about pages and their judges."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from wikiagent.cli.app import Shell, app, say
from wikiagent.cli.index import index_of
from wikiagent.cli.source import SourceOption, snapshot_of

evals = typer.Typer(no_args_is_help=True, help="Measure pages and their judges.")
app.add_typer(evals, name="eval")


@evals.callback()
def group() -> None:
    """Measure pages and their judges."""


@evals.command("judge")
def judge_labels(
    context: typer.Context,
    labels: Annotated[Path, typer.Argument(help="Labelled statements, one JSON object a line.")],
    source: SourceOption = None,
    model: Annotated[str | None, typer.Option(help="The model that judges, or gguf:FILE.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Judge the first N statements.")] = None,
    cache: Annotated[bool, typer.Option("--cache/--no-cache", help="Use earlier answers.")] = True,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="json: one JSON value.")] = "text",
) -> None:
    """Compare a model's verdicts on statements with labels that people gave."""
    from wikiagent.cli.agent import model_in
    from wikiagent.draft.support import judge_prompt
    from wikiagent.evals.agreement import VERDICTS, agreement, as_json, read_labels

    shell: Shell = context.obj
    settings = shell.settings(source={"location": source}, model={"name": model})
    snapshot = snapshot_of(shell, settings)
    labelled = read_labels(labels, snapshot, index_of(shell, settings, snapshot).search)[:limit]
    with model_in(settings, settings.store / "ledger.sqlite", cache=cache) as judging:
        told = judging.about("judge", judge_prompt())
        found, judged = agreement(labelled, snapshot, told, shell.tell)
    if form == "json":
        say(as_json(judging.model_name, found, judged))
        return
    say(f"Model {judging.model_name}, prompt {judge_prompt()}: {found.judged} statements judged")
    if found.unanswered:
        say(f"{found.unanswered} without a usable answer; they do not count")
    say(f"supported, partly or not  accuracy {found.accuracy:.3f}  kappa {found.kappa:.3f}")
    say(f"supported or not          accuracy {found.binary().accuracy:.3f}  kappa {found.binary().kappa:.3f}")
    say("label \\ verdict  " + "".join(f"{verdict:>11}" for verdict in VERDICTS))
    for label in VERDICTS:
        say(f"{label:15}  " + "".join(f"{found.pairs[label, verdict]:>11}" for verdict in VERDICTS))
