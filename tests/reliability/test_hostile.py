# ruff: noqa: E501
"""Text of a source that attacks the wiki: the page reads back the same, shows as plain text, and quotes verbatim."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.phases.conftest import NOW
from wikiagent.check.linter import check
from wikiagent.check.source import Source
from wikiagent.ledger import Ledger
from wikiagent.phases.drafters import Extractive
from wikiagent.phases.phase3 import Plan, enrich
from wikiagent.source.evidence import cut, dedent
from wikiagent.source.kept import files_below
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import LEAVES, Wiki, read_wiki
from wikiagent.wiki.markup import mask
from wikiagent.wiki.mediawiki import parse, render
from wikiagent.wiki.page import Environment, Heuristic

ATTACKS = [
    "</syntaxhighlight> <script>alert(1)</script>", "<\\/syntaxhighlight>", "</SyntaxHighlight  >", "<references />",
    '<ref name="e1">x.py:1</ref>', "</references>", "[[Category:Owned]]", "[[uses_heuristic::Heuristic:zoo_Owned]]",
    "[https://evil.example click]", "https://evil.example/x", "{{Delete|now}}", "{| class=x\n", "|}", "|-", "|| a || b",
    "== Owned ==", "=== Reasoning ===", "'''bold''' ''it''", "~~~~", "__NOTOC__", "&lt;b&gt; &#91;&#91;x]] &nbsp;",
    "<nowiki>", "</nowiki>", "<pre>", "<!-- ", "-->", "<code>x</code>", "`tick", "``` fence", "#REDIRECT [[X]]", "----",
    ":* list", "<img src=x onerror=alert(1)>", "RFC 2119 PMID 1", "-{zh:a}-", "%%x%%", "\\u202e", "${{x}}",
]  # fmt: skip
#: What MediaWiki, or a browser behind it, would act on outside of code.
ACTIVE = re.compile(
    r"<(?!/?(?:code|ref|references)\b)[a-z!/]|\[\[(?!source::|domain::|source_revision::|last_updated::|Category:|uses_heuristic::"
    r"|requires_env::)|\{\{|~~~|__NOTOC__|\[https?://(?!example\.org)|^----|^#REDIRECT|-\{",
    re.I | re.M,
)


def hostile(attack: str, number: int) -> str:
    plain = attack.replace("\n", " ")
    quoted = plain.replace("\\", "\\\\").replace('"', '\\"')
    return (
        f'"""Note: the gate must be closed first, because {plain} opens it."""\nimport os\nimport warnings\n\n\n'
        f"class Keeper{number}:\n    def feed(self, n):\n"
        f"        # NOTE: {plain} must come first because otherwise {plain} the lions get out.\n"
        f'        if n > 40:\n            warnings.warn("More than 40 portions {quoted} are not supported, use less.")\n'
        f'        if not n:\n            raise ValueError("{quoted} cannot be zero because of {quoted}, set it to one.")\n'
        f'        return os.environ.get("ZOO_{number}", "{quoted}")\n'
    )


Written = Callable[[dict[str, str]], tuple[Wiki, Snapshot]]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """The wiki that is written about files, and their snapshot."""

    def write(files: dict[str, str]) -> tuple[Wiki, Snapshot]:
        for path, text in files.items():
            (tmp_path / "source" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "source" / path).write_text(text, newline="")
        snapshot = Snapshot("pypi:zoo==1.0", "zoo", "1.0", tmp_path / "source", files_below(tmp_path / "source"))
        plan = Plan(snapshot, snapshot.files, tmp_path / "wiki", "zoo", None, 200, accept_valid=True, now=NOW)
        enrich(plan, Extractive(), Ledger(tmp_path / "ledger.sqlite"), lambda message: None)
        return read_wiki(tmp_path / "wiki"), snapshot

    return write


def assert_harmless(wiki: Wiki, snapshot: Snapshot) -> int:
    """What holds for all pages; the number of quotes."""
    quotes = 0
    for page in wiki.pages.values():
        assert parse(page.text, page.kind, page.name) == page.page
        if page.kind not in LEAVES:
            continue
        assert render(page.page) == page.text
        assert not ACTIVE.search(mask(page.text)), ACTIVE.search(mask(page.text))
        assert "Owned" not in page.page.topics
        assert "zoo_Owned" not in {link.name for link in page.page.related}
        assert isinstance(page.page, Heuristic | Environment)
        for exhibit in page.page.evidence:
            assert exhibit.code == dedent(cut(snapshot, exhibit.place).text)
            quotes += 1
    report = check(wiki, Source(snapshot))
    assert [f for f in report.findings if f.code.startswith(("CIT", "SEC", "SCH"))] == []
    return quotes


def test_no_attack_in_text_gets_through(written: Written) -> None:
    files = {f"src/zoo/mod_{n}.py": hostile(attack, n) for n, attack in enumerate(ATTACKS)}
    wiki, snapshot = written({"src/zoo/__init__.py": "", **files})
    assert assert_harmless(wiki, snapshot) >= len(ATTACKS)


@pytest.mark.parametrize(
    "name",
    [
        "a b.py",
        "a'''b.py",
        "a&lt;b.py",
        "a{{b}}.py",
        "a~~~~.py",
        "a=b=.py",
        "#x.py",
        "*x.py",
        "ü.py",
        "a'b.py",
        "a\\b.py",
    ],
)
def test_no_attack_in_a_file_name_gets_through(written: Written, name: str) -> None:
    wiki, snapshot = written({f"src/zoo/{name}": hostile("plain", 1)})
    assert assert_harmless(wiki, snapshot) >= 1


@pytest.mark.parametrize(
    "name", ["a`b.py", "a<b>.py", "a|b.py", "[[Category:Owned]].py", "</syntaxhighlight>.py", "a]b.py", "a\u202eb.py"]
)
def test_a_file_name_that_no_page_can_hold_gives_no_page_or_a_sound_one(written: Written, name: str) -> None:
    wiki, snapshot = written({f"src/zoo/{name}": hostile("plain", 1), "src/zoo/plain.py": hostile("other words", 2)})
    assert assert_harmless(wiki, snapshot) >= 1


def test_what_turns_text_around_is_no_evidence(written: Written) -> None:
    turned = "if access != 'user\u202e \u2066# only admins\u2069 \u2066'"
    wiki, _ = written({"src/zoo/a.py": hostile(turned, 1), "src/zoo/b.py": hostile("plain", 2)})
    assert not [page.file for page in wiki.pages.values() if re.search("[\u202a-\u202e\u2066-\u2069]", page.text)]
    assert any(page.kind in LEAVES for page in wiki.pages.values())
