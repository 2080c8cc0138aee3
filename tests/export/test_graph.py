"""The picture of the links: every page once, edges from side to side, few crossings, nothing on top of another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.export.text import Parsed
from wikiagent.export.graph import HEIGHT, WIDTH, Layout, around, graph_svg, layout
from wikiagent.wiki.graph import Edge, PageId
from wikiagent.wiki.page import PageKind

W, P, I, E, H = PageKind  # noqa: E741

ids = st.tuples(st.sampled_from(PageKind), st.sampled_from("abcdefg"))
edges = st.lists(st.builds(Edge, ids, st.sampled_from(["step", "requires_env"]), ids), max_size=20)


def crossings(edges: Sequence[Edge], where: Layout) -> int:
    spans = [(where.nodes[edge.source], where.nodes[edge.target]) for edge in edges]
    pairs = [(a, b) for a, b in combinations(spans, 2) if a[0][0] == b[0][0] and a[1][0] == b[1][0]]
    return sum((a[0][1] - b[0][1]) * (a[1][1] - b[1][1]) < 0 for a, b in pairs)


@given(st.sets(ids), edges)
@settings(deadline=None)
def test_no_two_pages_stand_on_each_other_and_all_are_in_the_picture(pages: set[PageId], edges: list[Edge]) -> None:
    where = layout(pages, edges)
    assert set(where.nodes) == pages
    for (x1, y1), (x2, y2) in combinations(where.nodes.values(), 2):
        assert x1 != x2 or abs(y1 - y2) >= HEIGHT
    assert all(x + WIDTH <= where.width and y + HEIGHT <= where.height for x, y in where.nodes.values())
    assert all(y >= 0 for _, y in where.nodes.values())


@given(st.sets(ids), edges)
@settings(deadline=None)
def test_the_picture_is_well_formed_and_the_same_each_time(pages: set[PageId], edges: list[Edge]) -> None:
    svg = graph_svg(pages, edges, address_of=lambda page: f"{page[1]}.html")
    assert Parsed(svg).problems == []
    assert svg == graph_svg(sorted(pages, reverse=True), edges, address_of=lambda page: f"{page[1]}.html")
    assert len([tag for tag, _ in Parsed(svg).tags if tag == "a"]) == len(pages)


def test_columns_follow_the_edges() -> None:
    pages = {(kind, "a") for kind in PageKind}
    where = layout(pages, []).nodes
    assert where[W, "a"][0] < where[P, "a"][0] < where[I, "a"][0] < where[H, "a"][0] == where[E, "a"][0]
    assert where[E, "a"][1] < where[H, "a"][1]


def test_pages_are_ordered_so_that_edges_do_not_cross() -> None:
    edges = [Edge((P, f"p{n}"), "implemented_by", (I, f"i{9 - n}")) for n in range(10)]
    edges += [Edge((I, f"i{n}"), "uses_heuristic", (H, f"h{(7 * n) % 10}")) for n in range(10)]
    pages = {page for edge in edges for page in (edge.source, edge.target)}
    assert crossings(edges, layout(pages, edges)) == 0


def test_a_name_in_the_picture_is_text() -> None:
    page = (H, '"><script>alert(1)</script>')
    parsed = Parsed(graph_svg({page}, [], address_of=lambda page: None))
    assert parsed.problems == []
    assert "script" not in {tag for tag, _ in parsed.tags}
    assert "alert(1)" in parsed.text


def test_a_neighbourhood_is_the_page_and_what_is_linked_with_it() -> None:
    page = (I, "a")
    edges = [Edge(page, "uses_heuristic", (H, f"h{n}")) for n in range(5)] + [
        Edge((I, "b"), "uses_heuristic", (H, "h1"))
    ]
    pages, shown, left_out = around(page, edges, most=3)
    assert pages == [page, (H, "h0"), (H, "h1"), (H, "h2")]
    assert shown == edges[:3]
    assert left_out == 2


@pytest.mark.parametrize("count", [20, 800])
def test_large_pictures_are_made(count: int) -> None:
    pages = [(kind, f"n{n}") for n in range(count // 5) for kind in PageKind]
    edges = [Edge(a, "step", b) for a, b in zip(pages, pages[3:], strict=False)]
    svg = graph_svg(pages, edges, address_of=lambda page: page[1])
    assert svg.count("<a ") == count
