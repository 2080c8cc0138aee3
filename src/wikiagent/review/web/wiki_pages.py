"""The wiki to read: its pages, lists, graph and reports, the source that it is about, and the search over both."""

from __future__ import annotations

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from wikiagent.export.blocks import read
from wikiagent.export.graph import around, graph_svg
from wikiagent.export.highlight import code_lines
from wikiagent.export.html import to_html
from wikiagent.export.names import PURPOSES, plural, title_of
from wikiagent.export.site import page_body, untitled
from wikiagent.index.retrieve import words
from wikiagent.review.web.library import address_of_kind, address_of_page, address_of_source, is_map, marked
from wikiagent.review.web.site import MissingError, Site
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.page import PageKind

MOST = 25
"""Pages, and places of the source, that a search shows."""

MAX_QUERY = 400
"""Characters of a search, at most."""

_LANGUAGES = {"py": "python", "pyi": "python", "md": "markdown", "cfg": "ini", "yml": "yaml", "sh": "bash", "js": "js"}


def home(site: Site, request: Request) -> Response:
    """The wiki's start page."""
    listing = site.library.listing()
    types = [
        (kind.lower(), plural(kind), address_of_kind(kind), len(listing.pages(kind)), PURPOSES[kind])
        for kind in listing.kinds
    ]
    return site.page(
        request,
        "home.html",
        reading=True,
        title=site.name,
        current="/wiki",
        types=types,
        revisions=listing.revisions,
        links=len(listing.wiki.edges),
        graph_address="/graph",
    )


def index(site: Site, request: Request) -> Response:
    """The list of the pages of one type."""
    kind = _kind(request)
    listing, address_of = site.library.listing(), site.library.addresses()
    rows = [
        (
            address_of(row.page),
            row.title,
            row.note,
            [
                (says, [(title_of(other, site.name), address_of(other)) for other in pages])
                for says, pages in row.linked
            ],
        )
        for row in listing.rows(kind)
    ]
    current = address_of_kind(kind)
    return site.page(
        request, "index.html", reading=True, title=plural(kind), current=current, purpose=PURPOSES[kind], rows=rows
    )


def page(site: Site, request: Request) -> Response:
    """A page of the wiki."""
    listing, address_of = site.library.listing(), site.library.addresses()
    kind, name = _kind(request), request.path_params["name"]
    found = listing.wiki.pages.get((kind, name))
    if found is None:
        raise MissingError(f"The wiki has no {kind} page of the name {name}.")
    near, edges, left_out = around(found.id, listing.edges_at(found.id))
    label = "Pages linked with this one"
    picture = graph_svg(near, edges, address_of=address_of, repo=site.name, current=found.id, label=label)
    return site.page(
        request,
        "page.html",
        reading=True,
        title=title_of(found.id, site.name),
        current=address_of_kind(kind),
        kind=kind,
        name=name,
        body=page_body(found, address_of, site.name, site.library.places(found.page.metadata.revision)),
        neighbours=picture if edges else None,
        left_out=left_out,
        graph_address="/graph",
    )


def graph(site: Site, request: Request) -> Response:
    """The picture of all links."""
    wiki = site.library.wiki()
    picture = graph_svg(wiki.pages, wiki.edges, address_of=site.library.addresses(), repo=site.name)
    counts = {"pages": len(wiki.pages), "links": len(wiki.edges)}
    return site.page(
        request, "graph.html", reading=True, title="Link graph", current="/graph", picture=picture, **counts
    )


def reports(site: Site, request: Request) -> Response:
    """The reports of runs."""
    names = [name for name in site.library.reports() if not is_map(name)]
    return site.page(request, "reports.html", reading=True, title="Reports", current="/reports", names=names)


def report(site: Site, request: Request) -> Response:
    """One report."""
    name = request.path_params["name"]
    text = site.library.reports().get(name)
    if text is None:
        raise MissingError(f"The wiki has no report of the name {name}.")
    body = to_html(untitled(read(text)), address_of=site.library.addresses(), repo=site.name)
    title, current = ("Repository map", f"/reports/{name}") if is_map(name) else (name.replace("_", " "), "/reports")
    return site.page(request, "text.html", reading=True, title=title, current=current, body=body)


def search(site: Site, request: Request) -> Response:
    """What is found in pages and code."""
    query = request.query_params.get("q", "").strip()[:MAX_QUERY]
    asked = words(query)
    pages = [
        (address_of_page(found.page), list(marked(found.title, asked)), found.page[0], list(marked(found.piece, asked)))
        for found in site.library.find_pages(query, MOST)
    ]
    code: list[tuple[str, str, int, str, Markup]] = []
    for hit in site.library.find_code(query, MOST):
        lines = hit.text.split("\n")
        at = next((number for number, line in enumerate(lines) if any(word in line.lower() for word in asked)), 0)
        shown = "\n".join(lines[at : at + 4])
        first = hit.place.first + at
        drawn = code_lines(shown, _language(hit.place.path), start=first, name=f"hit{len(code)}")
        code.append((address_of_source(hit.place.path, first), hit.place.path, first, hit.symbol, drawn))
    return site.page(
        request,
        "found.html",
        reading=True,
        title=f"Search: {query}" if query else "Search",
        query=query,
        pages=pages,
        code=code,
        has_source=site.library.snapshot() is not None,
        most=MOST,
    )


def sources(site: Site, request: Request) -> Response:
    """The files of the source that the wiki is about."""
    snapshot = _snapshot(site)
    return site.page(
        request,
        "sources.html",
        reading=True,
        title="Source",
        current="/source",
        revision=snapshot.source,
        files=[(path, address_of_source(path)) for path in snapshot.files],
    )


def source(site: Site, request: Request) -> Response:
    """A file of the source that the wiki is about."""
    path = request.path_params["path"]
    snapshot = _snapshot(site)
    if not snapshot.has(path):
        raise MissingError(f"{snapshot.source} has no file {path}.")
    lines = snapshot.lines(path)
    return site.page(
        request,
        "source.html",
        reading=True,
        title=path,
        current="/source",
        revision=snapshot.source,
        count=len(lines),
        code=code_lines("\n".join(lines), _language(path), start=1, name=""),
    )


def _snapshot(site: Site) -> Snapshot:
    snapshot = site.library.snapshot()
    if snapshot is None:
        raise MissingError("The source of this wiki is not in the store; `wikiagent index --source SOURCE` fetches it.")
    return snapshot


def _kind(request: Request) -> PageKind:
    folder = request.path_params["folder"]
    kind = next((kind for kind in PageKind if kind.folder == folder), None)
    if kind is None:
        lists = ", ".join(address_of_kind(kind) for kind in PageKind)
        raise MissingError(f"There is no page at {request.url.path}; the lists of pages are at {lists}.")
    return kind


def _language(path: str) -> str:
    ending = path.rpartition(".")[2].lower()
    return _LANGUAGES.get(ending, ending)
