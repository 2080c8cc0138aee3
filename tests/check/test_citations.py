"""CIT on pages of others, and its fixes."""

from __future__ import annotations

import pytest

from wikiagent.check.citations import Standing, check_citations
from wikiagent.check.finding import Finding, Severity
from wikiagent.check.fix import fixed
from wikiagent.check.linter import check
from wikiagent.check.reading import Reading
from wikiagent.check.source import Source
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import Wiki
from wikiagent.wiki.page import PageKind

FEED = """\
def feed(count):
    \"\"\"Feed the animals.\"\"\"
    if count > 40:
        warnings.warn("More than 40 portions need zebra_feed >= 0.21.0.")
    return [
        count
    ]"""


def judged(source: Snapshot, caption: str, code: str) -> tuple[Standing, list[Finding]]:
    text = f"== Code Evidence ==\n\n{caption}\n```python\n{code}\n```\n"
    (verdict,) = check_citations(Reading("heuristics/zoo_A.md", PageKind.HEURISTIC, "zoo_A", text), Source(source))
    return verdict.standing, list(verdict.findings)


@pytest.mark.parametrize(
    "code",
    [
        FEED,
        FEED.replace("    ", "  "),
        FEED.replace("    if", "if").replace("        warn", "    warn"),
        "# src/zoo/animals.py:4-10\n" + FEED,
        FEED + "\n",
    ],
    ids=["verbatim", "two blanks", "first line further left", "its place in a comment", "a blank line more"],
)
def test_a_quote_of_others_may_be_indented_otherwise(source: Snapshot, code: str) -> None:
    if code.startswith("def") and "\nif" in code:
        code = code.partition("\n")[2].partition("\n")[2].partition("\n    return")[0]
        assert judged(source, "From `src/zoo/animals.py:6-7`:", code) == (Standing.VERIFIED, [])
        return
    assert judged(source, "From `src/zoo/animals.py:L4–L10` (feeding):", code) == (Standing.VERIFIED, [])


def test_indentation_that_means_something_else_is_no_quote(source: Snapshot) -> None:
    moved = FEED.replace("        warnings", "    warnings")
    standing, (finding,) = judged(source, "From `src/zoo/animals.py:4-10`:", moved)
    assert (standing, finding.code) == (Standing.REFUTED, "CIT003")


def test_lines_left_out_are_a_warning(source: Snapshot) -> None:
    code = FEED.partition("\n    if")[0] + "\n    # ...\n    return [\n        count\n    ]"
    standing, (finding,) = judged(source, "From `src/zoo/animals.py:4-10`:", code)
    assert (standing, finding.code, finding.severity) == (Standing.VERIFIED, "CIT003", Severity.WARNING)
    standing, (finding,) = judged(source, "From `src/zoo/animals.py:4-10`:", code.replace("count)", "counts)"))
    assert (standing, finding.severity) == (Standing.REFUTED, Severity.ERROR)


def test_a_bare_file_name_is_told_by_its_quote(source: Snapshot) -> None:
    _, findings = judged(source, "From `animals.py:4-10`:", FEED)
    assert [(f.code, f.fix) for f in findings] == [("CIT005", "src/zoo/animals.py")]
    _, findings = judged(source, "From `animals.py:1-7`:", FEED)
    assert [(f.code, f.fix) for f in findings] == [
        ("CIT005", "src/zoo/animals.py"),
        ("CIT004", "src/zoo/animals.py:4-10"),
    ]


def test_a_difference_is_shown(source: Snapshot) -> None:
    _, (finding,) = judged(source, "From `src/zoo/animals.py:4-10`:", FEED.replace("> 40", ">= 40"))
    assert "-    if count >= 40:\n+    if count > 40:" in finding.message


@pytest.mark.parametrize(
    "caption", ["From the keeper's book:", "From `src/zoo/animals.py`:", "", "See `animals.py:L-`:"]
)
def test_what_cannot_be_understood_is_a_finding(source: Snapshot, caption: str) -> None:
    text = f"== Code Evidence ==\n\n{caption}\n```python\n{FEED}\n```\n"
    page = Reading("heuristics/zoo_A.md", PageKind.HEURISTIC, "zoo_A", text)
    verdicts = list(check_citations(page, Source(source)))
    assert "CIT008" in [finding.code for verdict in verdicts for finding in verdict.findings]
    assert Standing.VERIFIED not in [verdict.standing for verdict in verdicts if verdict.counts]


def test_a_link_to_another_repository_is_no_citation(source: Snapshot) -> None:
    text = "== Overview ==\nAs in https://github.com/other/zoo/blob/main/lib/x.py#L8 it is.\n"
    page = Reading("heuristics/zoo_A.md", PageKind.HEURISTIC, "zoo_A", text)
    assert [f.code for verdict in check_citations(page, Source(source)) for f in verdict.findings] == ["CIT007"]


OWN = """\
{{| class="wikitable"
|-
! Source Revision
| [[source_revision::pypi:zoo==1.2]]
|}}

== Overview ==
More than 40 portions need <code>zebra_feed</code>.<ref name="e1" />

== Code Evidence ==

Warning in <code>feed</code>, from <code>src/zoo/animals.py:{caption}</code>:
<syntaxhighlight lang="python" line start="{start}">
if count > 40:
    warnings.warn("More than 40 portions need zebra_feed >= 0.21.0.")
</syntaxhighlight>

<references>
<ref name="e1">[https://example.org/zoo/src/zoo/animals.py#L{a}-L{b} src/zoo/animals.py:{reference}]</ref>
</references>
"""
RIGHT = {"caption": "6-7", "start": "6", "a": "6", "b": "7", "reference": "6-7"}


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"caption": "9-10"},
        {"caption": "9-10", "start": "9"},
        {"caption": "9-10", "start": "9", "a": "9", "b": "10", "reference": "9-10"},
        {"start": "5"},
        {"reference": "5-6", "a": "5", "b": "6"},
        {"caption": "600-601"},
    ],
    ids=lambda wrong: "+".join(wrong),
)
def test_shifted_lines_are_put_right_wherever_they_stand(source: Snapshot, wrong: dict[str, str], ends: str) -> None:
    file = "heuristics/zoo_A.md"
    wiki = Wiki({file: OWN.format(**(RIGHT | wrong)).replace("\n", ends)}, "zoo")
    checked = Source(source)

    def found(now: Wiki) -> list[Finding]:
        return [f for f in check(now, checked).findings if f.code.startswith(("CIT", "SCH004"))]

    assert found(wiki)
    changes = fixed(wiki, found)
    assert changes == {file: OWN.format(**RIGHT).replace("\n", ends)}
    assert fixed(wiki.edited(changes), found) == {}


def test_a_quote_that_stands_twice_is_not_moved_by_guessing(source: Snapshot) -> None:
    root = source.root / "src" / "zoo" / "twice.py"
    root.write_text("eat()\nsleep()\n" + "wait()\n" * 20 + "eat()\nsleep()\n")
    twice = Snapshot("pypi:zoo==1.2", "zoo", "1.2", source.root, (*source.files, "src/zoo/twice.py"))
    _, (finding,) = judged(twice, "From `src/zoo/twice.py:10-11`:", "eat()\nsleep()")
    assert (finding.code, finding.fix, finding.edits) == ("CIT003", None, ())
    assert "1-2, 23-24" in finding.message
    _, (finding,) = judged(twice, "From `src/zoo/twice.py:22-23`:", "eat()\nsleep()")
    assert (finding.code, finding.fix) == ("CIT004", "src/zoo/twice.py:23-24")


def test_a_fix_does_not_exchange_references(source: Snapshot) -> None:
    """Two captions were exchanged, the list of references is right: only the captions change."""
    quote = '<syntaxhighlight lang="python" line start="{}">\n{}\n</syntaxhighlight>\n'
    first, second = ("6-7", 6, FEED.split("\n")[2:4]), ("8-10", 8, FEED.split("\n")[4:])
    body = "".join(
        f"From <code>src/zoo/animals.py:{{}}</code>:\n{quote.format(start, chr(10).join(code))}\n"
        for _, start, code in (first, second)
    )
    references = "".join(
        f'<ref name="e{n}">src/zoo/animals.py:{lines}</ref>\n' for n, lines in ((1, "6-7"), (2, "8-10"))
    )
    page = f"== Code Evidence ==\n\n{body}<references>\n{references}</references>\n"
    file = "heuristics/zoo_A.md"
    wiki = Wiki({file: page.format("8-10", "6-7")}, "zoo")
    changes = fixed(wiki, lambda now: [f for f in check(now, Source(source)).findings if f.code.startswith("CIT")])
    assert changes == {file: page.format("6-7", "8-10")}


def test_lines_in_prose_are_no_figures(source: Snapshot) -> None:
    said = (
        "More than 40 portions need <code>zebra_feed</code>, see <code>src/zoo/animals.py:9</code> or https://x.org/17."
    )
    text = OWN.format(**RIGHT).replace("More than 40 portions need <code>zebra_feed</code>.", said)
    found = check(Wiki({"heuristics/zoo_A.md": text}, "zoo"), Source(source)).findings
    assert [finding.code for finding in found if finding.code.startswith("CLM")] == []


@pytest.mark.parametrize("cited", ["`a.py:3--9`", "`a.py:3..9`", "`a.py:3 to 9`", "`a.py:39ff`", "`a.py:3:12`"])
def test_ranges_that_cannot_be_read_are_findings(source: Snapshot, cited: str) -> None:
    page = Reading("heuristics/zoo_A.md", PageKind.HEURISTIC, "zoo_A", f"== Overview ==\nSee {cited}.\n")
    assert "CIT008" in [f.code for verdict in check_citations(page, Source(source)) for f in verdict.findings]
