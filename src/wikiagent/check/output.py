"""What a check found, for people and for programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from wikiagent.check.citations import Standing
from wikiagent.check.finding import Finding
from wikiagent.check.linter import Report
from wikiagent.check.rules import RULES


def finding_as_json(finding: Finding) -> dict[str, Any]:
    """A finding as the schema `docs/schemas/findings.json` says."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "message": finding.message,
        "cited": finding.cited,
        "fix": finding.fix,
    }


def as_json(report: Report) -> dict[str, Any]:
    """A report as the schema `docs/schemas/findings.json` says."""
    counted = {standing.value: report.citations[standing] for standing in Standing}
    return {
        "findings": [finding_as_json(finding) for finding in report.findings],
        "citations": {"found": sum(counted.values()), **counted},
    }


def printed(reports: Sequence[tuple[Path, Report]], form: str, statistics: bool) -> str:
    """What is written to standard output about some wikis, in one of the formats."""
    return _as_text(reports, statistics) if form == "text" else json.dumps(_joined(reports))


def _joined(reports: Sequence[tuple[Path, Report]]) -> dict[str, Any]:
    """The reports of several wikis as one."""
    parts = [as_json(report) for _, report in reports]
    citations: Counter[str] = Counter()
    for part in parts:
        citations.update(part["citations"])
    return {"findings": [finding for part in parts for finding in part["findings"]], "citations": dict(citations)}


def _as_text(reports: Sequence[tuple[Path, Report]], statistics: bool) -> str:
    lines: list[str] = []
    for root, report in reports:
        for path, group in groupby(report.findings, key=lambda finding: finding.path):
            lines.append(str(root / path))
            lines += [_line(finding) for finding in group]
            lines.append("")
        if statistics:
            codes = Counter(finding.code for finding in report.findings)
            lines += [f"{count:6}  {code}  {RULES[code].summary}" for code, count in sorted(codes.items())]
        lines.append(_summary(report))
    return "\n".join(lines)


def _line(finding: Finding) -> str:
    message = finding.message.replace("\n", "\n          ")
    fix = f" [fix: {finding.fix}]" if finding.fix else ""
    return f"  {finding.line}:{finding.column}  {finding.code} {finding.severity.value}: {message}{fix}"


def _summary(report: Report) -> str:
    found = len(report.findings)
    told = f"{found} finding{'' if found == 1 else 's'} on {report.pages} page{'' if report.pages == 1 else 's'}."
    if not report.source:
        return f"{told} Citations were not checked: no source was given."
    counted = ", ".join(f"{report.citations[s]} {s.value.replace('_', ' ')}" for s in Standing)
    return f"{told} {report.citations.total()} citations against {report.source}: {counted}."
