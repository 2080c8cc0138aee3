"""The command line: typer commands of a few lines each, and the one place that turns an error into an exit code."""

from wikiagent.cli import (  # noqa: F401  (importing a command's module registers it)
    check,
    decide,
    doctor,
    drafts,
    enrich,
    eval_report,
    eval_run,
    evals,
    export,
    golden,
    index,
    init,
    log,
    mine,
    model,
    refresh,
    review,
    trace,
)
from wikiagent.cli.app import main

__all__ = ["main"]
