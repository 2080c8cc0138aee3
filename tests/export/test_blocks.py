"""Pages as documents: our own without loss, foreign ones as their writers meant them, any text without a crash."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.export.text import squeezed
from tests.wiki.test_mediawiki import MARKUP, pages
from wikiagent.export.blocks import read
from wikiagent.export.cite import for_cite
from wikiagent.export.document import (
    Block,
    Bold,
    Break,
    Categories,
    Cell,
    Code,
    CodeBlock,
    Document,
    ExternalLink,
    Heading,
    Italic,
    Item,
    ListBlock,
    Note,
    PageLink,
    Paragraph,
    Quote,
    Reference,
    References,
    Rule,
    Table,
    Text,
    inlines_in,
    plain_text,
)
from wikiagent.export.html import to_html
from wikiagent.export.markdown import to_markdown
from wikiagent.export.mediawiki_xml import for_mediawiki
from wikiagent.wiki.graph import read_text, read_wiki
from wikiagent.wiki.mediawiki import render
from wikiagent.wiki.page import Environment, Heuristic, Page, PageKind, Statement

KINDS = [
    *MARKUP,
    "✅Impl:a",
    "[a](b)",
    "[a](https://b)",
    "{{a}}",
    "https://a.b",
    "    ",
    "<s>",
    "|",
    "\n",
    "''''",
    "*****",
]
ANY = st.lists(st.sampled_from(KINDS) | st.text(max_size=4), max_size=30).map("".join) | st.text()


def blocks(text: str) -> tuple[Block, ...]:
    return read(text).blocks


def inline(text: str) -> tuple[Any, ...]:
    (paragraph,) = blocks(text)
    assert isinstance(paragraph, Paragraph)
    return paragraph.children


@given(ANY)
def test_any_text_is_read(text: str) -> None:
    document = read(text)
    assert document == read(text)
    assert len(plain_text(document)) <= 10 * len(text) + 10  # nothing is told again and again


def said(value: Any) -> Iterator[str]:
    """Every text that a page holds for its readers."""
    if isinstance(value, Statement):
        yield value.text
    elif isinstance(value, tuple | list):
        for part in value:
            yield from said(part)
    elif hasattr(value, "__class__") and hasattr(type(value), "model_fields"):
        for name in type(value).model_fields:
            if name not in ("name", "metadata", "related", "topics", "category", "id", "language", "url", "refs"):
                yield from said(getattr(value, name))
    elif isinstance(value, str):
        yield value


@given(pages.filter(lambda page: isinstance(page, Heuristic | Environment)))
@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow], deadline=None)
def test_nothing_that_a_page_of_ours_says_is_lost(page: Page) -> None:
    shown = squeezed(plain_text(read(render(page))))
    for text in said(page):
        assert squeezed(text.replace("`", "")) in shown or squeezed(text) in shown


@given(pages)
@settings(deadline=None)
def test_links_and_categories_of_our_pages_are_read(page: Page) -> None:
    document = read(render(page))
    *_, last = document.blocks
    assert isinstance(last, Categories)
    assert last.names[0] == page.kind
    if page.related:
        shown = squeezed(plain_text(document))
        assert all(squeezed(link.name) in shown for link in page.related)


def test_the_exhibits_of_a_page_are_numbered_lines_and_know_their_notes() -> None:
    text = """\
Said.<ref name="e1" />

Check, from <code>src/a.py:3-4</code>:
<syntaxhighlight lang="python" line start="3">
if a:

</syntaxhighlight>

Shown, not cited, from <code>src/b.py:1</code>:
<syntaxhighlight lang="bash">
ls
</syntaxhighlight>

<references>
<ref name="e1">[https://example.org/a#L3 src/a.py:3-4]</ref>
</references>"""
    said, _, first, _, second, notes = blocks(text)
    assert said == Paragraph((Text("Said."), Reference("e1")))
    assert first == CodeBlock("if a:\n", "python", 3, "e1")
    assert second == CodeBlock("ls", "bash", None, None)
    assert notes == References((Note("e1", (ExternalLink("https://example.org/a#L3", (Text("src/a.py:3-4"),)),)),))


def test_two_exhibits_of_the_same_lines_have_a_note_each() -> None:
    quote = 'A, from <code>a.py:1</code>:\n<syntaxhighlight lang="python">\nx\n</syntaxhighlight>\n'
    notes = '<references>\n<ref name="e1">a.py:1</ref>\n<ref name="e2">a.py:1</ref>\n</references>'
    found = [block.note for block in blocks(quote + "\n" + quote + "\n" + notes) if isinstance(block, CodeBlock)]
    assert found == ["e1", "e2"]


def test_a_note_may_stand_where_it_is_referred_to() -> None:
    text, notes = blocks("Said<ref>by me</ref>, twice<ref name=x>by ''you''</ref>.<ref name=x />")
    assert text == Paragraph(
        (Text("Said"), Reference("note-1"), Text(", twice"), Reference("x"), Text("."), Reference("x"))
    )
    assert notes == References((Note("note-1", (Text("by me"),)), Note("x", (Text("by "), Italic((Text("you"),))))))


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("'''a''' b", (Bold((Text("a"),)), Text(" b"))),
        ("**a** ''b''", (Bold((Text("a"),)), Text(" "), Italic((Text("b"),)))),
        ("'''''a''''' b", (Bold((Italic((Text("a"),)),)), Text(" b"))),
        ("'''''a'' b'''", (Bold((Italic((Text("a"),)), Text(" b"))),)),
        ("'''a", (Text("'''a"),)),
        ("2 ** 3 ** 4", (Text("2 ** 3 ** 4"),)),
        ("it's x' '' y", (Text("it's x' '' y"),)),
        ("`a[[b]]''c''`", (Code("a[[b]]''c''"),)),
        ("``a`b``", (Code("a`b"),)),
        ("`&lt;` &lt;", (Code("&lt;"), Text(" <"))),
        ("<code>a &lt; b</code>", (Code("a < b"),)),
        ("a<br/>b<br>c", (Text("a"), Break(), Text("b"), Break(), Text("c"))),
        ("<nowiki>'''a'''</nowiki>", (Text("'''a'''"),)),
        ("a <!-- [[b]] --> c", (Text("a  c"),)),
        ("[https://a.b/c d ''e'']", (ExternalLink("https://a.b/c", (Text("d "), Italic((Text("e"),)))),)),
        ("[a](https://b/c)", (ExternalLink("https://b/c", (Text("a"),)),)),
        ("see https://a.b/c.", (Text("see "), ExternalLink("https://a.b/c", (Text("https://a.b/c"),)), Text("."))),
        ("[a](javascript:alert(1))", (Text("[a](javascript:alert(1))"),)),
        ("[javascript:alert(1) a]", (Text("[javascript:alert(1) a]"),)),
        ("[[step::Principle:a_b]]", (PageLink((PageKind.PRINCIPLE, "a_b"), "step"),)),
        ("[[Heuristic:a|b]]", (PageLink((PageKind.HEURISTIC, "a"), "", (Text("b"),)),)),
        ("[→](./heuristics/a.md)", (PageLink((PageKind.HEURISTIC, "a"), "", (Text("→"),)),)),
        ("✅Impl:a, ⬜Env:b.", (
            Text("✅"), PageLink((PageKind.IMPLEMENTATION, "a")),
            Text(", ⬜"), PageLink((PageKind.ENVIRONMENT, "b")), Text("."),
        )),
        ("[[source::Repo|a|https://b]]", (Text("Repo: "), ExternalLink("https://b", (Text("a"),)))),
        ("[[source::Repo|a|javascript:b]]", (Text("Repo, a, javascript:b"),)),
        ("[[domain::Backend]]", (Text("Backend"),)),
        ("[[unknown::Thing:a]]", (Text("Thing:a"),)),
        ("[[File:a.png]] [[a|b]]", (Text("File:a.png b"),)),
        ("{{template|a}} __TOC__ <div onclick='x'>", (Text("{{template|a}} __TOC__ <div onclick='x'>"),)),
    ],
)  # fmt: skip
def test_inline_text(text: str, nodes: tuple[Any, ...]) -> None:
    assert inline(text) == nodes


def test_lists_nest_in_both_notations() -> None:
    wiki = blocks("* a\n** b\n** c\n* d\n")
    markdown = blocks("- a\n  - b\n  - c\n- d\n")
    inner = ListBlock(False, (Item((Text("b"),)), Item((Text("c"),))))
    assert wiki == markdown == (ListBlock(False, (Item((Text("a"),), (inner,)), Item((Text("d"),)))),)
    assert blocks("1. a\n2. b") == (ListBlock(True, (Item((Text("a"),)), Item((Text("b"),)))),)
    assert blocks("x\n\n# a\n# b")[1:] == blocks("1. a\n2. b")


def test_a_line_that_begins_like_a_list_keeps_its_text() -> None:
    assert inline("1. is alone") == (Text("1. is alone"),)
    assert inline("3. is the third") == (Text("3. is the third"),)
    assert inline("**Note:** a") == (Bold((Text("Note:"),)), Text(" a"))
    assert inline("+ 1") == (Text("+ 1"),)


def test_tables_of_mediawiki() -> None:
    text = """\
{| class="wikitable"
|+ ''Title''
! A !! B
|-
| >=3 || `x || y`
|-
| style="color:red" | c ||
* d
* e
|}"""
    caption, (head, second, third) = (table := blocks(text)[0]).caption, table.rows  # type: ignore[union-attr]
    assert caption == (Italic((Text("Title"),)),)
    assert head == (Cell((Paragraph((Text("A"),)),), True), Cell((Paragraph((Text("B"),)),), True))
    assert second == (Cell((Paragraph((Text(">=3"),)),)), Cell((Paragraph((Code("x || y"),)),)))
    assert third == (
        Cell((Paragraph((Text("c"),)),)),
        Cell((ListBlock(False, (Item((Text("d"),)), Item((Text("e"),)))),)),
    )


def test_a_table_that_is_not_closed_is_text() -> None:
    assert squeezed(plain_text(read("{| class=a\n| b\n\nc"))) == "{|class=a|bc"


def test_tables_of_markdown() -> None:
    (table,) = blocks("| A | B |\n|---|:-:|\n| `a|b` | c \\| d |\n| e |")
    assert isinstance(table, Table)
    assert [[plain_text_of(cell) for cell in row] for row in table.rows] == [["A", "B"], ["a|b", "c | d"], ["e", ""]]
    assert [cell.header for cell in table.rows[0]] == [True, True]


def plain_text_of(cell: Cell) -> str:
    return plain_text(Document(cell.blocks))


def test_fences_rules_quotes_titles_and_templates() -> None:
    text = "# Title\n\n> said\n> again\n\n---\n## Part\n```py\n[[a]]\n```\n{{#mermaid:a\n  b\n}}\n"
    assert blocks(text) == (
        Heading(1, (Text("Title"),)),
        Quote((Paragraph((Text("said again"),)),)),
        Rule(),
        Heading(2, (Text("Part"),)),
        CodeBlock("[[a]]", "py"),
        CodeBlock("{{#mermaid:a\n  b\n}}"),
    )


def test_categories_come_last_and_once() -> None:
    assert blocks("[[Category:B]]\na\n[[Category:A_b|c]]\n[[Category:B]]") == (
        Paragraph((Text("a"),)),
        Categories(("B", "A_b")),
    )


@pytest.mark.shared
def test_foreign_pages_keep_their_words(shared: Path) -> None:
    files = sorted((shared / "reference").rglob("*.md"))
    assert len(files) > 100
    for file in files:
        document = read(read_text(file))
        shown = plain_text(document)
        if file.parent.name in ("workflows", "heuristics"):
            assert any(isinstance(block, Heading) for block in document.blocks), file
            assert "'''" not in shown.replace("'''''", ""), file
            assert "[[" not in "".join(_prose(document.blocks)), file


def _prose(blocks: tuple[Block, ...]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Paragraph | ListBlock):
            yield plain_text(Document((block,)))


@pytest.mark.shared
def test_links_of_foreign_pages_are_those_that_the_wiki_knows(shared: Path) -> None:
    wiki = read_wiki(shared / "reference" / "peft-wiki-before-phase3")
    for page in wiki.pages.values():
        named = {f"{kind}:{name}" for kind, name in page.linked}
        assert named == {f"{kind}:{name}" for kind, name in _links(read(page.text).blocks)}


def _links(blocks: tuple[Block, ...]) -> Iterator[tuple[PageKind, str]]:
    for node in inlines_in(blocks):
        if isinstance(node, PageLink):
            yield node.page


@pytest.mark.parametrize(
    "unit",
    ["[[", "`", "` `` ", "<ref name=a>", "<ref", "''", "**", "<code>", "[a](", "[https://a ", "{{\n", "{|\n", "* ",
     "> ", "\n|\n|-\n", "<!--", "|a|b\n|-|-|\n", "✅Impl:", "https://", "=", "<references>\n", "[[a::", "&#", "-"],
)  # fmt: skip
def test_markup_that_is_never_closed_takes_no_longer_than_other_text(unit: str) -> None:
    text = unit * (40_000 // len(unit))
    before = time.process_time()
    document = read(text)
    to_html(document)
    to_markdown(document)
    for_mediawiki(text)
    for_cite(text)
    assert time.process_time() - before < 2
