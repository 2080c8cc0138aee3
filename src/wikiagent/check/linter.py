"""All rules over a whole wiki."""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from wikiagent.check.citations import Standing
from wikiagent.check.finding import Finding
from wikiagent.check.ignores import Selection, without_ignored
from wikiagent.check.page_rules import Checked, check_page
from wikiagent.check.reading import Reading
from wikiagent.check.source import Source
from wikiagent.check.wiki_rules import check_graph, check_wiki
from wikiagent.wiki.graph import Wiki, WikiPage

#: From so many pages on it is worth while to share them out among processes.
_MANY = 300
_FIRST = 60


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
        is_public: whether a page about a name may be wanted; where it is None, names that the source defines.
    """
    selection = selection or Selection()
    is_public = is_public or (source.wants if source else None)
    pages = [page for page in wiki.pages.values() if files is None or page.file in files]
    checked, of_the_wiki = _each(_OnePage(source, wiki.names), pages, lambda: _of_the_wiki(wiki, is_public))
    found = [finding for result in checked for finding in result.findings]
    found += [finding for finding in of_the_wiki if files is None or finding.path in files]
    wanted = sorted((finding for finding in found if selection.wants(finding)), key=_place)
    citations = sum((result.citations for result in checked), Counter[Standing]())
    return Report(tuple(wanted), len(pages), citations, source.snapshot.source if source else "")


def _of_the_wiki(wiki: Wiki, is_public: Callable[[str], bool] | None) -> list[Finding]:
    """What the wiki as a whole has against its pages and indexes, without what comments in them ignore."""
    found: dict[str, list[Finding]] = {}
    for finding in (*check_wiki(wiki, is_public), *check_graph(wiki)):
        found.setdefault(finding.path, []).append(finding)
    for page in wiki.pages.values():
        if page.file in found and "wikiagent:" in page.text:
            reading = Reading(page.file, page.kind, page.name, page.text)
            kept = without_ignored(reading, found[page.file])
            found[page.file] = [finding for finding in kept if finding.code != "IGN001"]  # told by the page's own check
    return [finding for group in found.values() for finding in group]


@dataclass(frozen=True)
class _OnePage:
    """Checks one page after another by itself."""

    source: Source | None
    names: frozenset[str]

    def __call__(self, page: WikiPage) -> Checked:
        reading = Reading(page.file, page.kind, page.name, page.text, page.visible)
        checked = check_page(reading, self.source, self.names)
        checked.findings = list(without_ignored(reading, checked.findings))
        return checked


def _each(
    one: _OnePage, pages: Sequence[WikiPage], meanwhile: Callable[[], list[Finding]]
) -> tuple[list[Checked], list[Finding]]:
    """The pages, checked, and what is found meanwhile.

    Many pages are checked by as many processes as there are processors, where a process can be copied.
    """
    processes = len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1
    if len(pages) < _MANY or processes < 2:
        return [one(page) for page in pages], meanwhile()
    # what the first pages ask of the source is read once, before the process is copied
    first, pages = [one(page) for page in pages[:_FIRST]], pages[_FIRST:]
    global _SHARED  # what the copies of this process find in their memory; nothing of it is sent
    _SHARED = (one, pages)
    gc.freeze()  # so that the copies do not write into that memory
    with multiprocessing.get_context("fork").Pool(processes, gc.disable) as pool:  # nothing in a page is cyclic
        rest = pool.map_async(_shared, range(len(pages)), chunksize=max(1, len(pages) // (8 * processes)))
        found = meanwhile()
        checked = [*first, *rest.get()]
    gc.unfreeze()
    return checked, found


_SHARED: tuple[_OnePage, Sequence[WikiPage]] | None = None


def _shared(number: int) -> Checked:
    if _SHARED is None:
        raise RuntimeError("this is called in copies of a process that has set what they share")
    one, pages = _SHARED
    return one(pages[number])


def _place(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.path, finding.line, finding.column, finding.code, finding.message
