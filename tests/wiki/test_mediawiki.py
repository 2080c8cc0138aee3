"""Rendering and parsing: the exemplars to the letter, every page back to itself, foreign pages without a crash."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from wikiagent.source.evidence import Place
from wikiagent.wiki.graph import read_text
from wikiagent.wiki.markup import escape, highlighted, one_line, plain, quoted
from wikiagent.wiki.mediawiki import parse, render
from wikiagent.wiki.page import (
    Bullet,
    Environment,
    EnvironmentCategory,
    ErrorRow,
    Exhibit,
    Heuristic,
    HeuristicCategory,
    Implementation,
    KnowledgeSource,
    Link,
    Metadata,
    PageKind,
    Principle,
    Requirement,
    Section,
    Statement,
    Workflow,
)

MARKUP = [
    *"`<>&|[]{}'~_*#:;=!-.,) \n\t\r\\/\"e1é…\u2028\x0b",
    *(
        "[[",
        "]]",
        "{{",
        "}}",
        "{|",
        "|}",
        "|-",
        "''",
        "'''",
        "~~~~",
        "**",
        "||",
        "----",
        "```",
        "&lt;",
        "&amp;",
        "&#91;",
    ),
    *(
        "__TOC__",
        "__init__",
        "__notoc__",
        "<nowiki>",
        "</code>",
        "<code>",
        "</syntaxhighlight>",
        "<\\/syntaxhighlight>",
    ),
    *("<pre>", "</pre>", "<syntaxhighlight>", '<ref name="e1" />', "</ref>", "<references>", "<!--", "-->", "<br>"),
    *("== A ==", "## B", "# C", "* d", "> f", "1. g", "[https://h i]", "[[step::Principle:j]]", "[[Category:K]]"),
    *(
        "'''Source:'''",
        "**Action:**",
        "`a/b.py:1-2`",
        "none stated in the source",
        "\n\n",
        "\n== L ==\n",
        "word",
        ", from",
    ),
]
texts = st.lists(st.sampled_from(MARKUP) | st.text(max_size=3), max_size=8).map("".join) | st.text(max_size=20)
texts |= st.sampled_from(["-", "|-", ":", ""])
refs = st.lists(st.sampled_from(["e1", "e2", "e30"]), max_size=3).map(tuple)
statements = st.builds(Statement, text=texts, refs=refs)
proses = st.lists(statements, max_size=4).map(tuple)
prose_lists = st.lists(proses, max_size=3).map(tuple)
names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,8}", fullmatch=True)
lines = st.integers(0, 999_999_999)
paths = st.lists(st.sampled_from(["src/a", "/", ".py", ":", "1-2", " ", "`", "&lt;", "]", "__", "é"]), min_size=1).map(
    "".join
)
urls = texts.map(lambda text: f"https://example.org/{text}")
exhibits = st.builds(
    Exhibit,
    id=st.sampled_from(["e1", "e2", "e3", "e40"]),
    caption=texts,
    path=paths,
    first=lines,
    last=lines,
    code=st.lists(texts | st.sampled_from(["\tx = 1", "    y", "", "  "])).map("\n".join),
    language=st.sampled_from(["python", "bash", "c++"]),
    url=st.none() | urls,
)
common = {
    "name": names,
    "metadata": st.builds(
        Metadata,
        sources=st.lists(st.builds(KnowledgeSource, kind=texts, title=texts, url=texts), max_size=2).map(tuple),
        domains=st.lists(texts, max_size=3).map(tuple),
        revision=st.none() | texts,
        updated=texts,
    ),
    "overview": proses,
    "description": proses,
    "related": st.lists(
        st.builds(Link, edge=st.sampled_from(["step", "uses_heuristic"]), kind=st.sampled_from(PageKind), name=names),
        max_size=3,
    ).map(tuple),
    "topics": st.lists(texts | st.sampled_from(["Heuristic", "Warning_Heuristic", "Core_Environment"]), max_size=3).map(
        tuple
    ),
}
authored = {
    "source": st.lists(st.builds(Place, paths, lines, lines), max_size=3).map(tuple),
    "sections": st.lists(
        st.builds(Section, level=st.integers(1, 6), title=texts.map(lambda title: f"T{title}"), text=texts), max_size=4
    ).map(tuple),
}
pages = st.one_of(
    st.builds(
        Heuristic,
        **common,
        usage=texts,
        insight=st.lists(
            st.builds(Bullet, label=st.sampled_from(["Action", "Value", "Trade-off", "Compatibility"]), prose=proses),
            max_size=3,
        ).map(tuple),
        reasoning=proses,
        evidence=st.lists(exhibits, max_size=3).map(tuple),
        category=st.none() | st.sampled_from(HeuristicCategory),
    ),
    st.builds(
        Environment,
        **common,
        usage=texts,
        requirements=st.lists(st.builds(Requirement, category=texts, requirement=proses, notes=proses), max_size=3).map(
            tuple
        ),
        system_packages=prose_lists,
        python_packages=prose_lists,
        credentials=prose_lists,
        quick_install=texts,
        evidence=st.lists(exhibits, max_size=2).map(tuple),
        errors=st.lists(st.builds(ErrorRow, message=proses, cause=proses, solution=proses), max_size=2).map(tuple),
        compatibility=prose_lists,
        category=st.none() | st.sampled_from(EnvironmentCategory),
    ),
    st.builds(Implementation, **common, **authored),
    st.builds(Principle, **common, **authored),
    st.builds(Workflow, **common, **authored),
)
patient = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@patient
@given(pages)
def test_every_page_is_read_back_from_its_rendering(page):
    assert parse(render(page), page.kind, page.name) == page


@patient
@given(st.text() | texts, st.sampled_from(PageKind))
def test_no_text_crashes_the_parser(text, kind):
    page = parse(text, kind, "x_Y")
    assert parse(render(page), kind, "x_Y") == page


@pytest.mark.shared
@pytest.mark.parametrize("kind", [PageKind.HEURISTIC, PageKind.ENVIRONMENT])
def test_exemplars_are_rendered_to_the_letter(shared, kind):
    for file in sorted((shared / "exemplars" / kind.folder).glob("*.md")):
        text = file.read_text(encoding="utf-8")
        assert render(parse(text, kind, file.stem)) == text


@pytest.mark.shared
@patient
@given(st.data())
def test_no_real_page_crashes_the_parser_however_it_is_cut(shared_pages, data):
    text = data.draw(st.sampled_from(shared_pages))
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    page = parse(text[:start] + data.draw(texts) + text[end:], data.draw(st.sampled_from(PageKind)), "x_Y")
    assert parse(render(page), page.kind, "x_Y") == page


@pytest.fixture(scope="module")
def shared_pages(shared):
    return [read_text(file) for file in sorted(shared.rglob("*.md"))[::7]]


@patient
@given(texts)
def test_escaped_text_is_inert(text):
    wikitext = escape(one_line(text), line_start=True, cell=True)
    bare = re.sub(r"</?code>", " ", wikitext)
    assert not re.search(r"[<|]|\[\[|\[https?:|\{\{|\{\||''|~~~|__TOC__|^[*#:;=!-]|&lt(?!;)", bare)
    assert one_line(plain(wikitext)) == one_line(text)


def test_a_closing_tag_in_code_is_shown_with_a_backslash():
    code = "x = '</syntaxhighlight>'  # <\\/SyntaxHighlight\n\ty"
    shown = highlighted(code)
    assert shown == "x = '<\\/syntaxhighlight>'  # <\\\\/SyntaxHighlight\n\ty"
    assert quoted(shown) == code
    assert highlighted("a </b> \\</pre>") == "a </b> \\</pre>"


IMPLEMENTATION = """\
{| class="wikitable" style="float:right; margin-left:1em; width:300px;"
|-
! Source Revision
| [[source_revision::pypi:peft==0.18.1]]
|}

== Overview ==
Create a <code>PeftModel</code> from a model &lt;and> a config.

'''Source:''' <code>src/peft/mapping_func.py:L30-130</code>, <code>setup.py:L59</code>

== Description ==

== API Signature ==
<syntaxhighlight lang="python">
def get_peft_model(
== no heading ==
</syntaxhighlight>

=== Notes ===
* kept '''as it is'''

== Related Pages ==
* [[implemented_by::Principle:huggingface_peft_PEFT_Application]]

[[Category:Implementation]]
[[Category:API_Doc]]
"""


def test_an_implementation_page():
    page = Implementation(
        name="huggingface_peft_get_peft_model",
        metadata=Metadata(revision="pypi:peft==0.18.1"),
        overview="Create a `PeftModel` from a model <and> a config.",
        source=(Place("src/peft/mapping_func.py", 30, 130), Place("setup.py", 59, 59)),
        sections=(
            Section(
                title="API Signature",
                text='<syntaxhighlight lang="python">\ndef get_peft_model(\n== no heading ==\n</syntaxhighlight>',
            ),
            Section(level=3, title="Notes", text="* kept '''as it is'''"),
        ),
        related=(Link(edge="implemented_by", kind=PageKind.PRINCIPLE, name="huggingface_peft_PEFT_Application"),),
        topics=("API_Doc",),
    )
    assert render(page) == IMPLEMENTATION
    assert parse(render(page), page.kind, page.name) == page


FOREIGN = """\
# Heuristic: x_Y

> A quote.

## Overview
First **bold** [[link|line]],
second line with `code|a` &gt; b.

## The Insight
* **Action:** Do `**this**`
  and that
* **Note:** not of the schema
- '''Trade-off''': none

## Code Evidence
Seen in `src/a.py:L130–L215`:
```python
x = 1
```

From `a.py` (no lines):
```
lost
```

[[Category:Heuristic]]
[[Category:Debugging_Heuristic]]
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_foreign_page_is_read_as_far_as_it_goes(newline):
    page = parse(FOREIGN.replace("\n", newline), PageKind.HEURISTIC, "x_Y")
    assert isinstance(page, Heuristic)
    assert page.overview == (Statement(text="First bold line, second line with `code|a` > b."),)
    assert page.insight == (
        Bullet(label="Action", prose="Do `**this**` and that"),
        Bullet(label="Trade-off", prose="none"),
    )
    assert page.evidence == (Exhibit(id="e1", caption="Seen", path="src/a.py", first=130, last=215, code="x = 1"),)
    assert page.category is HeuristicCategory.DEBUGGING
    assert page.description == ()


@pytest.mark.parametrize(
    "table",
    [
        '{| class="wikitable"\n|-\n! Category !! Requirement !! Notes\n|-\n|| OS || `x` || -\n|}',
        "| Category | Requirement | Notes |\n|---|:--|---|\n| OS | `x` | - |",
    ],
)
def test_tables_are_read_in_both_languages(table):
    page = parse(f"== System Requirements ==\n{table}\n", PageKind.ENVIRONMENT, "x_Y")
    assert isinstance(page, Environment)
    assert page.requirements == (Requirement(category="OS", requirement="`x`", notes="-"),)


@pytest.mark.parametrize(
    "named",
    [
        "| **Source** | `src/a.py:L3-9` |",
        "=== Source Location ===\n* '''File:''' src/a.py:L3-9 (the class)",
        "text\n\n'''Source:''' <code>src/a.py:L3-9</code>",
    ],
)
def test_where_an_implementation_stands_is_found(named):
    page = parse(f"== Overview ==\n{named}\n", PageKind.IMPLEMENTATION, "x_Y")
    assert isinstance(page, Implementation)
    assert page.source == (Place("src/a.py", 3, 9),)


@pytest.mark.shared
def test_the_evidence_of_the_reference_pages_is_found(shared):
    root = shared / "reference/peft-wiki-after-phase3"
    kinds = (PageKind.ENVIRONMENT, PageKind.HEURISTIC)
    pages = [
        parse(read_text(file), kind, file.stem) for kind in kinds for file in sorted((root / kind.folder).iterdir())
    ]
    assert sum(len(page.evidence) for page in pages if isinstance(page, Environment | Heuristic)) == 15


@pytest.mark.parametrize("place", [Place("", 1, 2), Place("a\nb", 1, 2), Place("a", -1, 2), Place("a", 1, 10**9)])
def test_a_place_that_no_page_can_state_is_refused(place):
    with pytest.raises(ValidationError, match="no place in a source"):
        Implementation(name="x_Y", source=(place,))
