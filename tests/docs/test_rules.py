"""docs/rules.md and docs/rules/ describe the rules of the registry, and the examples on the pages are true.

Each example is a part of a page of the small wiki in `tests/docs/zoo`, which is clean. It takes the place of that part,
and then the real checker has to find the rule of the page and no other; the part that is put right has to be clean.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.text import ROOT, rows, sections
from wikiagent.check.linter import check
from wikiagent.check.rules import RULES, Rule
from wikiagent.check.source import Source
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import INDEX_FILES, Wiki, read_wiki
from wikiagent.wiki.indexes import derive_indexes

TEXT = (ROOT / "docs/rules.md").read_text("utf-8")
ZOO = Path(__file__).parent / "zoo"
FILE = "src/zoo/animals.py"
#: What only a model judges, or only a draft can have before it is a page: there is nothing that the checker could read.
NOT_CHECKED = {"CLM004", "DRF001", "DRF002", "SCH006"}
CHECKED = sorted(set(RULES) - NOT_CHECKED)

Files = dict[str, str]


def page_of(code: str) -> str:
    return (ROOT / f"docs/rules/{code}.md").read_text("utf-8")


def blocks(code: str, section: str) -> Files:
    """The parts of pages that a section of a rule's page shows, by file."""
    return dict(re.findall(r"^In `([^`]+)`:\n\n```text\n(.*?)\n```$", sections(page_of(code))[section], re.M | re.S))


def with_part(page: str, part: str) -> str:
    """A page with a part in place of what it has: a table at the top, categories, or sections."""
    if part.startswith("{|"):
        return part + page.partition("|}")[2]
    if part.startswith("[[Category:"):
        return page.partition("[[Category:")[0] + part + "\n"
    new: Files = {}
    for section in re.split(r"^(?==)", part, flags=re.M)[1:]:
        title = section.split("\n")[0]
        new[title] = f"{new.get(title, '')}{section.rstrip()}\n\n"
    pieces = re.split(r"^(?==)", page, flags=re.M)
    assert new.keys() <= {piece.split("\n")[0] for piece in pieces}
    categories = "".join(line for line in page.splitlines(keepends=True) if line.startswith("[[Category:"))
    body = "".join(new.get(piece.split("\n")[0], piece) for piece in pieces)
    return body if categories in body else body + categories


@pytest.fixture(scope="module")
def zoo() -> Wiki:
    return read_wiki(ZOO / "wiki")


@pytest.fixture(scope="module")
def source() -> Source:
    return Source(Snapshot("pypi:zoo==1.2", "zoo", "1.2", ZOO / "source", (FILE,)))


def with_parts(zoo: Wiki, parts: Files) -> Wiki:
    """The wiki with parts of its pages replaced, new pages added, and all indexes derived but those that are given."""
    pages = {file: with_part(zoo.files[file], part) if file in zoo.files else part for file, part in parts.items()}
    indexes = {file: part for file, part in parts.items() if file in INDEX_FILES.values()}
    changed = zoo.edited({file: text for file, text in pages.items() if file not in indexes})
    return changed.edited({**derive_indexes(changed), **indexes})


def found(wiki: Wiki, source: Source) -> dict[str, set[str]]:
    codes: dict[str, set[str]] = {}
    for finding in check(wiki, source).findings:
        codes.setdefault(finding.path, set()).add(finding.code)
    return codes


def test_the_wiki_of_the_examples_is_clean(zoo: Wiki, source: Source) -> None:
    assert found(zoo, source) == {}
    assert with_parts(zoo, {}).files == zoo.files


@pytest.mark.parametrize("code", CHECKED)
def test_the_example_breaks_this_rule_and_no_other(code: str, zoo: Wiki, source: Source) -> None:
    parts = blocks(code, "An example")
    assert len(parts) == 1
    assert found(with_parts(zoo, parts), source) == {file: {code} for file in parts}


@pytest.mark.parametrize("code", CHECKED)
def test_the_example_that_is_put_right_is_clean(code: str, zoo: Wiki, source: Source) -> None:
    parts = blocks(code, "Put right")
    assert parts
    assert found(with_parts(zoo, parts), source) == {}


def kind(rule: Rule) -> str:
    traits = {"needs a source": rule.needs_source, "fixable": rule.fixable}
    return " · ".join([rule.severity.value.capitalize(), *(trait for trait, holds in traits.items() if holds)])


@pytest.mark.parametrize("code", RULES)
def test_each_rule_has_a_page(code: str) -> None:
    title, _, traits = page_of(code).split("\n")[:3]
    assert title == f"# {code}: {RULES[code].summary}"
    assert traits == kind(RULES[code])
    assert list(sections(page_of(code)))[:4] == ["Why it matters", "An example", "Put right", "Where it applies"]


def test_no_page_is_about_another_rule() -> None:
    assert {file.stem for file in (ROOT / "docs/rules").glob("*.md")} == set(RULES)


def test_the_overview_lists_the_rules_of_the_registry() -> None:
    listed = [cells for cells in rows(TEXT) if re.match(r"\[[A-Z]{3}\d{3}\]", cells[0])]
    assert [cells[0] for cells in listed] == [f"[{code}](rules/{code}.md)" for code in RULES]
    assert [cells[1:] for cells in listed] == [[rule.summary, kind(rule).lower()] for rule in RULES.values()]


def test_the_overview_shows_the_source_of_the_examples() -> None:
    shown = re.search(r"^```text\n(.*?)^```$", sections(TEXT)["A small source"], re.M | re.S)
    assert shown
    assert shown[1] == (ZOO / "source" / FILE).read_text("utf-8")


def test_codes_that_the_text_names_exist() -> None:
    for document in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]:
        codes = set(re.findall(r"\b(?:CIT|CLM|SCH|LNK|IDX|GRF|NAM|SEC|IGN|DRF)\d{3}\b", document.read_text("utf-8")))
        assert codes <= set(RULES), document.name
