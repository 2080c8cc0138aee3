"""Findings for people: grouped by page, with a summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from wikiagent.check.finding import Finding, Severity
from wikiagent.check.fix import has_fix
from wikiagent.check.output.results import Counts, WikiReport, count
from wikiagent.check.rules import RULES


def as_text(reports: Sequence[WikiReport], statistics: bool) -> str:
    """The findings of some wikis by page, then the statistics where they are wanted, then a summary."""
    lines: list[str] = []
    for wiki in reports:
        for _, group in groupby(wiki.report.findings, key=lambda finding: finding.path):
            lines += [*_page(wiki, list(group)), ""]
    counts = count(reports)
    if statistics:
        lines += [*counted(counts), ""]
    return "\n".join([*lines, *summary(counts)])


def _page(wiki: WikiReport, findings: Sequence[Finding]) -> Iterator[str]:
    """A page's file, and its findings below it; more lines of a finding stand under its message."""
    yield str(wiki.file(findings[0]))
    width = max(len(_position(finding)) for finding in findings)
    indent = " " * (width + 4)
    for finding in findings:
        first, *more = finding.message.split("\n")
        fixable = " [fixable]" if has_fix(finding) else ""
        yield f"  {_position(finding):>{width}}  {finding.code} {finding.severity.value}: {first}{fixable}"
        yield from (f"{indent}    {line}" for line in more)
        if finding.fix:
            yield f"{indent}fix: {finding.fix}"


def _position(finding: Finding) -> str:
    """Line and column, as far as a finding has them; a dash for a whole page."""
    if not finding.line:
        return "-"
    return f"{finding.line}:{finding.column}" if finding.column else str(finding.line)


def counted(counts: Counts) -> Iterator[str]:
    """Statistics: findings by code, the most frequent first, and citations where they were checked."""
    for code, number in sorted(counts.codes.items(), key=lambda pair: (-pair[1], pair[0])):
        yield f"{number:6}  {code}  {RULES[code].summary}"
    if counts.source:
        for what, number in counts.citations.items():
            yield f"{number:6}  citations {what.replace('_', ' ')}"


def summary(counts: Counts) -> Iterator[str]:
    """What was found and what was checked, in one or two lines."""
    found, pages = sum(counts.codes.values()), _number(counts.pages, "page")
    if not found:
        yield f"Nothing was found on {pages}."
    else:
        kinds = " and ".join(_number(counts.severities[s], s.value) for s in Severity if counts.severities[s])
        fixable = f" --fix can put {counts.fixable} of them right." if counts.fixable else ""
        yield f"{_number(found, 'finding')} on {pages}: {kinds}.{fixable}"
    if counts.source:
        told = ", ".join(f"{n} {what.replace('_', ' ')}" for what, n in counts.citations.items() if what != "found")
        yield f"{_number(counts.citations['found'], 'citation')} against {counts.source}: {told}."
    else:
        yield "Citations and claims were not checked: name the source with --source, as pypi:NAME==VERSION or a folder."


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
