"""A run in the form that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from wikiagent.check.reading import Reading
from wikiagent.errors import ConfigError
from wikiagent.evals.evaluate import WIKI
from wikiagent.evals.golden import read_goldens
from wikiagent.evals.report.data import as_json
from wikiagent.evals.report.html import as_html
from wikiagent.evals.report.junit import as_junit
from wikiagent.evals.report.result import Result
from wikiagent.evals.report.table import as_table
from wikiagent.evals.runs import GOLDENS, Run, Runs, write
from wikiagent.evals.telling import prose
from wikiagent.wiki.graph import read_wiki

Form = Literal["table", "json", "junit", "html"]


def printed(form: Form, result: Result, run: Run, runs: Runs) -> str:
    """A run in one form.

    Raises:
        ConfigError: HTML is asked for, and matplotlib is not installed.
    """
    if form == "html":
        return _html(result, run, runs)
    return {"table": as_table, "json": as_json, "junit": as_junit}[form](result).rstrip("\n")


def write_all(folder: Path, result: Result, run: Run, runs: Runs, tell: Callable[[str], None]) -> None:
    """Write eval.json, junit.xml and report.html into a folder; without the last where no plots can be drawn."""
    write(folder / "eval.json", as_json(result) + "\n")
    write(folder / "junit.xml", as_junit(result))
    try:
        write(folder / "report.html", _html(result, run, runs))
    except ConfigError as error:
        tell(str(error))


def _html(result: Result, run: Run, runs: Runs) -> str:
    near = {row.near.page for row in result.missed() if row.near}
    wiki = read_wiki(run.trial(1) / WIKI)
    pages = {
        page.name: prose(Reading(page.file, page.kind, page.name, page.text).statements)
        for page in wiki.pages.values()
        if page.name in near
    }
    others = {
        other.id: other.rows()
        for other in runs.all()
        if other.is_finished and other.id != run.id and _beside(other, run)
    }
    return as_html(result, read_goldens(run.folder / GOLDENS).goldens, pages, others)


def _beside(other: Run, run: Run) -> bool:
    """Whether two runs were scored on the same."""
    return (other.info.source, other.info.goldens) == (run.info.source, run.info.goldens)
