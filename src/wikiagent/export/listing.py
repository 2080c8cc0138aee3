"""What an export shows of a wiki besides its pages: lists of the pages of a type, and what each is linked with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from wikiagent.export.names import edge_words, title_of
from wikiagent.wiki.graph import Edge, PageId, Wiki, WikiPage
from wikiagent.wiki.indexes import note
from wikiagent.wiki.page import PageKind


class Row(NamedTuple):
    """A page in a list: its title, its point in a sentence, and what it is linked with, by what the edge says."""

    page: PageId
    title: str
    note: str
    linked: tuple[tuple[str, tuple[PageId, ...]], ...]


@dataclass(frozen=True)
class Listing:
    """The lists of a wiki."""

    wiki: Wiki

    @cached_property
    def kinds(self) -> tuple[PageKind, ...]:
        """The types that have pages."""
        return tuple(kind for kind in PageKind if self.pages(kind))

    def pages(self, kind: PageKind) -> list[WikiPage]:
        """The pages of a type."""
        return [page for page in self.wiki.pages.values() if page.kind is kind]

    def rows(self, kind: PageKind) -> list[Row]:
        """The pages of a type by title."""
        rows = [
            Row(page.id, title_of(page.id, self.wiki.repo), note(page), self._linked(page.id))
            for page in self.pages(kind)
        ]
        return sorted(rows, key=lambda row: (row.title.casefold(), row.title))

    def edges_at(self, page: PageId) -> Sequence[Edge]:
        """The edges that lead from or to a page."""
        return self._edges.get(page, ())

    @cached_property
    def revisions(self) -> tuple[str, ...]:
        """The revisions of the source that pages state; a wiki of others states none."""
        found = (page.page.metadata.revision for page in self.wiki.pages.values())
        return tuple(sorted({revision for revision in found if revision}))

    @property
    def repository_map(self) -> str | None:
        """The text of the map of the repository's files, where the wiki has one."""
        return next((text for file, text in sorted(self.wiki.files.items()) if file.startswith("_RepoMap")), None)

    def _linked(self, page: PageId) -> tuple[tuple[str, tuple[PageId, ...]], ...]:
        out: dict[str, list[PageId]] = {}
        for edge in self.edges_at(page):
            other = edge.target if edge.source == page else edge.source
            out.setdefault(edge_words(edge.edge, page[0], other[0]), []).append(other)
        return tuple((words, tuple(pages)) for words, pages in out.items())

    @cached_property
    def _edges(self) -> dict[PageId, list[Edge]]:
        out: dict[PageId, list[Edge]] = {}
        for edge in self.wiki.edges:
            out.setdefault(edge.source, []).append(edge)
            out.setdefault(edge.target, []).append(edge)
        return out
