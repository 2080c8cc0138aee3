"""Rendering and parsing: the exemplars to the letter, every page back to itself, foreign pages without a crash."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wikiagent.source.evidence import Place
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
