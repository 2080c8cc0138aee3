"""The link graph as a picture: SVG, made here, in which each page is a link.

Columns follow the edges: Workflow, Principle, Implementation, and last Environment above Heuristic. Within a column
pages are ordered so that edges cross little: each takes the mean place of what it is linked with, a few times over.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from wikiagent.export.html import PageAddress
from wikiagent.export.names import plural, title_of
from wikiagent.source.inert import inert
from wikiagent.wiki.graph import Edge, PageId
from wikiagent.wiki.page import PageKind

WIDTH, HEIGHT = 232, 24
"""Of a node, in pixels."""

_PITCH, _GAP, _TOP, _MARGIN = 30, 120, 34, 8
_SWEEPS = 8
_LABEL = 30
"""Characters of a label, at most."""

_MANY = 16
"""Links of one page from which on each of them is drawn faintly."""

_COLUMNS: tuple[tuple[PageKind, ...], ...] = (
    (PageKind.WORKFLOW,),
    (PageKind.PRINCIPLE,),
    (PageKind.IMPLEMENTATION,),
    (PageKind.ENVIRONMENT, PageKind.HEURISTIC),
)


@dataclass(frozen=True)
class Layout:
    """Where everything stands, in pixels.

    Attributes:
        nodes: left upper corner by page.
        headings: the types, each above its pages.
        width: of the picture.
        height: of the picture.
    """

    nodes: Mapping[PageId, tuple[float, float]]
    headings: Sequence[tuple[PageKind, float, float]]
    width: float
    height: float


def around(page: PageId, edges: Iterable[Edge], most: int = 24) -> tuple[list[PageId], list[Edge], int]:
    """A page and what it is linked with.

    Returns:
        The pages, this one first, the edges between it and them, and how many linked pages are left out: the picture
        has at most `most` of them.
    """
    touching = [edge for edge in edges if page in (edge.source, edge.target)]
    linked = list(dict.fromkeys(p for edge in touching for p in (edge.source, edge.target) if p != page))
    shown = {page, *linked[:most]}
    return (
        [page, *linked[:most]],
        [edge for edge in touching if edge.source in shown and edge.target in shown],
        len(linked[most:]),
    )


def layout(pages: Collection[PageId], edges: Iterable[Edge]) -> Layout:
    """Place pages in columns; edges to other pages are left out."""
    known = set(pages)
    linked: dict[PageId, list[PageId]] = {page: [] for page in sorted(known)}
    for edge in edges:
        if edge.source in known and edge.target in known and edge.source != edge.target:
            linked[edge.source].append(edge.target)
            linked[edge.target].append(edge.source)
    columns = [[[page for page in linked if page[0] is kind] for kind in kinds] for kinds in _COLUMNS]
    columns = [[group for group in column if group] for column in columns if any(column)]
    _order(columns, linked)
    heights = [sum(len(group) + 1 for group in column) for column in columns]
    nodes: dict[PageId, tuple[float, float]] = {}
    headings = []
    for number, column in enumerate(columns):
        x = _MARGIN + number * (WIDTH + _GAP)
        y = float(_MARGIN)
        for group in column:
            headings.append((group[0][0], x, y))
            y += _TOP
            for page in group:
                nodes[page] = (x, y)
                y += _PITCH
            y += _PITCH / 2
    tallest = max(heights, default=0)
    for column, height in zip(columns, heights, strict=True):
        if height < tallest and len(column) == 1:
            _loosen(column[0], linked, nodes)
    width = 2 * _MARGIN + len(columns) * (WIDTH + _GAP) - _GAP if columns else 0
    bottom = max((y for _, y in nodes.values()), default=0.0) + HEIGHT + _MARGIN
    return Layout(nodes, headings, width, bottom)


def _order(columns: list[list[list[PageId]]], linked: Mapping[PageId, Sequence[PageId]]) -> None:
    """Sort the groups of pages in place, each page by the mean relative place of what it is linked with."""
    place: dict[PageId, float] = {}

    def number(column: list[list[PageId]]) -> None:
        pages = [page for group in column for page in group]
        place.update((page, (index + 0.5) / len(pages)) for index, page in enumerate(pages))

    for column in columns:
        number(column)
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 else reversed(columns):
            for group in column:
                group.sort(key=lambda page: (_mean(page, place, linked), page))
            number(column)


def _mean(page: PageId, place: Mapping[PageId, float], linked: Mapping[PageId, Sequence[PageId]]) -> float:
    """The mean place of what a page is linked with; what is linked with everything hardly counts."""
    weights = [(1 / len(linked[other]), place[other]) for other in linked[page]]
    return sum(w * at for w, at in weights) / sum(w for w, _ in weights) if weights else place[page]


def _loosen(
    pages: Sequence[PageId], linked: Mapping[PageId, Sequence[PageId]], nodes: dict[PageId, tuple[float, float]]
) -> None:
    """Move the pages of a short column down, towards what they are linked with; their order and distance stay."""
    heights = {page: y for page, (_, y) in nodes.items()}
    bottom = max(heights.values())
    limit = bottom - (len(pages) - 1) * _PITCH
    last = nodes[pages[0]][1] - _PITCH
    for index, page in enumerate(pages):
        wanted = _mean(page, heights, linked)
        last = min(max(last + _PITCH, wanted), max(limit + index * _PITCH, last + _PITCH))
        nodes[page] = (nodes[page][0], last)


def graph_svg(
    pages: Collection[PageId],
    edges: Iterable[Edge],
    *,
    address_of: PageAddress,
    repo: str | None = None,
    current: PageId | None = None,
    label: str = "Link graph",
) -> Markup:
    """The picture: an `<svg>` without style; `style.css` colours it, `graph.js` shows what a page is linked with.

    Args:
        pages: what is drawn.
        edges: the edges; those between drawn pages are drawn.
        address_of: where a page is; a page that is nowhere is drawn without a link.
        repo: prefix of page names that titles go without.
        current: the page to set off.
        label: what a screen reader says of the picture.
    """
    edges = tuple(edges)
    where = layout(pages, edges)
    numbers = {page: number for number, page in enumerate(where.nodes)}
    drawn = [edge for edge in edges if edge.source in numbers and edge.target in numbers]
    parts = [
        Markup('<text class="type" x="{}" y="{}">{}</text>').format(_px(x), _px(y + 20), plural(kind))
        for kind, x, y in where.headings
    ]
    degree = Counter(page for edge in drawn for page in (edge.source, edge.target))
    many = {page for page, links in degree.items() if links > _MANY and current is None}
    parts += [_edge(edge, where, numbers, faint=edge.source in many or edge.target in many) for edge in drawn]
    parts += [_node(page, where, numbers[page], address_of(page), repo, page == current) for page in where.nodes]
    return Markup(
        '<svg class="links" role="group" aria-label="{2}" width="{0}" height="{1}" viewBox="0 0 {0} {1}">\n{3}\n</svg>'
    ).format(_px(where.width), _px(where.height), label, Markup("\n").join(parts))


def _edge(edge: Edge, where: Layout, numbers: Mapping[PageId, int], *, faint: bool) -> Markup:
    (x1, y1), (x2, y2) = where.nodes[edge.source], where.nodes[edge.target]
    forward = x1 <= x2
    x1, x2 = (x1 + WIDTH, x2) if forward else (x1, x2 + WIDTH)
    bend = max(abs(x2 - x1) / 2, 40) * (1 if forward else -1)
    y1, y2 = y1 + HEIGHT / 2, y2 + HEIGHT / 2
    path = f"M{_px(x1)} {_px(y1)}C{_px(x1 + bend)} {_px(y1)} {_px(x2 - bend)} {_px(y2)} {_px(x2)} {_px(y2)}"
    return Markup('<path class="edge {}{}" d="{}" data-from="{}" data-to="{}"/>').format(
        edge.edge, " of-many" if faint else "", path, numbers[edge.source], numbers[edge.target]
    )


def _node(page: PageId, where: Layout, number: int, address: str | None, repo: str | None, current: bool) -> Markup:
    kind, name = page
    x, y = where.nodes[page]
    title = inert(title_of(page, repo))
    shown = title if len(title) <= _LABEL else title[: _LABEL - 1] + "…"
    inside = Markup(
        '<title>{}: {}</title><rect x="{}" y="{}" width="{}" height="{}" rx="5"/><text x="{}" y="{}">{}</text>'
    ).format(kind, inert(name), _px(x), _px(y), WIDTH, HEIGHT, _px(x + 10), _px(y + 16), shown)
    classes = f"node {kind.lower()}" + (" current" if current else "")
    if address is None:
        return Markup('<g class="{}" data-node="{}">{}</g>').format(classes, number, inside)
    here = Markup(' aria-current="page"') if current else Markup()
    return Markup('<a class="{}" data-node="{}" href="{}" aria-label="{}: {}"{}>{}</a>').format(
        classes, number, address, kind, title, here, inside
    )


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
