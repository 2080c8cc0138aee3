"""Documents as HTML: well-formed, inert whatever the page says, references that lead somewhere and back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.export.test_blocks import ANY
from tests.export.text import Parsed, squeezed
from wikiagent.export.blocks import read
from wikiagent.export.document import plain_text
from wikiagent.export.highlight import LANGUAGES, code_lines, quotes_before
from wikiagent.export.html import to_html
from wikiagent.export.shell import asset
from wikiagent.wiki.graph import PageId, read_wiki
from wikiagent.wiki.page import PageKind

TAGS = set(
    "p h2 h3 h4 h5 h6 ul ol li table thead tbody tr th td caption div figure figcaption pre code span strong em br sup "
    "a blockquote hr".split()
)
ATTRIBUTES = set("id class href rel title tabindex role aria-label scope data-line".split())

ZOO = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//a.b/c.js></SCRIPT>",
    "</code></pre><script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "<a href='javascript:alert(1)'>a</a>",
    "[javascript:alert(1) a]",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](data:text/html,<script>alert(1)</script>)",
    "[[source::Repo|a|javascript:alert(1)]]",
    '[https://a.b/"onmouseover="alert(1) c]',
    "[https://a.b/'><script>alert(1)</script> c]",
    '[[step::Principle:"><script>alert(1)</script>]]',
    "[[Heuristic:../../../etc/passwd]]",
    "[[Heuristic:a|<img src=x onerror=alert(1)>]]",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "<nowiki><script>alert(1)</script></nowiki>",
    "<pre><script>alert(1)</script></pre>",
    '<syntaxhighlight lang="html"><script>alert(1)</script></syntaxhighlight>',
    "<syntaxhighlight lang='\"><script>alert(1)</script>'>a</syntaxhighlight>",
    '```html"><script>\n</code><script>alert(1)</script>\n```',
    '<ref name="\'><script>alert(1)</script>">a</ref><ref name=x onclick=y />',
    "<ref><script>alert(1)</script></ref>",
    '<ref name="a b" />\n<references><ref name="a b"><b onclick=c>d</b></ref></references>',
    "{{subst:a}} {{{b}}} {{#invoke:c|d}}\n{{e\n<script>\n}}",
    "__NOTOC__ __NEWSECTIONLINK__ #REDIRECT [[a]]",
    "<style>*{display:none}</style><link rel=stylesheet href=//a.b>",
    '{| onclick="alert(1)" style="position:fixed"\n! onclick="a" | b\n|-\n| style="color:red" | c\n|}',
    "| <script> | b |\n|---|---|\n| [a](javascript:b) | `</code><script>` |",
    "<svg/onload=alert(1)>",
    "<!-- --><script>alert(1)</script><!--",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    '== <script>alert(1)</script> ==\n=== " onclick=a ===',
    "[[Category:<script>alert(1)</script>]]",
    "* <details open ontoggle=alert(1)>\n> <body onload=alert(1)>",
    "\x00<\x00script>\u202ealert(1)\u2066",
    "\ufdd00\ufdd1 \ufdd099\ufdd1",
    "<code><script>alert(1)</script></code> `<script>alert(1)</script>`",
    "'''<b>''<i>",
    "https://a.b/<script>alert(1)</script>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
]


def nowhere(page: PageId) -> str | None:
    return None


def assert_inert(html: str) -> Parsed:
    parsed = Parsed(html)
    assert parsed.problems == []
    assert {tag for tag, _ in parsed.tags} <= TAGS
    assert {name for _, attributes in parsed.tags for name in attributes} <= ATTRIBUTES
    assert all(re.match(r"#|https?://|page:", address) for address in parsed.values("href"))
    assert len(set(parsed.values("id"))) == len(parsed.values("id"))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", html)
    return parsed


@pytest.mark.parametrize("text", ZOO)
def test_what_looks_like_an_attack_is_text(text: str) -> None:
    parsed = assert_inert(to_html(read(text), address_of=lambda page: f"page:{page[1]}"))
    if "alert(1)" in text and "!--" not in text and not text.startswith("{|"):
        assert "alert(1)" in squeezed(parsed.text) or "alert(1)" in "".join(parsed.values("title"))


@given(ANY)
@settings(deadline=None)
def test_any_text_becomes_inert_html(text: str) -> None:
    assert_inert(to_html(read(text), address_of=nowhere))


@pytest.mark.shared
def test_every_word_of_real_pages_is_in_their_html(shared: Path) -> None:
    for root in sorted((shared / "reference").glob("peft-wiki-*")):
        wiki = read_wiki(root)
        for page in wiki.pages.values():
            document = read(page.text)
            shown = Parsed(to_html(document, page=page.id, address_of=nowhere)).text
            for line in plain_text(document).split("\n"):
                assert all(word in shown for word in line.split() if "_" not in word), page.file


EVIDENCE = """\
Said.<ref name="e1" /> Again.<ref name="e1" /><ref name="e2" /> Lost.<ref name="e9" />

Check, from <code>src/a.py:3-4</code>:
<syntaxhighlight lang="python" line start="3">
if a:
    b
</syntaxhighlight>

<references>
<ref name="e1">[https://example.org/a#L3 src/a.py:3-4]</ref>
<ref name="e2">src/b.py:1</ref>
</references>"""


def test_references_lead_to_the_lines_and_back() -> None:
    parsed = Parsed(to_html(read(EVIDENCE)))
    ids = parsed.values("id")
    addresses = parsed.values("href")
    assert all(address[1:] in ids for address in addresses if address.startswith("#"))
    assert addresses[:3] == ["#evidence-e1", "#evidence-e1", "#note-e2"]
    assert {"#ref-e1-1", "#ref-e1-2", "#ref-e2-1"} <= set(addresses)
    assert [name for name in ids if "-L" in name] == ["evidence-e1-L3", "evidence-e1-L4"]
    assert parsed.values("data-line") == ["3", "4"]
    assert "https://example.org/a#L3" in addresses
    assert "[e9]" in parsed.text


def test_two_documents_stand_on_one_page() -> None:
    first, second = (Parsed(to_html(read(EVIDENCE), prefix=prefix)).values("id") for prefix in ("a-", "b-"))
    assert not set(first) & set(second)


def test_headings_have_ids_of_their_own() -> None:
    html = to_html(read("== A b ==\n== A b ==\n== Evidence-e1 ==\n= Top =\n== ?? =="))
    assert Parsed(html).values("id") == ["a-b", "a-b-2", "s-evidence-e1", "top", "section"]
    assert "<h1" not in html


def test_links_say_what_the_edge_means_on_this_page() -> None:
    document = read("* [[uses_heuristic::Implementation:p_Load]]\n* [[requires_env::Environment:p_Some_Thing]]")
    there = {(PageKind.IMPLEMENTATION, "p_Load"): "load.html"}
    html = to_html(document, page=(PageKind.HEURISTIC, "p_Slow"), address_of=there.get, repo="p")
    assert '<span class="edge">used by</span> <a href="load.html">Load</a>' in html
    assert '<span class="edge">requires</span> <span class="wanted"' in html
    assert ">Some Thing</span>" in html


def test_tables_have_headers_with_scopes() -> None:
    html = to_html(read('{| class="wikitable"\n! A !! B\n|-\n! C\n| D\n|}'))
    assert '<thead>\n<tr><th scope="col">A</th><th scope="col">B</th></tr>\n</thead>' in html
    assert '<tr><th scope="row">C</th><td>D</td></tr>' in html


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_code_has_a_line_for_each_line(language: str) -> None:
    code = "\n\n>>> a = '''\n  b\n'''\n$ ls <x> && \"y\"\n\n{\n\n"
    html = code_lines(code, language, start=7, name="c", marked={8})
    parsed = Parsed(html)
    assert parsed.problems == []
    assert parsed.text == code + "\n"
    assert parsed.values("data-line") == [str(number) for number in range(7, 7 + len(code.split("\n")))]
    assert html.count('class="line marked"') == 1


@given(ANY)
@settings(deadline=None)
def test_code_is_shown_to_the_letter(code: str) -> None:
    code = re.sub("[^\n -~é…]", "", code)
    assert Parsed(code_lines(code, "python", start=1)).text == code + "\n"


def test_a_quote_out_of_a_docstring_is_no_code() -> None:
    text = "It is not meant for the night, and that is that.\nUse `feed` in the day."
    assert quotes_before(text) == '"""'
    assert quotes_before(f"{text}\n'''\nreturn 0\n") == "'''"
    for code in (
        'def feed():\n    """Feed is not for the night."""\n    return not 0',
        "rank: int = 8,\nalpha: float = 1.0,  # this is not used for the night\n",
        'warnings.warn(\n    f"Adapter {name} was active."\n)',
        "if one not in other and one is not None:",
    ):
        assert quotes_before(code) == "", code
    shown = code_lines(text, "python", start=7)
    assert 'class="ow"' not in shown
    assert shown.count('class="line"') == 2
    assert 'class="ow"' in code_lines("a is not b", "python")


def test_a_place_in_the_source_leads_there() -> None:
    document = read("Warning in <code>Keeper</code>, from <code>src/zoo/keeper.py:14-16</code>:")
    shown = to_html(document, place_of=lambda path, line: f"/source/{path}#L{line}")
    assert '<a href="/source/src/zoo/keeper.py#L14"><code>src/zoo/keeper.py:14-16</code></a>' in shown
    assert "<code>Keeper</code>," in shown
    assert "<a" not in to_html(document)


def test_the_indent_of_a_line_is_known_to_the_style_sheet() -> None:
    steps = re.findall(
        r'data-in="(\d)"', code_lines("a\n  b\n    c\n         d\n" + 80 * " " + "e", "python", within="")
    )
    assert steps == ["1", "2", "6"]
    for step in steps:
        assert f'[data-in="{step}"]' in asset("style.css").decode()
