"""The whole road over a small package, from an empty wiki, decision by decision."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import bytes_of, wikiagent
from tests.phases.conftest import FILES
from wikiagent.check.wiki_rules import check_wiki
from wikiagent.wiki.graph import read_wiki


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        (tmp_path / "zoo" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "zoo" / path).write_text(text)
    return tmp_path


def drafts_of(here: Path, *arguments: str) -> list[dict[str, Any]]:
    listed = wikiagent("drafts", "--format", "json", *arguments, cwd=here)
    assert listed.returncode == 0, listed.stderr
    found: list[dict[str, Any]] = json.loads(listed.stdout)["drafts"]
    return found


def test_from_an_empty_wiki_to_a_decided_one(here: Path) -> None:
    made = wikiagent("enrich", "--source", "zoo", "--wiki", "wiki", "--repo", "some_zoo", cwd=here)
    assert (made.returncode, made.stdout) == (0, ""), made.stderr
    assert "phase 0 maps the files, phase 2 writes a page for each public symbol" in made.stderr
    assert "Review them: wikiagent " in made.stderr
    pending = drafts_of(here, "--state", "pending", "--wiki", "zoo/../wiki")
    assert len(pending) >= 4
    assert set(pending[0]) == {"id", "state", "type", "name", "drafter", "rank", "findings"}
    first, second = str(pending[0]["id"]), str(pending[1]["id"])

    shown = json.loads(wikiagent("show", first, "--format", "json", cwd=here).stdout)
    assert shown["text"].startswith("{| class=")
    assert (shown["state"], shown["wiki"], shown["decisions"]) == ("pending", str(here / "wiki"), [])

    accepted = wikiagent("accept", first, first, cwd=here)
    assert (accepted.returncode, accepted.stdout) == (0, ""), accepted.stderr
    assert accepted.stderr.startswith("Accepted 1; ")
    file = here / "wiki" / f"{pending[0]['type'].lower()}s" / f"{pending[0]['name']}.md"
    assert file.read_text() == shown["text"]
    assert check_wiki(read_wiki(here / "wiki")) == []

    rejected = wikiagent("reject", second, "--reason", "Everybody knows it.", cwd=here)
    assert rejected.returncode == 0, rejected.stderr
    decided = json.loads(wikiagent("show", second, "--format", "json", cwd=here).stdout)
    assert decided["decisions"][0]["reason"] == "Everybody knows it."
    assert [draft["state"] for draft in drafts_of(here)][:2] == ["accepted", "rejected"]

    before = bytes_of(here / "wiki")
    for command in (
        ["reject", first, "--reason", "x"],
        ["accept", second],
        ["accept", "999"],
        ["accept", first, "999"],
    ):
        refused = wikiagent(*command, cwd=here)
        assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1), command
        assert refused.stderr.startswith(("wikiagent: Draft ", "wikiagent: There is no draft 999"))
    assert bytes_of(here / "wiki") == before


def test_drafts_of_two_wikis_are_decided_at_once_or_not_at_all(here: Path) -> None:
    for wiki in ("one", "two"):
        made = wikiagent("--quiet", "enrich", "--source", "zoo", "--wiki", wiki, "--limit", "1", cwd=here)
        assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    one, two = (str(draft["id"]) for wiki in ("one", "two") for draft in drafts_of(here, "--wiki", wiki))
    assert wikiagent("accept", one, "999", two, cwd=here).returncode == 2
    assert {draft["state"] for draft in drafts_of(here)} == {"pending"}
    done = wikiagent("accept", one, two, cwd=here)
    assert done.returncode == 0, done.stderr
    assert {draft["state"] for draft in drafts_of(here)} == {"accepted"}
    assert all(len([*(here / wiki).glob("[eh]*/*.md")]) == 1 for wiki in ("one", "two"))


def test_a_wiki_inside_its_source_is_no_part_of_it(here: Path) -> None:
    command = ("--store", "zoo/.run", "enrich", "--source", "zoo", "--wiki", "zoo/wiki", "--accept-valid")
    first = wikiagent(*command, cwd=here)
    assert first.returncode == 0, first.stderr
    before = bytes_of(here / "zoo" / "wiki")
    second = wikiagent(*command, cwd=here)
    assert second.returncode == 0, second.stderr
    assert bytes_of(here / "zoo" / "wiki") == before
