"""Reading a wiki, its edges, and adding links without touching anything else."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wikiagent.errors import WikiError
from wikiagent.wiki.graph import EDGES, Edge, Wiki, add_links, find_links, read_wiki
from wikiagent.wiki.page import Link, PageKind

HEURISTIC, IMPLEMENTATION, PRINCIPLE = PageKind.HEURISTIC, PageKind.IMPLEMENTATION, PageKind.PRINCIPLE
LINK = Link(edge="uses_heuristic", kind=HEURISTIC, name="r_H")
WIKIS = [
    "peft-wiki-before-phase3",
    "peft-wiki-after-phase3",
    "foreign-wikis/huggingface_transformers",
    "foreign-wikis/langchain-ai_langchain",
]


def test_an_edge_is_the_same_from_either_end():
    wiki = Wiki(
        {
            "heuristics/r_H.md": "== Related Pages ==\n* [[uses_heuristic::Implementation:r_X]]\n",
            "implementations/r_X.md": "* [[uses_heuristic::Heuristic:r_H]]\n* [[implemented_by::Principle:r_P]]\n",
            "principles/r_P.md": "[[implemented_by::Implementation:r_X]]",
        }
    )
    assert wiki.edges == (
        Edge((IMPLEMENTATION, "r_X"), "uses_heuristic", (HEURISTIC, "r_H")),
        Edge((PRINCIPLE, "r_P"), "implemented_by", (IMPLEMENTATION, "r_X")),
    )
    assert wiki.repo == "r"
    assert wiki.missing == ()


def test_edges_that_the_design_does_not_know_are_none():
    wiki = Wiki({"implementations/r_X.md": "[[implemented_by::Implementation:r_X]] [[uses::Library:r_Y]] [[r_Z]]"})
    assert wiki.edges == ()
    assert [link.kind for link in wiki.pages[IMPLEMENTATION, "r_X"].links] == ["Implementation", "Library"]


def test_only_leaves_want_pages():
    wiki = Wiki(
        {
            "heuristics/r_H.md": "[[uses_heuristic::Implementation:r_X]]",
            "principles/r_P.md": "[[implemented_by::Implementation:r_Y]]",
        }
    )
    assert [(page.name, link.name) for page, link in wiki.missing] == [("r_H", "r_X"), ("r_P", "r_Y")]
    assert [(page.name, link.name) for page, link in wiki.wanted] == [("r_H", "r_X")]


def test_links_in_code_are_no_links():
    fenced, highlighted = "```\n[[step::Principle:A]]\n```", "<syntaxhighlight>[[step::Principle:B]]</syntaxhighlight>"
    text = f"a\n{fenced}\n{highlighted}\n\n\n[[step::Principle:C]]"
    assert [(link.name, link.line) for link in find_links(text)] == [("C", 8)]


def test_the_repository_is_what_the_index_says():
    assert Wiki({"_HeuristicIndex.md": "# Heuristic Index: a_b\n", "heuristics/c_D.md": ""}).repo == "a_b"
    assert Wiki({}, "a_b").repo == "a_b"
    assert Wiki({}).repo is None


def test_an_edited_wiki_has_the_changes():
    wiki = Wiki({"heuristics/r_H.md": "", "heuristics/r_I.md": ""}).edited(
        {"heuristics/r_H.md": None, "heuristics/r_J.md": "x"}
    )
    assert [name for _, name in wiki.pages] == ["r_I", "r_J"]


def test_a_wiki_is_a_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WikiError, match="a wiki is a folder"):
        read_wiki(tmp_path / "file")
    assert read_wiki(tmp_path / "absent").pages == {}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "== Related Pages ==\n* [[a::Principle:b]]\n\n[[Category:C]]\n",
            "== Related Pages ==\n* [[a::Principle:b]]\n* [[uses_heuristic::Heuristic:r_H]]\n\n[[Category:C]]\n",
        ),
        (
            "## Related Pages\r\n\r\n- x\r\n\r\n## More\r\n",
            "## Related Pages\r\n\r\n- x\r\n* [[uses_heuristic::Heuristic:r_H]]\r\n\r\n## More\r\n",
        ),
        (
            "text\n\n[[Category:C]]\n[[Category:D]]",
            "text\n\n== Related Pages ==\n* [[uses_heuristic::Heuristic:r_H]]\n\n[[Category:C]]\n[[Category:D]]",
        ),
        ("text\n", "text\n\n== Related Pages ==\n* [[uses_heuristic::Heuristic:r_H]]\n"),
        ("text", "text\n\n== Related Pages ==\n* [[uses_heuristic::Heuristic:r_H]]"),
        ("", "== Related Pages ==\n* [[uses_heuristic::Heuristic:r_H]]\n"),
        ("== Related Pages ==\n", "== Related Pages ==\n* [[uses_heuristic::Heuristic:r_H]]\n"),
        ("== Related Pages ==", "== Related Pages ==\n* [[uses_heuristic::Heuristic:r_H]]"),
        ("see [[uses_heuristic::Heuristic:r_H]]", "see [[uses_heuristic::Heuristic:r_H]]"),
    ],
)
def test_links_are_added_below_related_pages(text, expected):
    assert add_links(text, [LINK]) == expected
    assert add_links(expected, [LINK]) == expected


def removed_lines(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line.startswith("- ")]


@given(
    st.lists(st.sampled_from(["== Related Pages ==", "* x", "[[Category:A]]", "", "text", "## B", "```"])),
    st.booleans(),
)
def test_adding_links_only_adds_lines(lines, windows):
    text = ("\r\n" if windows else "\n").join(lines)
    after = add_links(text, [LINK])
    assert removed_lines(text, after) == []
    assert (LINK.name in [link.name for link in find_links(after)]) or "```" in text
    assert not windows or "\r\n" not in text or "\n" not in after.replace("\r\n", "")


@pytest.mark.shared
@pytest.mark.parametrize("name", WIKIS)
def test_reference_wikis_are_read(shared, name):
    wiki = read_wiki(shared / "reference" / name)
    pages = [page.page for page in wiki.pages.values()]
    assert wiki.repo == Wiki({file: text for file, text in wiki.files.items() if not file.startswith("_")}).repo
    assert wiki.repo
    assert all(page.description for page in pages if page.kind in (HEURISTIC, PageKind.ENVIRONMENT))
    assert all(page.overview for page in pages if page.kind is PageKind.WORKFLOW)
    assert {(edge.source[0], edge.edge, edge.target[0]) for edge in wiki.edges} <= EDGES


@pytest.mark.shared
def test_links_are_added_to_every_page_of_a_real_wiki(shared):
    for page in read_wiki(shared / "reference" / WIKIS[0]).pages.values():
        after = add_links(page.text, [LINK])
        assert removed_lines(page.text, after) == []
        assert Wiki({page.file: after}).pages[page.id].page.related[-1:] == (LINK,)
        assert add_links(after, [LINK]) == after
