from __future__ import annotations

from pathlib import Path

import pytest

from tests.library import mine_library, write_library
from wikiagent.code.symbols import Symbols
from wikiagent.draft.related import related_pages
from wikiagent.mine.candidates import Candidate
from wikiagent.wiki.graph import Wiki
from wikiagent.wiki.page import Link

FILES = {
    "implementations/clay_kiln_Oven.md": "== Overview ==\nAn oven.\n",
    "implementations/clay_kiln_FiringConfig.md": "== Overview ==\nSettings.\n",
    "principles/clay_kiln_Merging.md": "== Related Pages ==\n* [[implemented_by::Implementation:clay_kiln_Oven]]\n",
    "workflows/clay_kiln_Firing.md": "Use `merge`.\n== Related Pages ==\n* [[step::Principle:clay_kiln_Merging]]\n",
    "workflows/clay_kiln_Drying.md": "Wait.\n== Related Pages ==\n* [[step::Principle:clay_kiln_Merging]]\n",
}


@pytest.fixture
def mined(tmp_path: Path) -> tuple[list[Candidate], Symbols]:
    return mine_library(write_library(tmp_path))


def names(links: tuple[Link, ...]) -> list[str]:
    return [f"{link.edge} {link.kind}:{link.name.removeprefix('clay_kiln_')}" for link in links]


def about(candidates: list[Candidate], words: str) -> Candidate:
    return next(c for c in candidates if words in c.signals[0].text)


def test_a_heuristic_belongs_to_the_page_of_its_symbol_and_what_leads_there(
    mined: tuple[list[Candidate], Symbols],
) -> None:
    candidates, symbols = mined
    found = related_pages(about(candidates, "rounding"), Wiki(FILES), symbols, "clay_kiln")
    assert names(found) == [
        "uses_heuristic Implementation:Oven",
        "uses_heuristic Principle:Merging",
        "uses_heuristic Workflow:Firing",  # its text names `merge`; that of Drying does not
    ]


def test_the_core_install_is_required_by_every_implementation(mined: tuple[list[Candidate], Symbols]) -> None:
    candidates, symbols = mined
    core = next(c for c in candidates if c.name == "Core_Dependencies")
    found = related_pages(core, Wiki(FILES), symbols, "clay_kiln")
    assert names(found) == ["requires_env Implementation:FiringConfig", "requires_env Implementation:Oven"]


def test_without_a_page_the_page_of_the_public_symbol_is_wanted(mined: tuple[list[Candidate], Symbols]) -> None:
    candidates, symbols = mined
    found = related_pages(about(candidates, "rounding"), Wiki({}, "clay_kiln"), symbols, "clay_kiln")
    assert names(found) == ["uses_heuristic Implementation:Oven"]
