from __future__ import annotations

from pathlib import Path

import pytest

from tests.check.conftest import Gate
from wikiagent.check.linter import check
from wikiagent.check.source import Source
from wikiagent.check.wiki_rules import check_wiki
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import INDEX_FILES, Wiki, read_wiki
from wikiagent.wiki.indexes import derive_indexes
from wikiagent.wiki.mediawiki import render
from wikiagent.wiki.page import Heuristic

IMPLEMENTATION = "implementations/some_zoo_feed.md"
INDEX = "_HeuristicIndex.md"


@pytest.fixture
def whole(heuristic: Heuristic) -> Wiki:
    """A wiki of two pages that link each other, with its indexes."""
    link = "\n== Related Pages ==\n* [[uses_heuristic::Heuristic:some_zoo_Portions]]\n"
    pages = Wiki({IMPLEMENTATION: f"== Overview ==\nFeeds.\n{link}", heuristic.file: render(heuristic)}, "some_zoo")
    return pages.edited(derive_indexes(pages))


def found(wiki: Wiki) -> list[str]:
    return [finding.code for finding in check_wiki(wiki)]


def replaced(wiki: Wiki, file: str, old: str, new: str) -> Wiki:
    assert old in wiki.files[file]
    return wiki.edited({file: wiki.files[file].replace(old, new)})


def test_a_whole_wiki_is_clean(whole: Wiki) -> None:
    assert found(whole) == []


def test_a_link_to_nothing(whole: Wiki) -> None:
    more = whole.files[IMPLEMENTATION] + "* [[requires_env::Environment:some_zoo_Night]]\n"
    assert found(whole.edited({IMPLEMENTATION: more})) == ["LNK001"]


def test_a_backlink_that_is_missing(whole: Wiki) -> None:
    without = replaced(whole, IMPLEMENTATION, "* [[uses_heuristic::Heuristic:some_zoo_Portions]]\n", "")
    assert found(without) == ["LNK002"]


def test_an_edge_between_types_that_have_none(whole: Wiki) -> None:
    wrong = replaced(whole, IMPLEMENTATION, "Feeds.", "Feeds. [[step::Heuristic:some_zoo_Portions]]")
    assert found(wrong) == ["LNK003"]


def test_a_page_without_a_row(whole: Wiki) -> None:
    rows = [line for line in whole.files[INDEX].splitlines() if not line.startswith("| some_zoo")]
    assert found(whole.edited({INDEX: "\n".join(rows)})) == ["IDX001"]


def test_pages_without_an_index(whole: Wiki) -> None:
    assert found(whole.edited({INDEX: None})) == ["IDX001"]


def test_a_row_without_a_page(whole: Wiki) -> None:
    row = "| some_zoo_Gone | [→](./heuristics/some_zoo_Gone.md) | | gone |\n"
    assert found(replaced(whole, INDEX, "| some_zoo_Portions", f"{row}| some_zoo_Portions")) == ["IDX002"]


@pytest.mark.parametrize(("old", "new"), [("✅Impl:some_zoo_feed", "⬜Impl:some_zoo_feed"),
                                          ("✅Impl:some_zoo_feed", "✅Impl:some_zoo_sleep")])  # fmt: skip
def test_a_wrong_mark(whole: Wiki, old: str, new: str) -> None:
    assert found(replaced(whole, INDEX, old, new)) == ["IDX003"]


@pytest.mark.parametrize("label", ["Total Heuristic Pages:** ", "Warning Heuristics:** "])
def test_a_wrong_count(whole: Wiki, label: str) -> None:
    assert found(replaced(whole, INDEX, f"{label}1", f"{label}2")) == ["IDX004"]


def test_a_name_with_another_prefix(whole: Wiki) -> None:
    wrong = whole.edited({"principles/other_Food.md": "== Overview ==\nFood.\n"})
    assert found(wrong.edited(derive_indexes(wrong))) == ["NAM001"]


FOREIGN = ("peft-wiki-before-phase3", "peft-wiki-after-phase3", "foreign-wikis/huggingface_transformers",
           "foreign-wikis/langchain-ai_langchain")  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_wikis_of_others_are_checked_without_a_crash(shared: Path, source: Snapshot, name: str) -> None:
    wiki = read_wiki(shared / "reference" / name)
    assert wiki.pages
    assert {finding.path for finding in check_wiki(wiki)} <= {*wiki.files, *INDEX_FILES.values()}
    found = check(wiki, Source(source)).findings
    assert found
    for finding in found:
        assert 0 <= finding.line <= wiki.files.get(finding.path, "").count("\n") + 1


def test_the_gate_leaves_backlinks_to_the_edit(gate: Gate, heuristic: Heuristic, wiki: Wiki) -> None:
    assert gate(heuristic) == []
    assert found(wiki.edited({heuristic.file: render(heuristic)}))[0] == "LNK002"
