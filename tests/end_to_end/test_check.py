"""`wikiagent check` and phase 4 on a wiki about real peft."""

from __future__ import annotations

import json
import random
import re
import shutil
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Enriched, bytes_of, wikiagent
from wikiagent.phases.phase4 import REPORT_FILE
from wikiagent.source.snapshot import Snapshot

SOURCE = "pypi:peft==0.18.1"


@pytest.fixture(scope="module")
def made(peft: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wiki that was written from nothing, as `make demo` does, and its store; nothing may change it."""
    folder = tmp_path_factory.mktemp("made")
    shutil.copytree(peft.root.parent, folder / "store" / "sources")
    command = ("--store", "store", "enrich", "--phase", "3", "--accept-valid", "--source", SOURCE, "--wiki", "wiki")
    done = wikiagent(*command, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made / "wiki", tmp_path / "wiki")
    (tmp_path / "store").symlink_to(made / "store")
    return tmp_path


def check(folder: Path, *options: str) -> tuple[int, dict[str, object]]:
    command = ("--store", "store", "check", "wiki", "--source", SOURCE, "--format", "json", *options)
    done = wikiagent(*command, cwd=folder)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode, json.loads(done.stdout)


def test_a_new_wiki_has_no_findings(made: Path) -> None:
    status, found = check(made)
    assert (status, found["findings"]) == (0, [])
    citations = found["citations"]
    assert isinstance(citations, dict)
    assert citations["verified"] == citations["found"] > 700


def test_two_hundred_shifted_citations_are_put_right(copy: Path) -> None:
    """Each page has several quotes; they are shifted one after the other, anew from the page as it is."""
    before = bytes_of(copy / "wiki")
    choice = random.Random(18)
    shifted = 0
    pages = [p for p in sorted((copy / "wiki").glob("*/*.md")) if p.parent.name in ("heuristics", "environments")]
    for page in pages:
        text = page.read_text()
        blocks = list(re.finditer(r"<code>(src/[^<:]+):(\d+)-(\d+)</code>:\n<syntaxhighlight[^>]*>", text))
        for block in blocks:
            if shifted == 200 or sum(block[0] in other[0] for other in blocks) > 1:
                continue
            by = choice.choice((1, 2, 3, 5))
            first, last = int(block[2]), int(block[3])
            moved = block[0].replace(f":{first}-{last}", f":{first + by}-{last + by}")
            text = text.replace(block[0], moved.replace(f'start="{first}"', f'start="{first + by}"'))
            shifted += 1
        page.write_text(text)
    assert shifted == 200
    status, found = check(copy)
    assert status == 1
    codes = [finding["code"] for finding in found["findings"]]  # type: ignore[attr-defined]
    assert sum(code in ("CIT002", "CIT003", "CIT004") for code in codes) >= 195  # some runs of lines read alike
    status, found = check(copy, "--fix")
    assert (status, found["findings"]) == (0, [])
    assert bytes_of(copy / "wiki") == before
    assert check(copy, "--fix") == (0, found)


def test_an_older_source_is_refused(copy: Path) -> None:
    before = bytes_of(copy / "wiki")
    (copy / "store").unlink()
    done = wikiagent("--store", "store", "check", "wiki", "--source", "pypi:peft==0.17.1", "--fix", cwd=copy)
    assert done.returncode == 2
    assert "pypi:peft==0.17.1 is older. Name the source that they are about: --source pypi:peft==0.18.1." in done.stderr
    assert (done.stdout, bytes_of(copy / "wiki")) == ("", before)


def audit(folder: Path, wiki: str | Path, store: str | Path) -> tuple[int, str]:
    command = ("--store", store, "enrich", "--phase", "4", "--source", SOURCE, "--wiki", wiki)
    done = wikiagent(*command, cwd=folder)
    return done.returncode, (folder / wiki / REPORT_FILE).read_text() if done.returncode < 2 else done.stderr


def test_the_audit_of_a_new_wiki_is_valid(copy: Path) -> None:
    status, report = audit(copy, "wiki", "store")
    assert status == 0
    assert "## Verdict: VALID" in report
    assert "| **Total** | **222** | **0** |" in report
    before = bytes_of(copy / "wiki")
    assert audit(copy, "wiki", "store") == (0, report)
    assert bytes_of(copy / "wiki") == before


def test_the_audit_puts_right_what_is_certain_and_says_what_remains(copy: Path) -> None:
    index = copy / "wiki" / "_HeuristicIndex.md"
    right = index.read_text()
    index.write_text(right.replace("| ✅", "| ⬜", 3).replace("✅Impl", "⬜Impl", 3))
    page = next(p for p in (copy / "wiki" / "heuristics").glob("*.md") if "* '''Action:''' " in p.read_text())
    page.write_text(page.read_text().replace("* '''Action:''' ", "* '''Action:''' Wait 4711 seconds: ", 1))
    status, report = audit(copy, "wiki", "store")
    assert status == 1
    assert index.read_text() == right
    assert "### IDX003: wrong ✅ or ⬜ in an index (" in report.partition("## What Remains")[0]
    assert "4711" in report.partition("## What Remains")[2]
    assert "## Verdict: INVALID\n\n1 error and 0 warnings remain." in report


def test_the_audit_of_the_enriched_reference_wiki(enriched: Enriched, tmp_path: Path) -> None:
    """What remains is true: an Implementation that is implemented by itself, and a default that is another."""
    wiki = shutil.copytree(enriched.wiki, tmp_path / "wiki")
    status, report = audit(tmp_path, wiki, enriched.store)
    assert status == 1
    remains = report.partition("## What Remains")[2].partition("## Orphan Pages")[0]
    assert re.findall(r"^### (\w+)", remains, re.M) == ["CLM007", "LNK003"]
    assert remains.count("Implementation pages have no edge implemented_by with Implementation pages.") == 15
    assert 'the default of combination_type is "svd"' in remains
    fixed = report.partition("## What Was Fixed")[2].partition("## What Remains")[0]
    assert re.findall(r"^### (\w+)", fixed, re.M) == ["CIT002"]
    assert "## Verdict: INVALID" in report
