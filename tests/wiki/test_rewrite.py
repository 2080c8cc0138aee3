"""Rewriting: the page with other places is what would have been rendered, and nothing else of its text changes."""

from __future__ import annotations

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.wiki.test_mediawiki import lines, pages, paths
from wikiagent.wiki.graph import remove_links
from wikiagent.wiki.mediawiki import render
from wikiagent.wiki.page import Environment, Heuristic, PageKind
from wikiagent.wiki.rewrite import with_exhibits

SOURCE, DATE = "pypi:zoo==2.0", "2026-12-24 20:00 GMT"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(pages.filter(lambda page: isinstance(page, Heuristic | Environment)), st.data())
def test_a_page_with_other_places_is_as_it_would_have_been_rendered(page, data):
    assume(page.metadata.revision and page.metadata.updated)
    assume(len({exhibit.id for exhibit in page.evidence}) == len(page.evidence))  # SCH004 is about others
    moved = []
    for exhibit in page.evidence:
        first = data.draw(lines)
        place = {"path": data.draw(paths), "first": first, "last": first + 2}
        url = data.draw(st.sampled_from([None, f"https://example.org/x#L{first}"]))
        moved.append(exhibit.model_copy(update={**place, "url": url}))
    metadata = page.metadata.model_copy(update={"revision": SOURCE, "updated": DATE})
    wanted = page.model_copy(update={"evidence": tuple(moved), "metadata": metadata})
    assert with_exhibits(render(page), moved, SOURCE, DATE) == render(wanted)


def test_links_to_what_is_gone_go_with_their_lines():
    text = (
        "Feeds as [[step::Principle:r_A]] says.\n\n== Related Pages ==\n"
        "* [[uses_heuristic::Heuristic:r_A]]\n* [[uses_heuristic::Heuristic:r_B]]\n\n[[Category:X]]\n"
    )
    assert remove_links(text, {(PageKind.HEURISTIC, "r_A")}) == text.replace(
        "* [[uses_heuristic::Heuristic:r_A]]\n", ""
    )
    assert "Feeds as r_A says." in remove_links(text, {(PageKind.PRINCIPLE, "r_A")})
    assert remove_links(text, {(PageKind.WORKFLOW, "r_A")}) == text


def test_links_in_code_stay():
    text = '<syntaxhighlight lang="python">\n# [[step::Principle:r_A]]\n</syntaxhighlight>\n'
    assert remove_links(text, {(PageKind.PRINCIPLE, "r_A")}) == text
