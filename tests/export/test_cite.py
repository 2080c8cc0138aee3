"""Lists of references: behind all that refers to them, each note referred to, nothing else touched."""

from __future__ import annotations

import re

from hypothesis import given, settings

from tests.export.test_blocks import ANY
from tests.wiki.test_mediawiki import pages
from wikiagent.export.cite import for_cite
from wikiagent.wiki.mediawiki import render
from wikiagent.wiki.page import Page

LIST = '<references>\n<ref name="e1">a.py:1</ref>\n<ref name="e2">b.py:2</ref>\n</references>'
ONE, TWO = '<ref name="e1" />', '<ref name="e2" />'


def test_a_list_behind_all_references_stays() -> None:
    text = f"a{ONE} b{TWO}\n\n{LIST}\n\n== Related Pages ==\n* c\n"
    assert for_cite(text) == text


def test_a_list_moves_behind_the_last_reference() -> None:
    above, below, end = (
        f"a{ONE}\n\n== E ==\nx\n\n",
        f"== C ==\nb{TWO}\n\n",
        "== Related Pages ==\n* c\n\n[[Category:D]]\n",
    )
    assert for_cite(f"{above}{LIST}\n\n{below}{end}") == f"{above}{below}== References ==\n{LIST}\n\n{end}"
    assert for_cite(f"{LIST}\na{ONE}{TWO}\n\n[[Category:D]]\n") == (
        f"\n\na{ONE}{TWO}\n\n== References ==\n{LIST}\n\n\n[[Category:D]]\n"
    )


def test_a_note_that_nothing_refers_to_is_an_item() -> None:
    assert for_cite(f"a{ONE}\n\n{LIST}\n") == (
        f'a{ONE}\n\n<references>\n<ref name="e1">a.py:1</ref>\n</references>\n* b.py:2\n'
    )
    assert for_cite(f"a\n\n{LIST}\n") == "a\n\n* a.py:1\n* b.py:2\n"


def test_references_in_code_do_not_count() -> None:
    text = f'a{ONE}{TWO}\n\n{LIST}\n\n<syntaxhighlight lang="xml">\n{ONE}\n</syntaxhighlight>\n'
    assert for_cite(text) == text


@given(pages)
@settings(deadline=None)
def test_our_pages_refer_to_no_note_behind_its_list(page: Page) -> None:
    text = for_cite(render(page))
    blank = re.sub(r"<syntaxhighlight.*?</syntaxhighlight>", "", text, flags=re.S)
    behind = blank.rpartition("</references>")[2] if "</references>" in blank else ""
    assert not re.search(r'<ref name="e\d+" />', behind)
    assert sorted(re.findall(r"\w+", for_cite(text))) == sorted(re.findall(r"\w+", text))


@given(ANY)
def test_any_text_is_taken(text: str) -> None:
    assert for_cite(for_cite(text)) == for_cite(text)  # what Cite takes stays as it is
