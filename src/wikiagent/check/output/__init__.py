"""What a check found, written for people (text), for scripts (json) and for code hosts (github, sarif): `printed`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from wikiagent.check.finding import Finding
from wikiagent.check.output.data import as_json, finding_as_json
from wikiagent.check.output.github import as_github
from wikiagent.check.output.results import WikiReport
from wikiagent.check.output.sarif import as_sarif
from wikiagent.check.output.text import as_text

__all__ = ["WikiReport", "finding_as_json", "printed"]


def printed(reports: Sequence[WikiReport], form: str, statistics: bool = False) -> str:
    """What is written to standard output about some wikis.

    Args:
        reports: what was found, by wiki.
        form: `text`, `json`, `github` or `sarif`.
        statistics: whether text and github also count findings by code, and citations; the others hold what it takes.
    """
    reports = [_readable(report) for report in reports]
    if form == "json":
        return json.dumps(as_json(reports))
    if form == "sarif":
        return json.dumps(as_sarif(reports), indent=2)
    return as_github(reports, statistics) if form == "github" else as_text(reports, statistics)


def _readable(wiki: WikiReport) -> WikiReport:
    """A report whose texts can be encoded: pages may hold bytes that are no UTF-8."""

    def encodable(text: str) -> str:
        return text.encode("utf-8", "replace").decode()

    def readable(finding: Finding) -> Finding:
        fix = encodable(finding.fix) if finding.fix else finding.fix
        return replace(finding, message=encodable(finding.message), cited=encodable(finding.cited), fix=fix)

    return wiki._replace(report=replace(wiki.report, findings=tuple(map(readable, wiki.report.findings))))
