"""Findings as one JSON value, by the schema `docs/schemas/findings.json`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wikiagent.check.finding import Finding
from wikiagent.check.output.results import WikiReport, all_findings, count


def finding_as_json(finding: Finding) -> dict[str, Any]:
    """A finding as the schema says."""
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


def as_json(reports: Sequence[WikiReport]) -> dict[str, Any]:
    """The reports of some wikis as one value."""
    findings = [finding_as_json(finding) for _, finding in all_findings(reports)]
    return {"findings": findings, "citations": count(reports).citations}
