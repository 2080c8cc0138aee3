"""Pages as a checker reads them, of whatever origin."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wikiagent.check.places import find_citations
from wikiagent.check.reading import Reading
from wikiagent.wiki.graph import read_wiki
from wikiagent.wiki.page import PageKind

FOREIGN = """\
# Heuristic: zoo_Food

> Feed them.

## Overview
Feed **40** animals at most,
or they sleep.

=== Usage ===
* **Action:** Feed early<ref name="e1" /> and late.<ref name="e2" />
- Second item
1. Third item

== System Requirements ==
{| class="wikitable"
! Category !! Requirement !! Notes
|-
| OS || Linux || none
|-
| Disk
| 5GB+
| for food
|}

| Parameter | Type | Default |
|-----------|------|---------|
| `count` | int | 40 |

== Code Evidence ==

Feeding from `keeper.py:L10-12` (always):
```python
== not a heading ==
feed()
```

== Related Pages ==
* [[uses_heuristic::Implementation:zoo_feed]]
"""


def reading(text: str, kind: PageKind = PageKind.HEURISTIC) -> Reading:
    return Reading("heuristics/zoo_Food.md", kind, "zoo_Food", text)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_statements_of_a_mixed_page(ends: str) -> None:
    page = reading(FOREIGN.replace("\n", ends))
    found = [(s.section, s.column, s.text, s.refs) for s in page.statements]
    assert found == [
        ("Overview", "", "Feed 40 animals at most, or they sleep.", ()),
        ("Action", "", "Feed early", ("e1",)),
        ("Action", "", "and late.", ("e2",)),
        ("Usage", "", "Second item", ()),
        ("Usage", "", "Third item", ()),
        ("System Requirements", "category", "OS", ()),
        ("System Requirements", "requirement", "Linux", ()),
        ("System Requirements", "notes", "none", ()),
        ("System Requirements", "category", "Disk", ()),
        ("System Requirements", "requirement", "5GB+", ()),
        ("System Requirements", "notes", "for food", ()),
        ("System Requirements", "parameter", "`count`", ()),
        ("System Requirements", "type", "int", ()),
        ("System Requirements", "default", "40", ()),
    ]


def test_a_statement_knows_its_place() -> None:
    page = reading(FOREIGN)
    places = {s.text: page.position(s.start) for s in page.statements}
    assert places["and late."] == (10, 43)
    assert places["5GB+"] == (21, 3)
    assert places["40"] == (27, 19)


def test_a_quote_has_the_citation_above_it_and_no_heading_in_it() -> None:
    (quote,) = reading(FOREIGN).quotes
    assert (str(quote.citation), quote.caption, quote.section) == ("keeper.py:10-12", "Feeding from", "Code Evidence")
    assert quote.code == "== not a heading ==\nfeed()\n"
    assert "not a heading" not in [heading.title for heading in reading(FOREIGN).headings]


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("From `src/a.py:130-215`:", "src/a.py:130-215"),
        ("<code>src/a b.py:7</code>", "src/a b.py:7"),
        ("in a.py:L130–L215.", "a.py:130-215"),
        ("`nltk.py:9-14, 36-38`", "nltk.py:9-14, 36-38"),
        ("`a.py` (lines 10–20)", "a.py:10-20"),
        ("a.py, line 7, says", "a.py:7"),
        ("https://github.com/o/r/blob/v1/src/a.py#L5-L9", "src/a.py:5-9"),
        ("`src/a.py#L10-L20`", "src/a.py:10-20"),
        ("see src/a.py#L7.", "src/a.py:7"),
        ("see `a.py:L`", None),
        ("at `localhost:8000` and http://127.0.0.1:80/a.py", None),
        ("`dict[1:3]` and 10:30 and `torch.float16`", None),
        ("http://example.org/a.py:80", None),
    ],
)
def test_citations_as_people_write_them(text: str, cited: str | None) -> None:
    found = [str(citation) for citation in find_citations(text) if citation.ranges]
    assert found == ([cited] if cited else [])


@given(st.text(alphabet=st.sampled_from(list("=|!{}[]<>`'*#-:.\\/ \n\r\tabE1:Lref\"&;")), max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    page = reading(text)
    for statement in page.statements:
        assert page.text[statement.start : statement.end].strip()
        assert page.position(statement.start)[0] <= page.text.count("\n") + 1
    assert all(page.text[c.start : c.end] for c in page.citations)
    assert all(quote.end <= len(page.text) for quote in page.quotes)
    assert list(page.references) is not None


def test_wikis_of_others_are_read_whole(shared: Path) -> None:
    """Each table row, list item and paragraph of the reference pages is a statement, wherever it stands."""
    for name in ("peft-wiki-after-phase3", "foreign-wikis/langchain-ai_langchain"):
        for page in read_wiki(shared / "reference" / name).pages.values():
            read = Reading(page.file, page.kind, page.name, page.text)
            told = {read.position(s.start)[0] for s in read.statements}
            body = [h for h in read.headings if h.level > 1 and h.title not in ("Related Pages", "Code Evidence")]
            items = [
                number
                for heading in body
                for number, line in enumerate(read.visible[: heading.end].split("\n"), 1)
                if read.position(heading.start)[0] < number
                and line.startswith(("* ", "- "))
                and len(line) > 4
                and "[[" not in line
                and not line.rstrip().endswith(("**", "'''"))
            ]
            assert set(items) <= told, page.file
