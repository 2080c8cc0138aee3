"""All rules over a whole wiki."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass

from wikiagent.check.citations import Standing
from wikiagent.check.finding import Finding
from wikiagent.check.ignores import Selection, without_ignored
from wikiagent.check.page_rules import check_page
from wikiagent.check.reading import Reading
from wikiagent.check.source import Source
from wikiagent.check.wiki_rules import check_graph, check_wiki
from wikiagent.wiki.graph import Wiki


@dataclass(frozen=True)
class Report:
    """What a check found.

    Attributes:
        findings: by page and line.
        pages: how many pages were checked.
        citations: how many citations stand how; empty where there was no source.
        source: the source with its revision; empty where citations were not checked.
    """

    findings: tuple[Finding, ...]
    pages: int
    citations: Counter[Standing]
    source: str


def check(
    wiki: Wiki,
    source: Source | None,
    selection: Selection | None = None,
    files: Collection[str] | None = None,
    is_public: Callable[[str], bool] | None = None,
) -> Report:
    """Check a wiki.

    Args:
        wiki: all of it, for pages are checked against each other.
        source: what it is about; without one, citations and claims are not checked.
        selection: which findings are wanted; all, where it is None.
        files: the files that findings are wanted about; all, where it is None.
        is_public: whether a name is a public symbol, for which a page may be wanted; any is, where it is None.
    """
    selection = selection or Selection()
    by_file: dict[str, list[Finding]] = {}
    for finding in (*check_wiki(wiki, is_public), *check_graph(wiki)):
        by_file.setdefault(finding.path, []).append(finding)
    names = {name for _, name in wiki.pages}
    citations: Counter[Standing] = Counter()
    pages = [page for page in wiki.pages.values() if files is None or page.file in files]
    found: list[Finding] = []
    for page in pages:
        reading = Reading(page.file, page.kind, page.name, page.text)
        checked = check_page(reading, source, names)
        citations += checked.citations
        found += without_ignored(reading, [*checked.findings, *by_file.pop(page.file, ())])
    found += [finding for rest in by_file.values() for finding in rest if files is None or finding.path in files]
    wanted = sorted((finding for finding in found if selection.wants(finding)), key=_place)
    return Report(tuple(wanted), len(pages), citations, source.snapshot.source if source else "")


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.path, finding.line, finding.column, finding.code, finding.message
