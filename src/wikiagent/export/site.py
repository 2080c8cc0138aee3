"""A wiki as a static HTML site: pages, indexes, search and link graph, for a web server or straight from a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from urllib.parse import quote

from markupsafe import Markup

from wikiagent.export.blocks import read
from wikiagent.export.document import Document, Heading
from wikiagent.export.graph import around, graph_svg
from wikiagent.export.html import PageAddress, to_html
from wikiagent.export.names import PURPOSES, edge_words, plural, title_of
from wikiagent.export.search import entry_of, search_data
from wikiagent.export.shell import ASSETS, POLICY, NavLink, Shell, asset, render
from wikiagent.wiki.graph import Edge, PageId, Wiki, WikiPage
from wikiagent.wiki.indexes import note
from wikiagent.wiki.page import PageKind

REPO_MAP = "map.html"


def site_files(wiki: Wiki, name: str) -> Iterator[tuple[str, bytes]]:
    """The files of the site, by path from its root.

    Args:
        wiki: the wiki.
        name: what it is called.
    """
    site = _Site(wiki, name)
    for file in ASSETS:
        yield f"assets/{file}", asset(file)
    for path, text in site.texts():
        yield path, text.encode("utf-8", "replace")


def page_file(page: PageId) -> str:
    """Path of a page's file from the root of the site."""
    return f"{page[0].folder}/{page[1]}.html"


def page_body(page: WikiPage, address_of: PageAddress, repo: str | None) -> Markup:
    """The text of a page as HTML, without the title that some pages repeat in their text."""
    return to_html(untitled(read(page.text)), page=page.id, address_of=address_of, repo=repo)


def untitled(document: Document) -> Document:
    """A document without a heading of the first level at its start: who shows it names the page."""
    match document.blocks:
        case (Heading(1), *rest):
            return Document(tuple(rest))
    return document


class _Site:
    """Renders the files of one wiki."""

    def __init__(self, wiki: Wiki, name: str) -> None:
        self._wiki = wiki
        self._name = name
        self._kinds = [kind for kind in PageKind if any(page[0] is kind for page in wiki.pages)]
        self._touching = _touching(wiki.edges)
        self._map = next((text for file, text in sorted(wiki.files.items()) if file.startswith("_RepoMap")), None)

    def texts(self) -> Iterator[tuple[str, str]]:
        yield "index.html", self._home()
        yield "search.html", render(self._shell("", "search.html"), "search.html", title="Search")
        yield "search-data.js", self._search_data()
        yield "graph.html", self._graph()
        for kind in self._kinds:
            yield f"{kind.folder}/index.html", self._index(kind)
        if self._map is not None:
            body = to_html(untitled(read(self._map)), address_of=self._address(""), repo=self._wiki.repo)
            yield REPO_MAP, render(self._shell("", REPO_MAP), "text.html", title="Repository map", body=body)
        for page in self._wiki.pages.values():
            yield page_file(page.id), self._page(page)

    def _address(self, root: str) -> PageAddress:
        return lambda page: root + quote(page_file(page)) if page in self._wiki.pages else None

    def _shell(self, root: str, current: str = "") -> Shell:
        targets: list[tuple[str, str, int | None]] = [("Start", "index.html", None)]
        targets += [(plural(kind), f"{kind.folder}/index.html", len(self._pages(kind))) for kind in self._kinds]
        targets += [("Link graph", "graph.html", None)]
        targets += [("Repository map", REPO_MAP, None)] if self._map is not None else []
        nav = tuple(NavLink(label, root + file, count, file == current) for label, file, count in targets)
        shell = Shell(self._name, f"{root}index.html", f"{root}assets/", f"{root}search.html", nav, policy=POLICY)
        return replace(shell, note="Written with wikiagent: every quoted line was checked against the source.")

    def _pages(self, kind: PageKind) -> list[WikiPage]:
        return [page for page in self._wiki.pages.values() if page.kind is kind]

    def _home(self) -> str:
        types = [
            (kind.lower(), plural(kind), f"{kind.folder}/index.html", len(self._pages(kind)), PURPOSES[kind])
            for kind in self._kinds
        ]
        return render(
            self._shell("", "index.html"),
            "home.html",
            title=self._name,
            types=types,
            revisions=self._revisions(),
            links=len(self._wiki.edges),
        )

    def _revisions(self) -> list[str]:
        """The revisions of the source that pages state."""
        found = (page.page.metadata.revision for page in self._wiki.pages.values())
        return sorted({revision for revision in found if revision})

    def _search_data(self) -> str:
        repo = self._wiki.repo
        return search_data((entry_of(page, repo), quote(page_file(page.id))) for page in self._wiki.pages.values())

    def _graph(self) -> str:
        picture = graph_svg(self._wiki.pages, self._wiki.edges, address_of=self._address(""), repo=self._wiki.repo)
        pages, links = len(self._wiki.pages), len(self._wiki.edges)
        return render(
            self._shell("", "graph.html"), "graph.html", title="Link graph", picture=picture, pages=pages, links=links
        )

    def _index(self, kind: PageKind) -> str:
        address_of = self._address("../")
        rows = [
            (address_of(page.id), title_of(page.id, self._wiki.repo), note(page), self._linked(page, address_of))
            for page in sorted(self._pages(kind), key=lambda page: title_of(page.id, self._wiki.repo).casefold())
        ]
        shell = self._shell("../", f"{kind.folder}/index.html")
        return render(shell, "index.html", title=plural(kind), purpose=PURPOSES[kind], rows=rows)

    def _linked(self, page: WikiPage, address_of: PageAddress) -> list[tuple[str, list[tuple[str, str | None]]]]:
        """What a page is linked with: by the words of the edge, titles and addresses."""
        out: dict[str, list[tuple[str, str | None]]] = {}
        for edge in self._touching.get(page.id, ()):
            other = edge.target if edge.source == page.id else edge.source
            words = edge_words(edge.edge, page.kind, other[0])
            out.setdefault(words, []).append((title_of(other, self._wiki.repo), address_of(other)))
        return list(out.items())

    def _page(self, page: WikiPage) -> str:
        address_of = self._address("../")
        pages, edges, left_out = around(page.id, self._touching.get(page.id, ()))
        picture = (
            graph_svg(
                pages,
                edges,
                address_of=address_of,
                repo=self._wiki.repo,
                current=page.id,
                label="Pages linked with this one",
            )
            if edges
            else None
        )
        return render(
            self._shell("../", f"{page.kind.folder}/index.html"),
            "page.html",
            title=title_of(page.id, self._wiki.repo),
            kind=page.kind,
            name=page.name,
            body=page_body(page, address_of, self._wiki.repo),
            neighbours=picture,
            left_out=left_out,
            graph_address="../graph.html",
        )


def _touching(edges: Iterable[Edge]) -> dict[PageId, list[Edge]]:
    """The edges at each page."""
    out: dict[PageId, list[Edge]] = {}
    for edge in edges:
        out.setdefault(edge.source, []).append(edge)
        out.setdefault(edge.target, []).append(edge)
    return out
