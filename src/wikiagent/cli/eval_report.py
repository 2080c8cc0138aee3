"""`wikiagent eval report`, `compare` and `list`: what stored runs came to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from wikiagent.cli.app import Shell, say
from wikiagent.cli.eval_run import FormOption, OutputOption
from wikiagent.cli.evals import evals
from wikiagent.cli.source import snapshot_of
from wikiagent.errors import ConfigError

if TYPE_CHECKING:
    from wikiagent.evals.runs import Run

RunArgument = Annotated[str, typer.Argument(help="A run by its id, or its folder.")]
_JsonOption = Annotated[Literal["table", "json"], typer.Option("--format", help="json: one JSON value.")]


@evals.command("report")
def report(
    context: typer.Context,
    run: RunArgument,
    rescore: Annotated[bool, typer.Option("--rescore", help="Score its pages again; no model is asked.")] = False,
    output: OutputOption = None,
    form: FormOption = "table",
) -> None:
    """Print what a run came to."""
    from wikiagent.evals.report.outputs import folder_for, printed, write_all
    from wikiagent.evals.report.result import Result
    from wikiagent.evals.runs import Runs

    shell: Shell = context.obj
    if output is not None:
        folder_for(output, "--output")
    runs = Runs(shell.settings().store)
    found = runs.named(run)
    if rescore:
        _score_again(shell, found)
    result = Result.of(found, found.rows())
    if output is not None:
        write_all(output, result, found, runs, lambda said: shell.console.print(said))
    say(printed(form, result, found, runs))


def _score_again(shell: Shell, run: Run) -> None:
    """Make the rows of a run from its folder again.

    Raises:
        ConfigError: the source is no longer what it was.
    """
    from wikiagent.evals.evaluate import rescore
    from wikiagent.evals.runs import GOLDENS
    from wikiagent.evals.subject import subject_of

    settings = shell.settings(source={"location": run.info.config.source})
    snapshot = snapshot_of(shell, settings)
    if snapshot.digest != run.info.digest:
        raise ConfigError(
            f"{run.info.config.source} is no longer what the run {run.id} scored. Run the evaluation again."
        )
    subject, _ = subject_of(run.folder / GOLDENS, snapshot)
    with run.alone():
        run.keep_rows(rescore(run, subject))


@evals.command("compare")
def compare_runs(context: typer.Context, a: RunArgument, b: RunArgument, form: _JsonOption = "table") -> None:
    """Compare two runs on the same goldens, and say whether a difference is more than noise."""
    from wikiagent.evals.compare import compare
    from wikiagent.evals.report.data import comparison_as_json
    from wikiagent.evals.report.table import comparison_as_table
    from wikiagent.evals.runs import Runs

    shell: Shell = context.obj
    runs = Runs(shell.settings().store)
    before, after = runs.named(a), runs.named(b)
    compared = compare(before, after)
    tell = comparison_as_json if form == "json" else comparison_as_table
    say(tell(before, after, compared))


@evals.command("list")
def list_runs(context: typer.Context, form: _JsonOption = "table") -> None:
    """List the runs in the store."""
    from wikiagent.evals.report.data import runs_as_json
    from wikiagent.evals.runs import Runs

    shell: Shell = context.obj
    runs = Runs(shell.settings().store).all(lambda why: shell.console.print(why))
    if form == "json":
        say(runs_as_json(runs))
        return
    for run in runs:
        state = "finished" if run.is_finished else "not finished"
        say(f"{run.id:24} {run.info.started}  {state:12}  {run.info.source}, {run.info.written_by}")
