"""Findings as workflow commands, which GitHub Actions shows as annotations of the changed files."""

from __future__ import annotations

from collections.abc import Sequence

from wikiagent.check.finding import Finding
from wikiagent.check.output.results import WikiReport, all_findings, count
from wikiagent.check.output.text import counted, summary


def as_github(reports: Sequence[WikiReport], statistics: bool) -> str:
    """One command a finding, then what a reader of the log wants to know."""
    counts = count(reports)
    commands = [_command(wiki.file(finding).as_posix(), finding) for wiki, finding in all_findings(reports)]
    return "\n".join([*commands, *(counted(counts) if statistics else ()), *summary(counts)])


def _command(file: str, finding: Finding) -> str:
    """A finding as `::error file=…,line=…,col=…,title=…::message`; a whole page has neither line nor column."""
    place = {"file": file, "line": finding.line, "col": finding.column, "title": finding.code}
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in place.items() if value)
    message = f"{finding.message}\nfix: {finding.fix}" if finding.fix else finding.message
    return f"::{finding.severity.value} {properties}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
