"""A store that is damaged, older, newer or half-built: rebuilt where that loses nothing, else one sentence."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.reliability.conftest import ENRICH, Damage, contents, run
from wikiagent.ledger import Ledger
from wikiagent.ledger.database import STEPS


def cut(path: Path, keep: float) -> None:
    path.chmod(0o644)
    os.truncate(path, int(path.stat().st_size * keep))


def one(store: Path, pattern: str) -> Path:
    return next(path for path in sorted(store.glob(pattern)) if path.is_file())


#: What is lost is made again, and the run ends as if nothing had been.
REBUILT: dict[str, Damage] = {
    "chroma deleted": lambda store: shutil.rmtree(store / "chroma"),
    "record of a source cut": lambda store: cut(one(store, "sources/*@*.json"), 0.5),
    "record of a source empty": lambda store: cut(one(store, "sources/*@*.json"), 0),
    "record of a source of another form": lambda store: one(store, "sources/*@*.json").write_text('{"files": 3}'),
    "record of a source deleted": lambda store: one(store, "sources/*@*.json").unlink(),
    "files of a source deleted": lambda store: shutil.rmtree(next(p for p in store.glob("sources/*@*") if p.is_dir())),
    "one file of a source deleted": lambda store: one(store, "sources/*@*/src/zoo/keeper.py").unlink(),
    "one file of a source cut": lambda store: cut(one(store, "sources/*@*/src/zoo/keeper.py"), 0.5),
    "a fetch that died": lambda store: (store / "sources/.fetching-x/tree").mkdir(parents=True),
    "a lock file left behind": lambda store: (store / "chroma.lock").write_text("4711"),
}

#: What cannot be made again is not touched; a sentence says what to do.
SAID: dict[str, tuple[Damage, str]] = {
    "ledger cut in half": (lambda store: cut(store / "ledger.sqlite", 0.5), "Move it away"),
    "ledger's first page": (lambda store: (store / "ledger.sqlite").write_bytes(b"x" * 4096), "Move it away"),
    "ledger is a folder": (
        lambda store: ((store / "ledger.sqlite").unlink(), (store / "ledger.sqlite").mkdir()),
        "cannot be used as a ledger",
    ),
    "ledger of a newer version": (lambda store: set_version(store, 99), "written by a newer wikiagent"),
    "ledger without a table": (lambda store: drop(store, "drafts"), "cannot be used as a ledger"),
    "index cut": (lambda store: cut(store / "chroma/chroma.sqlite3", 0.5), "Delete this folder"),
    "index is garbage": (
        lambda store: (store / "chroma/chroma.sqlite3").write_bytes(b"x" * 9999), "Delete this folder"
    ),
    "index is a file": (
        lambda store: (shutil.rmtree(store / "chroma"), (store / "chroma").write_text("")), "cannot be used"
    ),
}  # fmt: skip


def set_version(store: Path, version: int) -> None:
    with sqlite3.connect(store / "ledger.sqlite") as db:
        db.execute(f"pragma user_version = {version}")
    db.close()


def drop(store: Path, table: str) -> None:
    with sqlite3.connect(store / "ledger.sqlite") as db:
        db.execute(f"drop table {table}")
    db.close()


@pytest.mark.parametrize("name", REBUILT)
def test_what_can_be_made_again_is_made_again(here: Path, name: str) -> None:
    wiki, decisions = contents(here / "wiki"), Ledger(here / "store/ledger.sqlite").log()
    REBUILT[name](here / "store")
    done = run(ENRICH)
    assert done.status == 0, done.said
    assert run("search zebra --source zoo").said.count("keeper.py") >= 1
    assert {file: text for file, text in contents(here / "wiki").items() if "_reports" not in file} == {
        file: text for file, text in wiki.items() if "_reports" not in file
    }
    assert Ledger(here / "store/ledger.sqlite").log()[: len(decisions)] == decisions


@pytest.mark.parametrize("name", SAID)
def test_what_cannot_be_made_again_is_left_as_it_is(here: Path, name: str) -> None:
    damage, sentence = SAID[name]
    damage(here / "store")
    before = contents(here)
    done = run(ENRICH)
    assert (done.status, sentence in done.said) == (2, True), done.said
    kept = ("wiki", "zoo", *(["store/ledger.sqlite"] if name != "ledger without a table" else []))
    after = contents(here)
    assert {f: t for f, t in after.items() if f.startswith(kept)} == {
        f: t for f, t in before.items() if f.startswith(kept)
    }


def test_an_index_that_was_deleted_as_told_is_built_again(here: Path) -> None:
    cut(here / "store/chroma/chroma.sqlite3", 0.5)
    assert run("search zebra --source zoo").status == 2
    shutil.rmtree(here / "store/chroma")
    assert "keeper.py" in run("search zebra --source zoo").said


OLD_DECISION = "insert into decisions (id, draft, decision, who, at, reason) values (?, 1, ?, 'ann', 'noon', 'why')"


@pytest.mark.parametrize("version", range(1, len(STEPS)))
def test_a_ledger_of_each_older_version_is_brought_up_with_its_decisions(tmp_path: Path, version: int) -> None:
    file = tmp_path / "ledger.sqlite"
    with sqlite3.connect(file) as db:
        for step in STEPS[:version]:
            db.executescript(step)
        db.execute("insert into runs values (1, '/w', 'pypi:zoo==1', 'd', 'extractive', 'noon', '{}')")
        db.execute(
            """insert into drafts (id, run, wiki, source, candidate, type, name, drafter, rank, score, state, digest,
            page) values (1, 1, '/w', 'pypi:zoo==1', 'c', 'Heuristic', 'zoo_A', 'extractive', 1, 1.0, 'accepted', 'd',
            '{}')"""
        )
        db.execute(
            """insert into findings (draft, code, severity, line, message, cited)
            values (1, 'CLM001', 'warning', 3, 'm', '')"""
        )
        for number, decision in enumerate(("accepted", "rejected", "accepted"), 1):
            db.execute(OLD_DECISION, (number, decision))
        db.execute(f"pragma user_version = {version}")
    db.close()
    ledger = Ledger(file)
    assert [(d.id, d.decision, d.who, d.at, d.reason) for d in ledger.log()] == [
        (number, decision, "ann", "noon", "why")
        for number, decision in enumerate(("accepted", "rejected", "accepted"), 1)
    ]
    assert [found.code for found in ledger.findings(1)] == ["CLM001"]
    assert ledger.draft(1).state == "accepted"
    assert ledger.verify("").problems == ()
    with sqlite3.connect(file) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute("delete from decisions")
    db.close()
    assert [d.hash for d in Ledger(file).log()] == [d.hash for d in ledger.log()]


def test_a_migration_that_dies_leaves_the_older_ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "ledger.sqlite"
    with sqlite3.connect(file) as db:
        db.executescript(STEPS[0])
        db.execute("pragma user_version = 1")
    db.close()
    with monkeypatch.context() as patch:
        patch.setattr("wikiagent.ledger.database.seal", lambda db: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            Ledger(file)
    with sqlite3.connect(file) as db:
        assert db.execute("pragma user_version").fetchone() == (1,)
        assert "fix" not in [row[1] for row in db.execute("pragma table_info(findings)")]
    db.close()
    Ledger(file)


def test_a_record_says_how_large_its_source_is(here: Path) -> None:
    record = json.loads(one(here / "store", "sources/*@*.json").read_text())
    assert record["size"] == sum(path.stat().st_size for path in (here / "zoo").rglob("*") if path.is_file())
