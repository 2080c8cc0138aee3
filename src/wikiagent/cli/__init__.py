"""The command line: typer commands of a few lines each, and the one place that turns an error into an exit code."""

from wikiagent.cli import check, doctor, enrich, evals, export, index, init, mine, model, refresh, review, trace  # noqa: F401  (importing a command's module registers it)
from wikiagent.cli.app import main

__all__ = ["main"]
