"""The dump: XML that its schema allows, text as it was but for what plain MediaWiki does not know."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.export.test_blocks import ANY
from wikiagent.export.mediawiki_xml import SCHEMA, dump_of, for_mediawiki, wiki_title
from wikiagent.wiki.graph import Wiki, find_links, read_text
from wikiagent.wiki.page import PageKind

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
IN = {"": SCHEMA}


def pages_of(content: bytes) -> dict[str, str]:
    root = ElementTree.fromstring(content)
    return {
        page.findtext("title", namespaces=IN) or "": page.findtext("revision/text", namespaces=IN) or ""
        for page in root.findall("page", IN)
    }


def test_every_page_index_and_category_is_in_the_dump(awkward: Wiki) -> None:
    dump = dump_of(awkward, "zoo", NOW)
    pages = pages_of(dump.content)
    assert len(pages) == dump.pages
    assert dump.replaced == 0
    assert {wiki_title(page) for page in awkward.pages} <= set(pages)
    assert {"zoo", "Heuristic Index: zoo", "Category:Heuristic", "Category:Warning Heuristic"} <= set(pages)
    assert "[[Heuristic Index: zoo|Heuristics]]" in pages["zoo"]
    assert "[[Heuristic:zoo_Slow__init___X|Slow  init   X]]" in pages["Heuristic Index: zoo"]


def test_a_revision_has_what_the_importer_reads(awkward: Wiki) -> None:
    root = ElementTree.fromstring(dump_of(awkward, "zoo", NOW).content)
    page = root.find("page", IN)
    assert page is not None
    assert [part.tag.rpartition("}")[2] for part in page] == ["title", "ns", "revision"]
    revision = page.find("revision", IN)
    assert revision is not None
    names = ["timestamp", "contributor", "comment", "model", "format", "text"]
    assert [part.tag.rpartition("}")[2] for part in revision] == names
    assert revision.findtext("timestamp", namespaces=IN) == "2026-11-22T09:00:00Z"
    assert revision.findtext("contributor/username", namespaces=IN) == "wikiagent"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("* [[uses_heuristic::Heuristic:a_b]]", "* uses heuristic: [[Heuristic:a_b]]"),
        ("[[step::Principle:a|A]] then", "step: [[Principle:a|A]] then"),
        ("[[source::Repo|a &#91;|https://b/c]]", "Repo: [https://b/c a &#91;]"),
        ("[[source::Repo|a|javascript:b]]", "Repo, a, javascript:b"),
        ("[[domain::A]], [[domain::B]]", "A, B"),
        ("[[source_revision::pypi:a==1]]", "pypi:a==1"),
        ("[[last_updated::2026]]", "2026"),
        ('[[Heuristic:a]] [[Category:B]] [https://c d] <ref name="e1" />', None),
        ('<syntaxhighlight lang="python">\n[[step::Principle:a]]\n</syntaxhighlight>', None),
        ("```\n[[step::Principle:a]]\n```", None),
        ("`[[step::Principle:a]]` <code>[[domain::b]]</code> <!-- [[domain::c]] -->", None),
    ],
)
def test_only_what_plain_mediawiki_does_not_know_is_rewritten(text: str, shown: str | None) -> None:
    assert for_mediawiki(text) == (text if shown is None else shown)


@given(ANY)
def test_text_without_double_colons_is_verbatim(text: str) -> None:
    text = text.replace("::", ":")
    assert for_mediawiki(text) == text


@given(st.text(alphabet=st.characters(exclude_categories=[]), max_size=40))
def test_any_text_is_written_as_xml(text: str) -> None:
    wiki = Wiki({"heuristics/a.md": text})
    assert "Heuristic:a" in pages_of(dump_of(wiki, text, NOW).content)


def test_characters_that_xml_forbids_are_replaced_and_counted() -> None:
    dump = dump_of(Wiki({"heuristics/a.md": "a\x00b\x1bc\td"}), "a", NOW)
    assert dump.replaced >= 2
    assert pages_of(dump.content)["Heuristic:a"] == "a\ufffdb\ufffdc\td"


def test_titles_are_allowed_ones() -> None:
    assert wiki_title((PageKind.HEURISTIC, "a_b.c-d")) == "Heuristic:a_b.c-d"
    assert wiki_title((PageKind.HEURISTIC, "a[b]#{c}|%41")) == "Heuristic:a-b---c--" + "-41"


@pytest.mark.shared
def test_typed_links_of_foreign_pages_become_plain_links(shared: Path) -> None:
    for file in sorted((shared / "reference").rglob("*.md")):
        text = read_text(file)
        rewritten = for_mediawiki(text)
        typed = [
            link
            for link in find_links(text)
            if link.kind in set(PageKind) and "`" not in text.split("\n")[link.line - 1]
        ]
        assert all(f": [[{link.kind}:{link.name}" in rewritten for link in typed), file
        assert [link for link in find_links(rewritten) if link in typed] == []
