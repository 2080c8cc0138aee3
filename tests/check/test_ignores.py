"""What a user does not want to hear."""

from __future__ import annotations

import pytest

from wikiagent.check.ignores import Selection
from wikiagent.check.linter import check
from wikiagent.wiki.graph import Wiki

FILE = "principles/zoo_Feeding.md"
PAGE = "{lead}\n== Overview ==\nFeed.\n\n{above}\n* [[implemented_by::Implementation:zoo_none]]{behind}\n"


def codes(selection: Selection | None = None, **parts: str) -> list[str]:
    text = PAGE.format(**({"lead": "", "above": "", "behind": ""} | parts))
    return [finding.code for finding in check(Wiki({FILE: text}, "zoo"), None, selection, {FILE}).findings]


ALL = ["GRF002", "LNK001"]


def test_findings_without_a_comment() -> None:
    assert codes() == ALL


@pytest.mark.parametrize("place", ["above", "behind"])
def test_a_comment_holds_for_its_line_and_the_next(place: str) -> None:
    assert codes(**{place: "<!-- wikiagent: ignore LNK001 it will be written -->"}) == ["GRF002"]


def test_a_comment_above_the_sections_holds_for_the_page() -> None:
    assert codes(lead="<!-- wikiagent: ignore GRF, LNK001: it is a draft -->") == []


def test_a_comment_elsewhere_holds_for_nothing_else() -> None:
    assert codes(above="<!-- wikiagent: ignore LNK001 too far -->\n\n") == ALL


@pytest.mark.parametrize(
    "comment",
    ["<!-- wikiagent: ignore LNK001 -->", "<!-- wikiagent: ignore -->", "<!-- wikiagent: ignore XYZ999 because -->"],
)
def test_a_comment_needs_a_rule_and_a_reason(comment: str) -> None:
    assert sorted(codes(above=comment)) == sorted([*ALL, "IGN001"])


def test_a_comment_in_code_is_no_comment() -> None:
    assert codes(lead="```\n<!-- wikiagent: ignore GRF it is shown -->\n```") == ALL


def test_rules_are_selected_and_ignored() -> None:
    assert codes(Selection(select=("LNK",))) == ["LNK001"]
    assert codes(Selection(ignore=("LNK001",))) == ["GRF002"]
    assert codes(Selection(select=("GRF", "LNK"), ignore=("GRF002",))) == ["LNK001"]
    assert codes(Selection(by_path={"principles/*": ("LNK",)})) == ["GRF002"]
    assert codes(Selection(by_path={"heuristics/": ("LNK",)})) == ALL
