"""The wiki and its source as a reader finds them: pages, lists, search over both."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import NamedTuple
from urllib.parse import quote

import numpy as np

from wikiagent.code.chunks import chunk_snapshot
from wikiagent.errors import WikiError
from wikiagent.export.html import PageAddress, SourceAddress
from wikiagent.export.listing import Listing
from wikiagent.export.search import Entry, entry_of
from wikiagent.index.retrieve import Hit, Index, words
from wikiagent.ledger import Ledger
from wikiagent.review.sources import Sources
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import PageId, Wiki, read_wiki, state_of
from wikiagent.wiki.page import PageKind

#: Words of a chunk of code, at most: some twenty to forty lines.
_CHUNK = 250

#: How often a word of a title counts.
_TITLE = 3


def address_of_kind(kind: PageKind) -> str:
    """Address of the list of a type's pages."""
    return f"/wiki/{kind.folder}"


def address_of_page(page: PageId) -> str:
    """Address of a page, whether it exists or not."""
    return f"/wiki/{page[0].folder}/{quote(page[1], safe='')}"


def address_of_source(path: str, line: int | None = None) -> str:
    """Address of a file of the source, or of one of its lines."""
    return f"/source/{quote(path)}" + (f"#L{line}" if line else "")


def is_map(report: str) -> bool:
    """Whether this is the name of the map of the repository, which stands among the reports."""
    return report.startswith("_RepoMap")


class Found(NamedTuple):
    """A page that a search found: its title, and a piece of its text about the words that were asked for."""

    page: PageId
    title: str
    piece: str


@dataclass(frozen=True)
class _Reading:
    """One state of the wiki, with what is derived from it when somebody asks."""

    state: list[tuple[str, int, int]]
    wiki: Wiki

    @cached_property
    def listing(self) -> Listing:
        return Listing(self.wiki)

    @cached_property
    def search(self) -> _PageSearch:
        return _PageSearch([entry_of(page, self.wiki.repo) for page in self.wiki.pages.values()])


class Library:
    """The wiki as it is now, and the source that it was written from. May be asked by several threads."""

    def __init__(self, root: Path, ledger: Ledger, sources: Sources | None) -> None:
        self._root = root
        self._ledger = ledger
        self._sources = sources
        self._reading: _Reading | None = None
        self._name = ""
        self._code: dict[str, Index] = {}
        self._lock, self._lock_for_search = Lock(), Lock()

    # --- the wiki ---

    def wiki(self) -> Wiki:
        """The wiki as it is now.

        Raises:
            WikiError: it cannot be read.
        """
        return self._now().wiki

    @property
    def name(self) -> str:
        """What the wiki is called; that does not change while it is served."""
        if not self._name:
            self._name = self.wiki().repo or ""
        return self._name or self._root.name

    def listing(self) -> Listing:
        """Its lists."""
        return self._now().listing

    def addresses(self) -> PageAddress:
        """Says the addresses of the pages that the wiki has now, None for others."""
        pages = self.wiki().pages
        return lambda page: address_of_page(page) if page in pages else None

    def reports(self) -> dict[str, str]:
        """The reports and the map of the repository, text by name."""
        files = self.wiki().files
        return {
            Path(file).stem: text
            for file, text in sorted(files.items())
            if file.startswith("_reports/") or file.startswith("_RepoMap")
        }

    def _now(self) -> _Reading:
        with self._lock:
            state = self._state_now()
            if self._reading is None or self._reading.state != state:
                self._reading = _Reading(state, read_wiki(self._root))
            return self._reading

    def _state_now(self) -> list[tuple[str, int, int]]:
        """Which files the wiki has, when each was changed, and its size: a reading holds for as long as that stays."""
        try:
            return state_of(self._root) if self._root.is_dir() else []
        except OSError as error:
            raise WikiError(f"The wiki cannot be read: {error}.") from error

    # --- the source ---

    def places(self, source: str | None) -> SourceAddress:
        """Says the addresses of lines that a page quotes, None for those of other revisions than the one shown here.

        Args:
            source: the source that the page was written from.
        """
        here = self.snapshot()
        if here is None or here.source != source:
            return lambda path, line: None
        return lambda path, line: address_of_source(path, line) if here.has(path) else None

    def snapshot(self) -> Snapshot | None:
        """The source that the wiki was written from; None where the store does not have it."""
        run = self._ledger.last_run(self._root)
        named = [run.source] if run else sorted(self.listing().revisions, reverse=True)
        found = (self._sources.snapshot(source) for source in named) if self._sources else ()
        return next((snapshot for snapshot in found if snapshot), None)

    # --- search ---

    def find_pages(self, query: str, most: int) -> list[Found]:
        """The pages that have words of a query, best first."""
        with self._lock_for_search:
            search = self._now().search
        return search.find(query, most)

    def find_code(self, query: str, most: int) -> list[Hit]:
        """The places of the source that have words of a query, best first; tests behind the rest."""
        snapshot = self.snapshot()
        if snapshot is None or self._sources is None:
            return []
        with self._lock_for_search:
            if snapshot.source not in self._code:
                chunks = list(chunk_snapshot(snapshot, lambda text: len(text.split()), _CHUNK))
                mined = snapshot.select(self._sources.include, self._sources.exclude)
                self._code = {snapshot.source: Index(chunks, lambda text, k: [], mined)}
            index = self._code[snapshot.source]
        return index.search(query, most)


class _PageSearch:
    """The words of all pages."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        import bm25s

        logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to DEBUG
        self._entries = entries
        listed = [words(f"{f'{entry.title} ' * _TITLE}{entry.page[1]} {entry.text}") for entry in entries]
        self._words = [frozenset(each) for each in listed]
        self._bm25 = bm25s.BM25() if any(listed) else None
        if self._bm25:
            self._bm25.index(listed, show_progress=False)

    def find(self, query: str, most: int) -> list[Found]:
        """The pages that have all words, best first; then those that have some."""
        asked = words(query)
        if not (self._bm25 and asked):
            return []
        scores = self._bm25.get_scores(asked)
        whole = np.array([there.issuperset(asked) for there in self._words])
        best = np.lexsort((-scores, ~whole))[:most]
        found = (self._entries[int(number)] for number in best if scores[number] > 0)
        return [Found(entry.page, entry.title, piece(entry.text, asked)) for entry in found]


def piece(text: str, asked: Sequence[str], width: int = 220) -> str:
    """A piece of a text around the first of some words, cut between words."""
    low = text.lower()
    at = min((place for place in (low.find(word) for word in asked) if place >= 0), default=0)
    start = max(0, at - width // 3)
    start = text.rfind(" ", 0, start) + 1 if start else 0
    end = start + width
    end = len(text) if end >= len(text) else max(text.rfind(" ", start, end), start + width // 2)
    return f"{'… ' if start else ''}{text[start:end]}{' …' if end < len(text) else ''}"


def marked(text: str, asked: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """The parts of a text, each with whether it is one of the words that were asked for."""
    pattern = re.compile(
        "|".join(re.escape(word) for word in sorted(set(asked), key=len, reverse=True)) or r"(?!)", re.I
    )
    at = 0
    for found in pattern.finditer(text):
        if found.start() > at:
            yield text[at : found.start()], False
        yield found[0], True
        at = found.end()
    if text[at:]:
        yield text[at:], False
