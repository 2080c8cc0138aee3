"""Decisions from the command line, on a small package with its drafts pending."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.end_to_end.conftest import wikiagent
from tests.phases.conftest import FILES, files_of
from wikiagent.ledger import Ledger

Ran = CompletedProcess[str]


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a source, a wiki and a store in which all drafts are pending."""
    folder = tmp_path_factory.mktemp("drafted")
    for path, text in FILES.items():
        (folder / "zoo" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "zoo" / path).write_text(text)
    (folder / "wikiagent.toml").write_text('store = "store"\n[source]\nlocation = "zoo"\n[wiki]\npath = "wiki"\n')
    assert wikiagent("enrich", cwd=folder).returncode == 0
    return folder


@pytest.fixture
def here(drafted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it; the ledger knows the wiki by its path, so that it is made to name the copy."""
    folder = tmp_path / "here"
    shutil.copytree(drafted, folder)
    with sqlite3.connect(folder / "store" / "ledger.sqlite") as db:
        for table in ("runs", "drafts"):
            db.execute(f"update {table} set wiki = ?", (str(folder / "wiki"),))
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    return folder


def drafts(here: Path, *arguments: str) -> list[dict[str, object]]:
    done = wikiagent("drafts", "--format", "json", *arguments, cwd=here)
    assert done.returncode == 0
    found: list[dict[str, object]] = json.loads(done.stdout)["drafts"]
    return found


def editor(here: Path, script: str) -> str:
    """A program that changes the file that it is given, as an editor's user would."""
    file = here / "editor.sh"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return str(file)


def test_a_rule_is_previewed_and_accepted(here: Path) -> None:
    before = files_of(here / "wiki")
    pending = {draft["name"] for draft in drafts(here, "--state", "pending")}
    rule = "type=Heuristic and findings=0 and supported=all"
    chosen = {draft["name"] for draft in drafts(here, "--where", rule)}
    assert 0 < len(chosen) < len(pending)
    preview = wikiagent("accept", "--where", rule, "--dry-run", cwd=here)
    assert (preview.returncode, {line.split()[2] for line in preview.stdout.splitlines()}) == (0, chosen)
    assert "nothing was accepted" in preview.stderr
    assert files_of(here / "wiki") == before
    done = wikiagent("accept", "--where", rule, "--as", "ann", cwd=here)
    assert done.returncode == 0
    assert {draft["name"] for draft in drafts(here, "--state", "accepted")} == chosen
    again = wikiagent("accept", "--where", rule, cwd=here)
    assert (again.returncode, again.stdout) == (0, "")
    assert "0 pending drafts meet the rule" in again.stderr
    log = json.loads(wikiagent("log", "--format", "json", cwd=here).stdout)["decisions"]
    assert {row["reason"] for row in log} == {f"by the rule {rule}"}
    taken = wikiagent("undo", "--as", "ann", cwd=here)
    assert f"Took back {len(chosen)} decisions" in taken.stderr
    assert {draft["name"] for draft in drafts(here, "--state", "pending")} == pending
    assert wikiagent("check", "wiki", cwd=here).returncode == 0


def test_a_dry_run_accepts_nothing_that_is_named_either(here: Path) -> None:
    number, other = (str(draft["id"]) for draft in drafts(here)[:2])
    done = wikiagent("accept", number, "--dry-run", cwd=here)
    assert (done.returncode, done.stdout.split()[0], done.stderr) == (0, number, "Nothing was accepted.\n")
    both = wikiagent("accept", number, "--where", f"id={other}", "--dry-run", cwd=here)
    assert [line.split()[0] for line in both.stdout.splitlines()] == [number, other]
    assert drafts(here, "--state", "accepted") == []


def test_new_is_what_came_since_this_reviewers_last_visit(here: Path) -> None:
    everything = [draft["id"] for draft in drafts(here)]
    assert drafts(here, "--where", "new=no") == []
    Ledger(here / "store" / "ledger.sqlite").visit(here / "wiki", "ann")
    (here / "wikiagent.toml").write_text((here / "wikiagent.toml").read_text() + '[review]\nname = "ann"\n')
    assert [draft["id"] for draft in drafts(here, "--where", "new=no")] == everything
    assert drafts(here, "--where", "new=yes") == []
    other = wikiagent("accept", "--where", "new=no", "--dry-run", "--as", "bert", cwd=here)
    assert "0 pending drafts meet the rule" in other.stderr


@pytest.mark.parametrize("how", [[], ["--web", "--port", "0"]])
def test_a_wiki_that_is_not_there_is_not_reviewed(here: Path, how: list[str]) -> None:
    done = wikiagent("review", "--wiki", "wikki", *how, cwd=here)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"There is no wiki in {here / 'wikki'}; name one by --wiki." in done.stderr


@pytest.mark.parametrize("name", ["policy:mine", "wikiagent", " \n"])
def test_a_name_of_the_program_is_no_reviewers(here: Path, name: str) -> None:
    done = wikiagent("reject", "1", "--code", "wrong", "--as", name, cwd=here)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"{name!r} is no reviewer's name" in done.stderr


def test_name_and_note_are_kept_as_one_harmless_line(here: Path) -> None:
    raw = os.fsdecode(b"Not \xff so\x1b[2J.\n  99  root  accepted")
    assert wikiagent("reject", "1", "--reason", raw, "--as", f"eve\n{raw}", cwd=here).returncode == 0
    (made,) = json.loads(wikiagent("log", "--format", "json", cwd=here).stdout)["decisions"]
    assert made["reason"] == "Not \ufffd so\ufffd[2J. 99 root accepted"
    assert made["who"] == f"eve {made['reason']}"
    assert len(wikiagent("log", cwd=here).stdout.splitlines()) == 1


def test_a_reject_by_code_needs_no_sentence(here: Path) -> None:
    first, second, *_ = (str(draft["id"]) for draft in drafts(here))
    assert wikiagent("reject", first, "--code", "trivial", cwd=here).returncode == 0
    assert wikiagent("reject", second, "--reason", "Nobody feeds zebras.", cwd=here).returncode == 0
    shown = json.loads(wikiagent("show", second, "--format", "json", cwd=here).stdout)
    assert [(d["decision"], d["code"], d["reason"]) for d in shown["decisions"]] == [
        ("rejected", "other", "Nobody feeds zebras.")
    ]
    assert "rejected by" in wikiagent("show", first, cwd=here).stdout
    late = wikiagent("accept", first, cwd=here)
    assert (late.returncode, late.stderr.count("\n")) == (2, 1)
    assert f"`wikiagent undo {first}` takes that back" in late.stderr
    assert wikiagent("undo", first, cwd=here).returncode == 0
    assert wikiagent("accept", first, cwd=here).returncode == 0


def test_a_draft_is_fixed_in_an_editor(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = next(d for d in drafts(here) if "Speed" in str(d["name"]))
    number, page = str(draft["id"]), here / "wiki" / "heuristics" / f"{draft['name']}.md"
    kept = here / "store" / "review" / f"draft-{number}.md"

    def fix(script: str) -> Ran:
        monkeypatch.setenv("EDITOR", editor(here, script))
        return wikiagent("fix", number, cwd=here)

    wrong = fix('sed -i "0,/above 3.0/s//above 7.5/" "$1"')
    assert (wrong.returncode, "CLM001" in wrong.stderr) == (1, True)
    assert "above 7.5" in kept.read_text()
    broken = fix("exit 3")
    assert (broken.returncode, broken.stderr.count("\n")) == (2, 1)
    assert "ended with status 3; nothing was decided" in broken.stderr
    assert "above 7.5" in kept.read_text()  # one goes on with one's own text
    assert not page.exists()
    right = fix('sed -i "s/above 7.5/above 3.0/; s/Read this/Read it/" "$1"')
    assert right.returncode == 0, right.stderr
    assert page.exists()
    assert not kept.exists()
    late = fix("true")
    assert (late.returncode, "is accepted already" in late.stderr) == (2, True)
    assert not kept.exists()  # no editor opens for what cannot be fixed
    wikiagent("undo", number, cwd=here)
    assert "Read it" in kept.read_text()  # what a person wrote is there to go on with
    empty = fix(': > "$1"')
    assert (empty.returncode, "left an empty page; nothing was decided" in empty.stderr) == (2, True)
    assert not kept.exists()


def test_text_that_is_no_utf8_is_kept_and_said(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = here / "store" / "review" / "draft-1.md"
    for script in ('printf "caf\\351" >> "$1"', "true"):
        monkeypatch.setenv("EDITOR", editor(here, script))
        done = wikiagent("fix", "1", cwd=here)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "Mend store/review/draft-1.md, or remove it" in done.stderr
    assert kept.read_bytes().endswith(b"caf\xe9")


def test_a_file_is_taken_as_the_fix(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = next(d for d in drafts(here) if "Speed" in str(d["name"]))
    text = json.loads(wikiagent("show", str(draft["id"]), "--format", "json", cwd=here).stdout)["text"]
    (here / "mine.md").write_text(text)
    same = wikiagent("fix", str(draft["id"]), "--file", "mine.md", cwd=here)
    assert (same.returncode, "You changed nothing" in same.stderr) == (2, True)
    (here / "mine.md").write_text(text.replace("Read this", "Read it"))
    assert wikiagent("fix", str(draft["id"]), "--file", "mine.md", cwd=here).returncode == 0
    missing = wikiagent("fix", "1", "--file", "nowhere.md", cwd=here)
    assert (missing.returncode, "nowhere.md cannot be read as text" in missing.stderr) == (2, True)
    monkeypatch.setenv("EDITOR", "no-such-editor")
    no_editor = wikiagent("fix", str(drafts(here, "--state", "pending")[0]["id"]), cwd=here)
    assert (no_editor.returncode, "The editor 'no-such-editor' failed" in no_editor.stderr) == (2, True)


def test_a_draft_is_merged(here: Path) -> None:
    first, second = [d for d in drafts(here) if d["type"] == "Heuristic"][:2]
    wikiagent("accept", str(first["id"]), cwd=here)
    done = wikiagent("merge", str(second["id"]), "--into", str(first["name"]), cwd=here)
    assert done.returncode == 0, done.stderr
    assert wikiagent("check", "wiki", cwd=here).returncode == 0
    wrong = wikiagent("merge", str(drafts(here, "--state", "pending")[0]["id"]), "--into", "zoo_Nothing", cwd=here)
    assert (wrong.returncode, wrong.stderr.count("\n")) == (2, 1)


def test_several_decisions_are_undone(here: Path) -> None:
    before = files_of(here / "wiki")
    ids = [str(draft["id"]) for draft in drafts(here)][:3]
    for number in ids:
        wikiagent("reject", number, "--code", "unclear", cwd=here)
    assert "Took back 3 decisions" in wikiagent("undo", "--last", "3", cwd=here).stderr
    assert {d["state"] for d in drafts(here)} == {"pending"}
    assert files_of(here / "wiki") == before
    assert wikiagent("undo", cwd=here).returncode == 2
    wikiagent("reject", ids[0], "--code", "unclear", cwd=here)
    more = wikiagent("undo", "--last", "5", cwd=here)
    assert (more.returncode, "Took back 1 decision " in more.stderr) == (2, True)  # what was done is said
