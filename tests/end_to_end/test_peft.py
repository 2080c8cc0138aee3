"""The command of the road on real peft, scored by a program that shares no code with wikiagent."""

from __future__ import annotations

import difflib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import ISSUE, Enriched, bytes_of, wikiagent
from wikiagent.check.wiki_rules import check_wiki
from wikiagent.wiki.graph import LEAVES, read_wiki
from wikiagent.wiki.indexes import derive_indexes, read_index


@pytest.fixture(scope="session")
def score(shared: Path, enriched: Enriched) -> dict[str, Any]:
    golden = shared / "golden"
    command = [sys.executable, golden / "score.py", "--wiki", enriched.wiki, "--root", enriched.source.root,
               "--golden", golden / "peft-0.18.1.jsonl", "--json"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_it_writes_many_pages_that_find_what_matters(score: dict[str, Any]) -> None:
    assert score["pages"] >= 60
    assert score["recall"] >= 0.50, score["missing"]


def test_every_citation_holds(score: dict[str, Any]) -> None:
    assert [row["bad"] for row in score["detail"] if row["bad"]] == []
    assert score["citations_valid"] == score["citations"] > 0
    assert score["pages_all_valid"] == score["pages"]


def test_nothing_is_claimed_beyond_the_source(score: dict[str, Any]) -> None:
    assert [row for row in score["detail"] if row["numbers"] or row["identifiers"]] == []
    assert (score["unsupported_numbers"], score["unknown_identifiers"]) == (0, 0)


def test_pages_that_were_there_only_gain_links(enriched: Enriched) -> None:
    changed = 0
    for path in sorted(enriched.before.glob("*/*.md")):
        old = path.read_text().splitlines()
        new = (enriched.wiki / path.relative_to(enriched.before)).read_text().splitlines()
        differences = [line for line in difflib.ndiff(old, new) if line[0] in "+-"]
        link = r"\* \[\[\w+::(Environment|Heuristic):\w+\]\]"  # below a heading where the page had no list of links
        assert all(re.fullmatch(rf"\+ ({link}|== Related Pages ==)?", line) for line in differences), path
        changed += bool(differences)
    assert changed > 0


def test_every_edge_is_on_both_pages(enriched: Enriched) -> None:
    wiki = read_wiki(enriched.wiki)
    edges = [edge for edge in wiki.edges if edge.target[0] in LEAVES and edge.source in wiki.pages]
    assert edges
    for edge in edges:
        for one, other in ((edge.source, edge.target), (edge.target, edge.source)):
            links = {(link.edge, link.kind, link.name) for link in wiki.pages[one].links}
            assert (edge.edge, other[0].value, other[1]) in links


def test_indexes_are_true_and_nothing_new_is_wrong(enriched: Enriched) -> None:
    before, after = read_wiki(enriched.before), read_wiki(enriched.wiki)
    assert {(f.code, f.path, f.message) for f in check_wiki(after)} <= {
        (f.code, f.path, f.message) for f in check_wiki(before)
    }
    assert all(after.files[file] == text for file, text in derive_indexes(after).items())
    index = read_index(after.files["_HeuristicIndex.md"])
    assert {row.name for row in index.rows} == {path.stem for path in (enriched.wiki / "heuristics").glob("*.md")}
    assert index.counts["Total Heuristic Pages"] == len(index.rows)


SEED_HEADINGS = re.compile(r"^#{1,3} .*$|^\| .* \|$(?=\n\|-)", re.M)


def test_the_report_has_the_parts_of_the_seed(shared: Path, enriched: Enriched) -> None:
    seed = (shared / "seeds" / "phase3-enrichment-report.md").read_text()
    report = (enriched.wiki / "_reports" / "phase3_enrichment.md").read_text()
    assert SEED_HEADINGS.findall(report) == SEED_HEADINGS.findall(seed)


def test_the_figures_of_the_report_are_those_of_the_wiki(enriched: Enriched, score: dict[str, Any]) -> None:
    report = (enriched.wiki / "_reports" / "phase3_enrichment.md").read_text()
    environments, heuristics = (
        len(list((enriched.wiki / kind).glob("*.md"))) for kind in ("environments", "heuristics")
    )
    assert f"extracted {environments} Environment pages and {heuristics} Heuristic pages" in report
    assert f"Total: {environments + heuristics} pages created" in report
    assert f"{score['citations']} of {score['citations']} quotes were compared" in report
    assert len(re.findall(r"^[├└]── \w+\.md$", report, re.M)) == environments + heuristics
    for name, count in re.findall(r"^- (\w+): (\d+) heuristics? \(", report, re.M):
        (page,) = (path for path in enriched.wiki.glob("*/*.md") if path.stem == name)
        assert len(re.findall(r"\[\[uses_heuristic::Heuristic:", page.read_text())) == int(count)
    for count, name in re.findall(r"^- (\d+) implementations? linked to (\w+)$", report, re.M):
        pages = (path.read_text() for path in enriched.wiki.glob("implementations/*.md"))
        assert sum(f"[[requires_env::Environment:{name}]]" in page for page in pages) == int(count)
    assert "**Phase 3 Complete** ✅" in report


def test_a_second_run_changes_no_byte(enriched: Enriched, tmp_path: Path) -> None:
    before = bytes_of(enriched.wiki)
    again = wikiagent("--store", enriched.store, *ISSUE, "--wiki", enriched.wiki, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "nothing" in again.stderr
    assert bytes_of(enriched.wiki) == before
    drafts = json.loads(wikiagent("--store", enriched.store, "drafts", "--format", "json", cwd=tmp_path).stdout)
    assert {draft["state"] for draft in drafts["drafts"]} <= {"accepted", "rejected"}


def test_a_fresh_ledger_has_nothing_to_do(enriched: Enriched, tmp_path: Path) -> None:
    store = shutil.copytree(enriched.store, tmp_path / "store")
    (store / "ledger.sqlite").unlink()
    before = bytes_of(enriched.wiki)
    again = wikiagent("--store", store, *ISSUE[:-1], "--wiki", enriched.wiki, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert bytes_of(enriched.wiki) == before
    pending = wikiagent("--store", store, "drafts", "--state", "pending", "--format", "json", cwd=tmp_path)
    assert json.loads(pending.stdout) == {"drafts": []}
