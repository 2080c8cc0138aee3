"""docs/check.md shows what `wikiagent check` prints, and says what it does."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.docs.text import ROOT, rows, sections
from tests.end_to_end.conftest import wikiagent
from wikiagent.check.linter import check
from wikiagent.check.reading import Reading
from wikiagent.check.source import Source
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import Wiki
from wikiagent.wiki.page import PageKind

TEXT = (ROOT / "docs/check.md").read_text("utf-8")
PAGES = ("huggingface_peft_Gradient_Checkpointing", "huggingface_peft_Safe_Merge_NaN_Check")


def shown() -> list[str]:
    block = re.search(r"^```\n(peft-wiki/heuristics/.*?)^```$", TEXT, re.M | re.S)
    assert block
    return block[1].rstrip("\n").split("\n")


@pytest.mark.shared
def test_what_is_shown_is_what_is_printed(shared: Path, peft: Snapshot, tmp_path: Path) -> None:
    shutil.copytree(shared / "reference/peft-wiki-after-phase3", tmp_path / "peft-wiki")
    pages = [f"peft-wiki/heuristics/{name}.md" for name in PAGES]
    options = ("--source", "pypi:peft==0.18.1", "--select", "CIT,CLM")
    printed = iter(
        wikiagent("--store", peft.root.parents[2], "check", *pages, *options, cwd=tmp_path).stdout.split("\n")
    )
    for line in shown():
        assert line.strip() == "…" or line in printed, f"not printed, or not in this order: {line}"


def test_citations_are_read_in_all_the_forms_that_are_named() -> None:
    named = re.search(r"^- A citation is .*?(?=^- )", sections(TEXT)["Pages of others"], re.M | re.S)
    assert named
    page = Reading("heuristics/a.md", PageKind.HEURISTIC, "a", named[0])
    assert [str(citation) for citation in page.citations] == [
        "utils/other.py:130-215",
        "utils/other.py:130-215",
        "nltk.py:9-14, 36-38",
        "other.py:10-20",
    ]


def test_the_ignore_comment_holds_for_the_line_below() -> None:
    comment = re.search(r"^<!-- wikiagent.*?-->\n", TEXT, re.M)
    assert comment
    zoo = Path(__file__).parent / "zoo"
    source = Source(Snapshot("pypi:zoo==1.2", "zoo", "1.2", zoo / "source", ("src/zoo/animals.py",)))
    page = "== Code Evidence ==\n{}From `src/zoo/animals.py:1-4`:\n```\nnot this\n```\n"
    for text, codes in ((page.format(""), ["CIT003"]), (page.format(comment[0]), [])):
        found = check(Wiki({"heuristics/zoo_a.md": text}, "zoo"), source).findings
        assert [finding.code for finding in found if finding.code.startswith("CIT")] == codes


def test_the_formats_and_statuses_are_those_of_the_command() -> None:
    parts = sections(TEXT)
    assert [cells[0] for cells in rows(parts["Formats"])] == ["`text`", "`json`", "`github`", "`sarif`"]
    assert [cells[0] for cells in rows(parts["Exit status"])] == ["0", "1", "2", "4"]
