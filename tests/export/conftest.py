"""Wikis to export: one by this program's own pages, as awkward as they may be, and one that was written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from wikiagent.source.evidence import Place
from wikiagent.wiki.graph import Wiki, read_wiki
from wikiagent.wiki.indexes import derive_indexes
from wikiagent.wiki.mediawiki import render
from wikiagent.wiki.page import (
    Bullet,
    Environment,
    ErrorRow,
    Exhibit,
    Heuristic,
    HeuristicCategory,
    Implementation,
    KnowledgeSource,
    Link,
    Metadata,
    Page,
    PageKind,
    Requirement,
    Section,
    Statement,
    Workflow,
)

HAND_WRITTEN = Path(__file__).parents[1] / "docs" / "zoo" / "wiki"

METADATA = Metadata(
    sources=(KnowledgeSource(title="zoo/zoo", url="https://example.org/zoo"),),
    domains=("Feeding",),
    revision="pypi:zoo==1.0",
    updated="2026-11-22 09:00 GMT",
)


def awkward_pages() -> list[Page]:
    """Pages with the characters that other formats take for markup."""
    slow = Heuristic(
        name="zoo_Slow__init___X",
        metadata=METADATA,
        overview=(Statement(text="`Keeper.__init__` takes *args, **kwargs, <T> & 'q' a_b_c $x$.", refs=("e1", "e2")),),
        description=(Statement(text="1. Not a list: [[a]] {{b}} [c](d) # e ~~f~~ `a|b`.", refs=("e1",)),),
        usage="Before `x`.",
        insight=(Bullet(label="Action", prose=(Statement(text="- Use `a``b` > c.", refs=("e1",)),)),),
        reasoning=(Statement(text="See https://example.org/a_b_(c) or <script>alert(1)</script>.", refs=("e2",)),),
        evidence=(
            Exhibit(id="e1", caption="Check", path="src/zoo.py", first=3, last=5, code="if a:\n\n    '''```'''",
                    url="https://example.org/zoo/src/zoo.py#L3-L5"),
            Exhibit(id="e2", caption="Note of `x`", path="src/a b_c.py", first=9, last=9, code="</syntaxhighlight>"),
        ),
        related=(
            Link(edge="uses_heuristic", kind=PageKind.IMPLEMENTATION, name="zoo_Keeper"),
            Link(edge="uses_heuristic", kind=PageKind.IMPLEMENTATION, name="zoo_Wanted"),
        ),
        topics=("Feeding", "A_b & c"),
        category=HeuristicCategory.WARNING,
    )  # fmt: skip
    python = Environment(
        name="zoo_Python",
        metadata=METADATA,
        overview="Needs Python.",
        requirements=(
            Requirement(category="Python", requirement=(Statement(text=">=3.10 | <4", refs=("e1",)),), notes="`a|b`"),
        ),
        python_packages=("`zoo[all]`",),
        quick_install="pip install 'zoo[all]'",
        evidence=(
            Exhibit(id="e1", caption="Check", path="setup.py", first=1, last=1, code="python_requires='>=3.10'"),
        ),
        errors=(
            ErrorRow(message="No `x`: {e}", cause="`a and b`", solution=(Statement(text="| do *this*", refs=("e1",)),)),
        ),
        related=(Link(edge="requires_env", kind=PageKind.IMPLEMENTATION, name="zoo_Keeper"),),
    )
    keeper = Implementation(
        name="zoo_Keeper",
        metadata=METADATA,
        overview="Feeds the animals.",
        source=(Place("src/zoo.py", 1, 20),),
        sections=(
            Section(level=2, title="Notes #", text="**Bold** and\n* a\n** b\n\n| A | B |\n|---|---|\n| c | `d` |"),
        ),
        related=(
            Link(edge="uses_heuristic", kind=PageKind.HEURISTIC, name=slow.name),
            Link(edge="requires_env", kind=PageKind.ENVIRONMENT, name="zoo_Python"),
        ),
    )
    feeding = Workflow(
        name="zoo_Feeding",
        metadata=METADATA,
        overview="How to feed.",
        related=(Link(edge="uses_heuristic", kind=PageKind.HEURISTIC, name=slow.name),),
    )
    return [slow, python, keeper, feeding]


@pytest.fixture(scope="session")
def awkward() -> Wiki:
    wiki = Wiki({page.file: render(page) for page in awkward_pages()}, "zoo")
    return wiki.edited(derive_indexes(wiki)).edited(
        {"_RepoMap_zoo.md": "# Repository Map: zoo\n\n| File |\n|---|\n| `a.py` |\n"}
    )


@pytest.fixture(scope="session")
def hand_written() -> Wiki:
    return read_wiki(HAND_WRITTEN)


@pytest.fixture
def folder(awkward: Wiki, tmp_path: Path) -> Path:
    """The awkward wiki as a folder."""
    root = tmp_path / "zoo-wiki"
    for file, text in awkward.files.items():
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root
