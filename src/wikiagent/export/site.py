"""A wiki as a static HTML site: pages, indexes, search and link graph, for a web server or straight from a folder."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from markupsafe import Markup

from wikiagent.export.blocks import read
from wikiagent.export.document import Document, Heading
from wikiagent.export.graph import around, graph_svg
from wikiagent.export.html import PageAddress, SourceAddress, to_html
from wikiagent.export.listing import Listing
from wikiagent.export.names import PURPOSES, plural, title_of
from wikiagent.export.search import entry_of, search_data
from wikiagent.export.shell import ASSETS, POLICY, NavLink, Shell, asset, render
from wikiagent.wiki.graph import PageId, Wiki, WikiPage
from wikiagent.wiki.page import PageKind

REPOSITORY_MAP = "map.html"


def site_files(wiki: Wiki, name: str) -> Iterator[tuple[str, bytes]]:
    """The files of the site, by path from its root.

    Args:
        wiki: the wiki.
        name: what it is called.
    """
    for file in ASSETS:
        yield f"assets/{file}", asset(file)
    for path, text in _Site(wiki, name).texts():
        yield path, text.encode("utf-8", "replace")


def page_file(page: PageId) -> str:
    """Path of a page's file from the root of the site."""
    return f"{page[0].folder}/{page[1]}.html"


def page_body(
    page: WikiPage, address_of: PageAddress, repo: str | None, place_of: SourceAddress = lambda path, line: None
) -> Markup:
    """The text of a page as HTML, without the title that some pages repeat in their text."""
    return to_html(untitled(read(page.text)), page=page.id, address_of=address_of, repo=repo, place_of=place_of)


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
        self._listing = Listing(wiki)

    def texts(self) -> Iterator[tuple[str, str]]:
        yield "index.html", self._home()
        yield "search.html", render(self._shell("", "search.html"), "search.html", title="Search")
        yield "search-data.js", self._search_data()
        yield "graph.html", self._graph()
        for kind in self._listing.kinds:
            yield f"{kind.folder}.html", self._index(kind)
        if self._listing.repository_map is not None:
            yield REPOSITORY_MAP, self._map(self._listing.repository_map)
        for page in self._wiki.pages.values():
            yield page_file(page.id), self._page(page)

    def _address(self, root: str) -> PageAddress:
        return lambda page: root + quote(page_file(page)) if page in self._wiki.pages else None

    def _shell(self, root: str, current: str) -> Shell:
        """The frame of a page; `root` leads to the root of the site, `current` is the file that stands for the page."""
        listing = self._listing
        targets: list[tuple[str, str, int | None]] = [("Start", "index.html", None)]
        targets += [(plural(kind), f"{kind.folder}.html", len(listing.pages(kind))) for kind in listing.kinds]
        targets.append(("Link graph", "graph.html", None))
        if listing.repository_map is not None:
            targets.append(("Repository map", REPOSITORY_MAP, None))
        return Shell(
            name=self._name,
            home=f"{root}index.html",
            assets=f"{root}assets/",
            search=f"{root}search.html",
            nav=tuple(NavLink(label, root + file, count, file == current) for label, file, count in targets),
            policy=POLICY,
            note="Written with wikiagent." if listing.revisions else "",
        )

    def _home(self) -> str:
        listing = self._listing
        types = [
            (kind.lower(), plural(kind), f"{kind.folder}.html", len(listing.pages(kind)), PURPOSES[kind])
            for kind in listing.kinds
        ]
        return render(
            self._shell("", "index.html"),
            "home.html",
            title=self._name,
            types=types,
            revisions=listing.revisions,
            links=len(self._wiki.edges),
            graph_address="graph.html",
        )

    def _search_data(self) -> str:
        pages = self._wiki.pages.values()
        return search_data((entry_of(page, self._wiki.repo), quote(page_file(page.id))) for page in pages)

    def _graph(self) -> str:
        wiki = self._wiki
        return render(
            self._shell("", "graph.html"),
            "graph.html",
            title="Link graph",
            picture=graph_svg(wiki.pages, wiki.edges, address_of=self._address(""), repo=wiki.repo),
            pages=len(wiki.pages),
            links=len(wiki.edges),
        )

    def _index(self, kind: PageKind) -> str:
        address_of, repo = self._address(""), self._wiki.repo
        rows = [
            (
                address_of(row.page),
                row.title,
                row.note,
                [
                    (words, [(title_of(other, repo), address_of(other)) for other in pages])
                    for words, pages in row.linked
                ],
            )
            for row in self._listing.rows(kind)
        ]
        shell = self._shell("", f"{kind.folder}.html")
        return render(shell, "index.html", title=plural(kind), purpose=PURPOSES[kind], rows=rows)

    def _map(self, text: str) -> str:
        body = to_html(untitled(read(text)), address_of=self._address(""), repo=self._wiki.repo)
        return render(self._shell("", REPOSITORY_MAP), "text.html", title="Repository map", body=body)

    def _page(self, page: WikiPage) -> str:
        address_of, repo = self._address("../"), self._wiki.repo
        near, edges, left_out = around(page.id, self._listing.edges_at(page.id))
        label = "Pages linked with this one"
        picture = graph_svg(near, edges, address_of=address_of, repo=repo, current=page.id, label=label)
        return render(
            self._shell("../", f"{page.kind.folder}.html"),
            "page.html",
            title=title_of(page.id, repo),
            kind=page.kind,
            name=page.name,
            body=page_body(page, address_of, repo),
            neighbours=picture if edges else None,
            left_out=left_out,
            graph_address="../graph.html",
        )
