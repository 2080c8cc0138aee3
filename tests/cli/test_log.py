"""`wikiagent log`: the decisions, whether they are as they were recorded, and what they tell."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

import wikiagent.cli  # noqa: F401 - registers all commands
from tests.phases.conftest import FILES, write_source
from wikiagent.cli.app import app

Cli = Callable[..., Result]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line over a store with drafts, of which none is decided."""
    monkeypatch.chdir(tmp_path)
    write_source(tmp_path / "zoo", "1.0", FILES)

    def run(*command: str, status: int = 0) -> Result:
        result = CliRunner().invoke(app, ["--store", str(tmp_path / "store"), *command])
        assert result.exit_code == status, (result.exception, result.stderr)
        return result

    run("enrich", "--source", "zoo", "--wiki", "wiki")
    return run


@pytest.fixture
def decided(cli: Cli) -> Cli:
    """The same with decisions of two people."""
    cli("accept", "1", "--as", "ann")
    cli("reject", "2", "--code", "unclear", "--reason", "Who\x1b[31m feeds\nwhom?", "--as", "bert")
    cli("reject", "3", "--code", "wrong", "--as", "bert")
    cli("undo", "3", "--as", "bert")
    return cli


def test_an_empty_log_says_so(cli: Cli) -> None:
    result = cli("log")
    assert result.stdout == ""
    assert "No decisions yet." in result.stderr
    assert json.loads(cli("log", "--format", "json").stdout) == {"decisions": []}
    assert cli("log", "--statistics").stdout.strip() == "No decisions yet."
    assert "0 decisions, last hash none: the log is as it was recorded" in cli("log", "--verify").stdout


def test_who_decided_what_when_and_why(decided: Cli) -> None:
    lines = decided("log").stdout.splitlines()
    assert len(lines) == 4
    assert "ann  accepted  1 zoo_" in lines[0]
    assert "bert  rejected  2 zoo_" in lines[1]
    assert lines[1].endswith("unclear: Who�[31m feeds whom?")
    assert "bert  undone  3 zoo_" in lines[3]
    assert "\x1b" not in "".join(lines)


def test_one_draft_or_one_wiki(decided: Cli, tmp_path: Path) -> None:
    assert len(decided("log", "--draft", "3").stdout.splitlines()) == 2
    assert len(decided("log", "--wiki", "wiki").stdout.splitlines()) == 4
    assert decided("log", "--wiki", str(tmp_path / "other"), status=1).stdout == ""


def test_the_log_for_scripts(decided: Cli) -> None:
    made = json.loads(decided("log", "--format", "json").stdout)["decisions"]
    assert [(m["id"], m["draft"], m["decision"], m["who"], m["code"]) for m in made] == [
        (1, 1, "accepted", "ann", ""),
        (2, 2, "rejected", "bert", "unclear"),
        (3, 3, "rejected", "bert", "wrong"),
        (4, 3, "undone", "bert", ""),
    ]
    assert [m["undoes"] for m in made] == [None, None, None, 3]
    assert all(len(m["hash"]) == 64 and m["digest"] and m["source"] and m["name"] and m["at"] for m in made)
    assert {m["seconds"] for m in made} == {None}


def test_a_log_as_it_was_recorded(decided: Cli) -> None:
    told = json.loads(decided("log", "--verify", "--format", "json").stdout)
    last = json.loads(decided("log", "--format", "json").stdout)["decisions"][-1]["hash"]
    assert told == {"ok": True, "decisions": 4, "head": last, "problems": []}
    assert decided("log", "--verify").stdout == f"4 decisions, last hash {last}: the log is as it was recorded\n"
    decided("log", "--verify", "--head", last)
    missing = decided("log", "--verify", "--head", "f" * 64, status=1)
    assert f"No decision has the hash {'f' * 64}" in missing.stdout


def test_a_log_that_was_changed(decided: Cli) -> None:
    with closing(sqlite3.connect("store/ledger.sqlite")) as db, db:
        db.execute("drop trigger decisions_stay")
        db.execute("update decisions set who = 'carl' where id = 2")
    told = json.loads(decided("log", "--verify", "--format", "json", status=1).stdout)
    assert (told["ok"], told["problems"]) == (
        False,
        ["Decision 2 is not as it was recorded, or the one before it is not."],
    )
    assert ": 1 problem\n" in decided("log", "--verify", status=1).stdout


def test_what_the_decisions_tell(decided: Cli) -> None:
    told = json.loads(decided("log", "--statistics", "--format", "json").stdout)
    assert told["rates"]["drafter"] == [{"group": "extractive", "accepted": 1, "fixed": 0, "rejected": 1, "share": 0.5}]
    assert (told["reasons"], told["median_seconds"], told["agreement"]) == ({"unclear": 1}, None, [])
    text = decided("log", "--statistics").stdout
    assert "  extractive: 1 of 2 accepted (50%), 0 after a fix" in text
    assert "Rejected as unclear 1" in text
