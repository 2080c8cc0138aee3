"""Documents as Markdown: what CommonMark and Python-Markdown show of it is what the page says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import markdown as python_markdown
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.export.test_blocks import KINDS
from tests.export.text import Parsed, squeezed
from wikiagent.export.blocks import read
from wikiagent.export.document import (
    Block,
    Bold,
    Cell,
    Code,
    CodeBlock,
    Document,
    ExternalLink,
    Heading,
    Italic,
    Item,
    ListBlock,
    Paragraph,
    Quote,
    Table,
    Text,
    plain_text,
)
from wikiagent.export.markdown import to_markdown
from wikiagent.export.markdown_site import markdown_files
from wikiagent.wiki.graph import Wiki, read_wiki

Show = Callable[[str], str]
COMMONMARK: Show = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render


def mkdocs_shows(text: str) -> str:
    return python_markdown.markdown(text, extensions=["toc", "tables", "fenced_code"])


BOTH = pytest.mark.parametrize("show", [COMMONMARK, mkdocs_shows], ids=["CommonMark", "mkdocs"])

_words = st.lists(
    st.sampled_from([*KINDS, "#", "-", "+", "1.", "2)", "~~", "$a$", "_a_", "a_b", "\\", "&copy;", ":a:"])
    | st.text(max_size=3)
)
lines = _words.map("".join).map(
    lambda text: " ".join(re.sub(r"[^\S ]|[\x00-\x1f\x7f-\x9f\u2028\u2029\ufdd0\ufdd1]", " ", text).split())
)
lines = lines.filter(lambda text: text and text.isprintable())
leaves = st.builds(Text, lines) | st.builds(Code, lines)
inlines = leaves | st.builds(lambda node: Bold((node,)), leaves) | st.builds(lambda node: Italic((node,)), leaves)
inlines |= st.builds(lambda node: ExternalLink("https://example.org/a_(b)", (node,)), leaves)
runs = st.lists(inlines, min_size=1, max_size=4).map(tuple)
code = st.lists(lines | st.sampled_from(["", "    x", "```", "~~~~", "`````"]), min_size=1, max_size=4).map("\n".join)


def cells(header: bool) -> st.SearchStrategy[Cell]:
    return st.builds(lambda run: Cell((Paragraph(run),), header), runs)


tables = st.builds(
    lambda head, rows: Table((tuple(head), *map(tuple, rows))),
    st.lists(cells(True), min_size=2, max_size=2),
    st.lists(st.lists(cells(False), min_size=2, max_size=2), max_size=2),
)
lists = st.builds(
    lambda ordered, run, inner: ListBlock(ordered, (Item(run, (ListBlock(False, (Item(inner),)),)), Item(inner))),
    st.booleans(), runs, runs,
)  # fmt: skip
plain_blocks = st.builds(Heading, st.integers(1, 6), runs) | st.builds(Paragraph, runs) | tables | lists
plain_blocks |= st.builds(lambda text: CodeBlock(text, "python"), code)
blocks = plain_blocks | st.builds(lambda run: Quote((Paragraph(run),)), runs)


def visible(show: Show, text: str) -> str:
    return squeezed(Parsed(show(text).replace("<code />", "")).text)


@BOTH
@given(block=blocks)
@example(block=ListBlock(False, (Item((Text("&#"), Code("`"))), Item((Text("<"),)))))
@example(block=ListBlock(False, (Item((Text("&#`"), Code("`"))), Item((Text("<"),)))))
@settings(deadline=None, max_examples=150)
def test_every_character_is_shown(show: Show, block: Block) -> None:
    document = Document((block,))
    assert visible(show, to_markdown(document)) == squeezed(plain_text(document))


@BOTH
def test_blocks_become_what_they_are(show: Show) -> None:
    text = "== A ==\n* a\n** b\n# c\n\n> q\n\n----\n\n{|\n! A !! B\n|-\n| x | y || `p|q`\n|}\n\n```py\nx = 1\n```\n"
    tags = [tag for tag, _ in Parsed(show(to_markdown(read(text), title="T"))).tags]
    for tag in ("h1", "h2", "ul", "ol", "blockquote", "hr", "table", "th", "td", "pre", "code"):
        assert tag in tags, tag


@BOTH
def test_nothing_of_a_page_becomes_markup_of_html(show: Show) -> None:
    text = "<script>alert(1)</script> <img src=x onerror=alert(1)> [a](javascript:alert(1)) `<b>` &lt;b&gt;"
    parsed = Parsed(show(to_markdown(read(text))))
    assert {tag for tag, _ in parsed.tags} <= {"p", "code"}


@BOTH
def test_references_lead_to_the_evidence_and_back(show: Show, awkward: Wiki) -> None:
    files = dict(markdown_files(awkward, "zoo"))
    parsed = Parsed(show(files["docs/heuristics/zoo_Slow__init___X.md"].decode()))
    ids = parsed.values("id")
    inside = [address[1:] for address in parsed.values("href") if address.startswith("#")]
    assert {"evidence-e1", "note-e1", "ref-e1-1", "ref-e1-2"} <= set(ids)
    assert {"evidence-e1", "evidence-e2", "ref-e1-1", "ref-e2-1"} <= set(inside)
    assert set(inside) <= set(ids)
    assert "https://example.org/zoo/src/zoo.py#L3-L5" in parsed.values("href")


def test_links_between_pages_are_relative(awkward: Wiki) -> None:
    files = dict(markdown_files(awkward, "zoo"))
    page = files["docs/implementations/zoo_Keeper.md"].decode()
    assert "- uses heuristic: [Slow  init   X](../heuristics/zoo_Slow__init___X.md)" in page
    assert "- requires: [Python](../environments/zoo_Python.md)" in page
    assert "- used by: Wanted" in files["docs/heuristics/zoo_Slow__init___X.md"].decode()


def build(folder: Path, files: Iterable[tuple[str, bytes]]) -> subprocess.CompletedProcess[str]:
    for file, content in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", folder / "mkdocs.yml"]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)


def test_mkdocs_builds_it_without_a_warning(awkward: Wiki, tmp_path: Path) -> None:
    done = build(tmp_path, markdown_files(awkward, 'A "name": #1'))
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    assert (tmp_path / "site" / "heuristics" / "zoo_Slow__init___X" / "index.html").is_file()


def test_mkdocs_would_notice_a_wrong_link(awkward: Wiki, tmp_path: Path) -> None:
    files = dict(markdown_files(awkward, "zoo"))
    files["docs/index.md"] += b"\n[a](map.md#nowhere)\n"
    done = build(tmp_path, files.items())
    assert done.returncode == 1
    assert "nowhere" in done.stderr


@pytest.mark.shared
def test_mkdocs_builds_foreign_wikis_without_a_warning(shared: Path, tmp_path: Path) -> None:
    wiki = read_wiki(shared / "reference" / "foreign-wikis" / "huggingface_transformers")
    done = build(tmp_path, markdown_files(wiki, "transformers"))
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
