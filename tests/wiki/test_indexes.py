"""Indexes: true ones come back to the letter, wrong rows are put right, new pages get theirs."""

from __future__ import annotations

import pytest

from wikiagent.wiki.graph import LEAVES, Wiki, add_links, read_text, read_wiki
from wikiagent.wiki.indexes import AWAITING, LEGEND, Connection, derive_indexes, mark_awaiting, note, read_index
from wikiagent.wiki.mediawiki import render
from wikiagent.wiki.page import Heuristic, HeuristicCategory, Link, Metadata, PageKind

HEAD = "| Page | File | Connections | Notes |\n|------|------|-------------|-------|\n"


def heuristic(
    name: str, overview: str = "Some `code` | text.", to: str = "r_X", category: str = "Warning"
) -> dict[str, str]:
    page = Heuristic(
        name=name,
        metadata=Metadata(revision="pypi:r==1"),
        overview=overview,
        related=(Link(edge="uses_heuristic", kind=PageKind.IMPLEMENTATION, name=to),),
        category=HeuristicCategory(category),
    )
    return {page.file: render(page)}


def test_a_new_index():
    wiki = Wiki(
        heuristic("r_B") | heuristic("r_A", to="r_Gone", category="Debugging") | {"implementations/r_X.md": ""}, "r"
    )
    assert derive_indexes(wiki)["_HeuristicIndex.md"] == (
        "# Heuristic Index: r\n"
        "\n"
        "> Tracks Heuristic pages and which pages they apply to.\n"
        "> **Update IMMEDIATELY** after creating or modifying a Heuristic page.\n"
        "\n"
        "## Pages\n"
        "\n"
        f"{HEAD}"
        "| r_A | [→](./heuristics/r_A.md) | ⬜Impl:r_Gone | Some code / text. |\n"
        "| r_B | [→](./heuristics/r_B.md) | ✅Impl:r_X | Some code / text. |\n"
        "\n"
        "---\n"
        "\n"
        "## Summary\n"
        "\n"
        "- **Total Heuristic Pages:** 2\n"
        "- **Warning Heuristics:** 1 (B)\n"
        "- **Debugging Heuristics:** 1 (A)\n"
        "\n"
        "---\n"
        "\n"
        f"{LEGEND}\n"
    )


def test_an_index_is_read():
    index = read_index(derive_indexes(Wiki(heuristic("r_A"), "r"))["_HeuristicIndex.md"])
    (row,) = index.rows
    assert (row.page, row.name, row.file, row.notes, row.line) == (
        "r_A",
        "r_A",
        "heuristics/r_A.md",
        "Some code / text.",
        10,
    )
    assert row.connections == (Connection(False, "Impl", "r_X"),)
    assert index.counts == {"Total Heuristic Pages": 1, "Warning Heuristics": 1}


def test_a_note_is_cut_at_a_word():
    wiki = Wiki(heuristic("r_A", overview="word " * 40))
    (page,) = wiki.pages.values()
    assert note(page) == "word " * 19 + "word…"


def test_a_page_that_goes_takes_its_row_and_its_count_along():
    wiki = Wiki(heuristic("r_A") | heuristic("r_B"), "r")
    wiki = wiki.edited(derive_indexes(wiki))
    wiki = wiki.edited({"heuristics/r_A.md": None})
    index = read_index(derive_indexes(wiki)["_HeuristicIndex.md"])
    assert [row.page for row in index.rows] == ["r_B"]
    assert index.counts == {"Total Heuristic Pages": 1, "Warning Heuristics": 1}
    wiki = wiki.edited({"heuristics/r_B.md": None})
    assert read_index(derive_indexes(wiki)["_HeuristicIndex.md"]).counts == {"Total Heuristic Pages": 0}


def test_only_what_is_wrong_changes_in_the_row_of_somebody_else():
    theirs = (
        "# Implementation Index: r\r\n\r\nTheir words.\r\n\r\n"
        + (HEAD + "| X | [→](./implementations/r_X.md) | ✅Principle:P, ⬜Workflow:W | Their | note |\n").replace(
            "\n", "\r\n"
        )
        + "| r_Gone | [→](./implementations/r_Gone.md) |  | x |\r\n\r\n- **Total Implementations:** 7 of them\r\n"
    )
    files = {"_ImplementationIndex.md": theirs, "implementations/r_X.md": "theirs", "implementations/r_A.md": "new"}
    wiki = Wiki(files | {"principles/r_P.md": "", "workflows/r_W.md": ""} | heuristic("r_H"))
    text = derive_indexes(wiki)["_ImplementationIndex.md"]
    assert text == (
        "# Implementation Index: r\r\n\r\nTheir words.\r\n\r\n"
        + HEAD.replace("\n", "\r\n")
        + "| r_A | [→](./implementations/r_A.md) |  |  |\r\n"
        "| X | [→](./implementations/r_X.md) | ✅Principle:P, ✅Workflow:W, ✅Heuristic:r_H | Their | note |\r\n"
        "\r\n- **Total Implementations:** 2 of them\r\n"
    )
    wiki = wiki.edited({"_ImplementationIndex.md": text})
    assert derive_indexes(wiki)["_ImplementationIndex.md"] == text


def test_rows_that_are_not_sorted_stay_where_they_are():
    rows = HEAD + "| r_C | [→](./heuristics/r_C.md) |  | c |\n| r_B | [→](./heuristics/r_B.md) |  | b |\n"
    files = {"_HeuristicIndex.md": rows, "heuristics/r_C.md": "", "heuristics/r_B.md": "", "heuristics/r_A.md": ""}
    assert [row.page for row in read_index(derive_indexes(Wiki(files))["_HeuristicIndex.md"]).rows] == [
        "r_C",
        "r_B",
        "r_A",
    ]


def test_an_index_without_a_table_gets_one():
    wiki = Wiki({"_HeuristicIndex.md": "Words.\n"} | heuristic("r_A"))
    text = derive_indexes(wiki)["_HeuristicIndex.md"]
    assert text.startswith("Words.\n")
    assert [row.page for row in read_index(text).rows] == ["r_A"]
    assert derive_indexes(wiki.edited({"_HeuristicIndex.md": text}))["_HeuristicIndex.md"] == text


@pytest.mark.shared
def test_true_indexes_come_back_to_the_letter(shared):
    wiki = read_wiki(shared / "reference/peft-wiki-before-phase3")
    assert derive_indexes(wiki) == {file: wiki.files[file] for file in derive_indexes(wiki)}


@pytest.mark.shared
def test_deriving_twice_changes_nothing(shared):
    for root in (
        "peft-wiki-after-phase3",
        "foreign-wikis/huggingface_transformers",
        "foreign-wikis/langchain-ai_langchain",
    ):
        wiki = read_wiki(shared / "reference" / root)
        indexes = derive_indexes(wiki)
        assert derive_indexes(wiki.edited(indexes)) == indexes
        files = [row.file for text in indexes.values() for row in read_index(text).rows]
        assert sorted(files) == sorted(page.file for page in wiki.pages.values())


@pytest.mark.shared
def test_new_pages_appear_in_the_indexes_of_a_real_wiki(shared):
    wiki = read_wiki(shared / "reference/peft-wiki-before-phase3")
    changes = {
        f"{kind.folder}/{file.name}": read_text(file)
        for kind in LEAVES
        for file in (shared / "exemplars" / kind.folder).iterdir()
    }
    planned = wiki.edited(changes)
    for edge in planned.edges:
        if edge.target[0] in LEAVES:
            page = planned.pages[edge.source]
            link = Link(edge=edge.edge, kind=edge.target[0], name=edge.target[1])
            changes[page.file] = add_links(changes.get(page.file, page.text), [link])
    planned = wiki.edited(changes)
    indexes = derive_indexes(planned)
    for file, text in indexes.items():
        before, after = wiki.files[file].split("\n"), text.split("\n")
        changed = [line for line in before if line not in after]
        assert all(any(new.startswith(old.rsplit(" | ", 1)[0]) for new in after) for old in changed)
        assert all(connection.exists for row in read_index(text).rows for connection in row.connections)
    assert derive_indexes(planned.edited(indexes)) == indexes


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_page_that_left_keeps_its_row_until_it_is_decided(newline):
    wiki = Wiki(heuristic("r_A") | heuristic("r_B") | {"implementations/r_X.md": ""}, "r")
    indexes = {file: text.replace("\n", newline) for file, text in derive_indexes(wiki).items()}
    left = (PageKind.HEURISTIC, "r_A")
    wiki = wiki.edited(indexes | {"heuristics/r_A.md": None})
    wiki = wiki.edited(mark_awaiting(wiki, {left: "pypi:r==2"}))
    wiki = wiki.edited(derive_indexes(wiki))
    index = read_index(wiki.files["_HeuristicIndex.md"])
    assert [(row.name, row.awaits) for row in index.rows] == [("r_A", True), ("r_B", False)]
    assert index.rows[0].notes == f"{AWAITING}pypi:r==2"
    assert index.rows[0].connections == (Connection(True, "Impl", "r_X"),)
    assert index.counts["Total Heuristic Pages"] == 1
    assert derive_indexes(wiki) == {file: wiki.files[file] for file in derive_indexes(wiki)}

    without = wiki.edited({"implementations/r_X.md": None})
    row = read_index(derive_indexes(without)["_HeuristicIndex.md"]).rows[0]
    assert row.connections == (Connection(False, "Impl", "r_X"),)

    back = wiki.edited(heuristic("r_A"))
    assert "awaiting" not in derive_indexes(back)["_HeuristicIndex.md"]
    settled = wiki.edited(mark_awaiting(wiki, {left: None}))
    assert [row.name for row in read_index(derive_indexes(settled)["_HeuristicIndex.md"]).rows] == ["r_B"]


def test_a_row_of_a_page_that_is_there_does_not_go():
    wiki = Wiki(heuristic("r_A"), "r")
    wiki = wiki.edited(derive_indexes(wiki))
    assert mark_awaiting(wiki, {(PageKind.HEURISTIC, "r_A"): None}) == {
        "_HeuristicIndex.md": wiki.files["_HeuristicIndex.md"]
    }
