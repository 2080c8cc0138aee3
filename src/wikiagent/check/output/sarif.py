"""Findings in SARIF 2.1.0, the format in which code hosts and editors take the results of linters."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from wikiagent import __version__
from wikiagent.check.finding import Edit, Finding
from wikiagent.check.output.results import WikiReport, all_findings, count
from wikiagent.check.rule_pages import read_rule_page
from wikiagent.check.rules import RULES, Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
#: Name and version of the way in which findings are told apart over runs.
FINGERPRINT = "wikiagentFinding/v1"

_INDEX = {code: number for number, code in enumerate(RULES)}


def as_sarif(reports: Sequence[WikiReport]) -> dict[str, Any]:
    """The reports of some wikis as one run."""
    counts = count(reports)
    properties: dict[str, Any] = {"pages": counts.pages, "findings": dict(sorted(counts.codes.items()))}
    if counts.source:
        properties |= {"source": counts.source, "citations": counts.citations}
    seen: Counter[str] = Counter()
    run = {
        "tool": {
            "driver": {"name": "wikiagent", "version": __version__, "rules": [_rule(rule) for rule in RULES.values()]}
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "results": [_result(wiki, finding, seen) for wiki, finding in all_findings(reports)],
        "properties": properties,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Any]:
    page = read_rule_page(rule.code)
    return {
        "id": rule.code,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": page.finds},
        "help": {"text": page.markdown, "markdown": page.markdown},
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _result(wiki: WikiReport, finding: Finding, seen: Counter[str]) -> dict[str, Any]:
    """One finding; `seen` counts those before it that cannot be told from it by what they say."""
    identity = "\0".join((finding.code, finding.path, finding.message))
    digest = hashlib.sha256(identity.encode()).hexdigest()[:32]
    seen[digest] += 1
    artifact = {"uri": _uri(wiki.file(finding))}
    place: dict[str, Any] = {"artifactLocation": artifact}
    if finding.line:
        place["region"] = {"startLine": finding.line}
        if finding.column:
            place["region"]["startColumn"] = finding.column
    result = {
        "ruleId": finding.code,
        "ruleIndex": _INDEX[finding.code],
        "level": finding.severity.value,
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {FINGERPRINT: f"{digest}:{seen[digest]}"},
    }
    if finding.edits:
        text = wiki.wiki.files[finding.path].replace("\r\n", "\n")
        change = {"artifactLocation": artifact, "replacements": [_replacement(text, edit) for edit in finding.edits]}
        result["fixes"] = [{"description": {"text": finding.fix or finding.message}, "artifactChanges": [change]}]
    return result


def _uri(file: Path) -> str:
    """A file as a URI, relative to the current folder where it stands below that."""
    return file.as_uri() if file.is_absolute() else quote(file.as_posix(), errors="surrogateescape")


def _replacement(text: str, edit: Edit) -> dict[str, Any]:
    """An edit by lines and columns, which hold whatever the line ends of the file are."""
    (first, column), (last, end) = _position(text, edit.start), _position(text, edit.end)
    region = {"startLine": first, "startColumn": column, "endLine": last, "endColumn": end}
    return {"deletedRegion": region, "insertedContent": {"text": edit.text}}


def _position(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
