"""docs/pages.md shows the sections that `render` writes, the categories and the links of the schema."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.text import ROOT, rows, sections
from wikiagent.code.symbols import read_symbols
from wikiagent.draft.said import Context
from wikiagent.phases.phase0 import map_file
from wikiagent.phases.phase2 import implementation_pages
from wikiagent.source.fetch import fetch
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import EDGES, INDEX_FILES
from wikiagent.wiki.markup import outline
from wikiagent.wiki.mediawiki import render
from wikiagent.wiki.page import CATEGORIES, PAGE_TYPES, Bullet, Link, PageKind

TEXT = (ROOT / "docs/pages.md").read_text("utf-8")


def headings_of(page_text: str) -> list[str]:
    return [f"{'=' * part.level} {part.title} {'=' * part.level}" for part in outline(page_text)[1]]


def described(kind: PageKind) -> list[str]:
    return [cells[0].strip("`") for cells in rows(sections(TEXT)[kind.value]) if cells[0].startswith("`=")]


@pytest.fixture
def package(tmp_path: Path) -> Snapshot:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "__init__.py").write_text('def go(n):\n    """Go. Then go on for a while."""\n', encoding="utf-8")
    return fetch(str(folder), tmp_path / "store")


@pytest.mark.parametrize("kind", [kind for kind in PageKind if kind is not PageKind.IMPLEMENTATION])
def test_sections_are_those_that_are_written(kind: PageKind) -> None:
    link = Link(edge="uses_heuristic", kind=PageKind.IMPLEMENTATION, name="tiny_go")
    page = PAGE_TYPES[kind](name="tiny_x", overview="One.", description="Two.", related=(link,))
    assert described(kind) == headings_of(render(page))  # type: ignore[arg-type]


def test_sections_of_implementations_are_those_that_phase_2_writes(package: Snapshot) -> None:
    symbols = read_symbols(package, package.files)
    pages = implementation_pages(Context(package, symbols, "tiny", None, "2026-11-21 20:00 GMT"))
    assert [page.name for page in pages] == ["tiny_go"]
    assert described(PageKind.IMPLEMENTATION) == headings_of(render(pages[0]))


@pytest.mark.parametrize("kind", CATEGORIES)
def test_categories_are_those_of_the_schema(kind: PageKind) -> None:
    line = re.search(r"^Category, one of: ([\w, ]+)\.", sections(TEXT)[kind.value], re.M)
    assert line
    assert line[1].split(", ") == [category.value for category in CATEGORIES[kind]]


def test_bullets_are_those_of_the_schema() -> None:
    labels = Bullet.model_fields["label"].annotation.__args__  # type: ignore[union-attr]
    assert f"bullets: {', '.join(labels)};" in sections(TEXT)["Heuristic"]


def test_links_are_those_of_the_schema() -> None:
    listed = {tuple(cell.strip("`") for cell in cells) for cells in rows(sections(TEXT)["Links"])}
    assert listed == {(str(source), edge, str(target)) for source, edge, target in EDGES}


def test_files_are_those_that_are_written() -> None:
    named = {span for cells in rows(sections(TEXT)["Files"]) for span in cells[0].split("`")[1::2]}
    assert {f"{kind.folder}/" for kind in PageKind} <= named
    assert set(INDEX_FILES.values()) <= named
    assert map_file("{prefix}") in named
