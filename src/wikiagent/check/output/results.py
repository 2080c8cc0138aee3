"""What all formats are made from: the reports of some wikis, and their counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from wikiagent.check.citations import Standing
from wikiagent.check.finding import Finding, Severity
from wikiagent.check.fix import has_fix
from wikiagent.check.linter import Report
from wikiagent.wiki.graph import Wiki


class WikiReport(NamedTuple):
    """What was found in one wiki.

    Attributes:
        root: its folder, as it is to be shown: from the current folder where it stands below that.
        wiki: the wiki as it was checked.
        report: what was found.
    """

    root: Path
    wiki: Wiki
    report: Report

    def file(self, finding: Finding) -> Path:
        """The file that a finding is about, by the shown folder of its wiki."""
        return self.root / finding.path


class Counts(NamedTuple):
    """Some reports in numbers.

    Attributes:
        pages: how many pages were checked.
        codes: findings by code.
        severities: findings by severity.
        fixable: findings that `--fix` can put right.
        citations: citations that were found, and those that are verified, refuted and not understood.
        source: the source with its revision; empty where citations and claims were not checked.
    """

    pages: int
    codes: Counter[str]
    severities: Counter[Severity]
    fixable: int
    citations: dict[str, int]
    source: str


def all_findings(reports: Sequence[WikiReport]) -> Iterator[tuple[WikiReport, Finding]]:
    """The findings of some reports, each with the report that it is of."""
    return ((wiki, finding) for wiki in reports for finding in wiki.report.findings)


def count(reports: Sequence[WikiReport]) -> Counts:
    """Count what some reports found."""
    findings = [finding for _, finding in all_findings(reports)]
    standing = {s.value: sum(wiki.report.citations[s] for wiki in reports) for s in Standing}
    return Counts(
        pages=sum(wiki.report.pages for wiki in reports),
        codes=Counter(finding.code for finding in findings),
        severities=Counter(finding.severity for finding in findings),
        fixable=sum(map(has_fix, findings)),
        citations={"found": sum(standing.values()), **standing},
        source=next((wiki.report.source for wiki in reports), ""),
    )
