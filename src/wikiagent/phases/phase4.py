"""Phase 4, the audit: all rules over the whole wiki, the fixes that are certain, and a report of what remains."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wikiagent.check.finding import Finding, Severity
from wikiagent.check.fix import fixed
from wikiagent.check.linter import Report, check
from wikiagent.check.rules import RULES
from wikiagent.check.source import Source
from wikiagent.phases.publish import whole_wiki
from wikiagent.phases.report import same_but_date, template
from wikiagent.wiki.edit import apply
from wikiagent.wiki.graph import Wiki
from wikiagent.wiki.page import PageKind

REPORT_FILE = "_reports/phase4_audit.md"
_FIXED_SECTION = re.compile(r"^## What Was Fixed$.*?^---$", re.M | re.S)


@dataclass(frozen=True)
class Audit:
    """What an audit found and did.

    Attributes:
        report: the findings that remain.
        fixed: the findings that are gone.
        files: the files that were changed.
        text: the audit's report, as it stands in the wiki.
    """

    report: Report
    fixed: tuple[Finding, ...]
    files: tuple[str, ...]
    text: str

    @property
    def valid(self) -> bool:
        """Whether no error remains."""
        return not any(finding.severity is Severity.ERROR for finding in self.report.findings)


def audit(root: Path, repo: str | None, source: Source | None, now: str) -> Audit:
    """Check a wiki, apply the fixes that are certain, and write the report, all in one edit.

    Args:
        root: the wiki's folder.
        repo: prefix of page names where the wiki shows none.
        source: what it is about; without one, citations and claims are not checked.
        now: the time, as pages show it.

    Raises:
        WikiError: the wiki cannot be read or changed.
    """
    before = whole_wiki(root, repo)
    first = check(before, source)
    changes: dict[str, str] = fixed(before, lambda wiki: check(wiki, source).findings) if first.findings else {}
    after = before.edited(changes)
    report = check(after, source) if changes else first
    gone = tuple(
        finding for finding in first.findings if _without_place(finding) not in map(_without_place, report.findings)
    )
    text = _report(after, report, gone, now)
    old = before.files.get(REPORT_FILE, "")
    if gone or (
        _without_fixes(text) != _without_fixes(old) and not same_but_date(_without_fixes(text), _without_fixes(old))
    ):
        changes[REPORT_FILE] = text
    return Audit(report, gone, apply(root, changes, before.files), changes.get(REPORT_FILE, old))


def _without_place(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.path, finding.message


def _without_fixes(report: str) -> str:
    """A report without what that run fixed: a later one has nothing to fix."""
    return _FIXED_SECTION.sub("", report)


def _report(wiki: Wiki, report: Report, gone: Sequence[Finding], now: str) -> str:
    kinds = {file: kind for kind, file in ((page.kind, page.file) for page in wiki.pages.values())}
    findings = Counter(kinds.get(finding.path) for finding in report.findings)
    linked = {
        page for edge in wiki.edges if edge.source in wiki.pages and edge.target in wiki.pages for page in edge[::2]
    }
    return template("phase4_audit.md.j2").render(
        repo=wiki.repo or "",
        date=now[:10],
        source=report.source,
        types=[(kind, sum(page.kind is kind for page in wiki.pages.values()), findings[kind]) for kind in PageKind],
        elsewhere=findings[None],
        total=len(wiki.pages),
        links=sum(edge.source in wiki.pages and edge.target in wiki.pages for edge in wiki.edges),
        citations={standing.value.replace("_", " "): count for standing, count in report.citations.items()},
        fixed=_by_code(gone),
        remaining=_by_code(report.findings),
        orphans=sorted(page.name for page in wiki.pages.values() if page.id not in linked),
        wanted=_wanted(wiki),
        errors=sum(finding.severity is Severity.ERROR for finding in report.findings),
        warnings=sum(finding.severity is Severity.WARNING for finding in report.findings),
    )


def _by_code(findings: Sequence[Finding]) -> list[tuple[str, str, list[Finding]]]:
    """Code, summary and findings of each rule that has some."""
    codes = sorted({finding.code for finding in findings})
    return [(code, RULES[code].summary, [f for f in findings if f.code == code]) for code in codes]


def _wanted(wiki: Wiki) -> list[tuple[str, list[str]]]:
    """Pages that pages link to and nobody has written, with the names of those pages."""
    found: dict[str, set[str]] = {}
    for page, link in wiki.missing:
        found.setdefault(f"{link.kind}:{link.name}", set()).add(page.name)
    return sorted((name, sorted(pages)) for name, pages in found.items())
