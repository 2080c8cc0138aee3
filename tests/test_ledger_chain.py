"""The chain of decisions: what was changed or removed afterwards shows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.test_ledger import WIKI, new, record
from wikiagent.errors import StoreError
from wikiagent.ledger import Draft, Ledger, NewDecision
from wikiagent.ledger.chain import COVERED, chained
from wikiagent.ledger.database import STEPS


def decide(
    ledger: Ledger, draft: Draft, decision: str, state: str, was: str = "pending", undoes: int | None = None
) -> int:
    with ledger.deciding([NewDecision(draft.id, decision, state, was, "a reason", undoes=undoes)], "ann", "now"):
        pass
    return ledger.log()[-1].id


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A ledger with four decisions about three drafts."""
    ledger = Ledger(tmp_path / "ledger.sqlite")
    one, two, three = record(ledger, new("a"), new("b"), new("c"))
    decide(ledger, one, "accepted", "accepted")
    decide(ledger, two, "rejected", "rejected")
    decide(ledger, three, "skipped", "pending")
    decide(ledger, three, "accepted", "accepted")
    return ledger


@contextmanager
def behind_its_back(ledger: Ledger) -> Iterator[sqlite3.Connection]:
    """The file, for somebody who takes the triggers away first."""
    with closing(sqlite3.connect(ledger.file)) as db, db:
        for name in ("decisions_stay", "decisions_last"):
            db.execute(f"drop trigger {name}")
        yield db


def test_a_log_that_nobody_touched_verifies(ledger: Ledger) -> None:
    found = ledger.verify()
    assert (found.decisions, found.problems) == (4, ())
    assert found.head == ledger.log()[-1].hash
    assert ledger.verify(ledger.log()[1].hash).problems == ()
    assert len({made.hash for made in ledger.log()}) == 4


def test_an_empty_log_verifies(tmp_path: Path) -> None:
    assert Ledger(tmp_path / "ledger.sqlite").verify() == (0, "", ())


@pytest.mark.parametrize("column", [name for name in COVERED if name not in ("id", "draft", "undoes")])
def test_a_changed_row_shows(ledger: Ledger, column: str) -> None:
    with behind_its_back(ledger) as db:
        db.execute(f"update decisions set {column} = 77 where id = 2")
    assert "Decision 2 is not as it was recorded, or the one before it is not." in ledger.verify().problems


@pytest.mark.parametrize(("column", "value"), [("draft", 3), ("undoes", 1), ("id", 9)])
def test_a_decision_that_is_made_to_be_about_another_shows(ledger: Ledger, column: str, value: int) -> None:
    with behind_its_back(ledger) as db:
        db.execute(f"update decisions set {column} = ? where id = 2", (value,))
    assert ledger.verify().problems


def test_a_row_whose_hash_is_made_anew_shows_in_the_next(ledger: Ledger) -> None:
    with behind_its_back(ledger) as db:
        db.row_factory = sqlite3.Row
        db.execute("update decisions set reason = 'another' where id = 2")
        first, second = db.execute("select * from decisions where id < 3 order by id").fetchall()
        db.execute("update decisions set hash = ? where id = 2", (chained(first["hash"], dict(second)),))
    assert ledger.verify().problems == ("Decision 3 is not as it was recorded, or the one before it is not.",)


def test_a_row_removed_in_the_middle_shows(ledger: Ledger) -> None:
    with behind_its_back(ledger) as db:
        db.execute("delete from decisions where id = 3")
    problems = ledger.verify().problems
    assert problems[0] == "Decision 3 is missing: decision 4 follows on 2."
    assert "Decision 4 is not as it was recorded, or the one before it is not." in problems


def test_the_first_row_removed_shows(ledger: Ledger) -> None:
    with behind_its_back(ledger) as db:
        db.execute("delete from decisions where id = 1")
    assert ledger.verify().problems[0] == "Decision 1 is missing: decision 2 follows on 0."


def test_the_last_row_removed_shows_by_the_draft_and_by_a_hash_noted_earlier(ledger: Ledger) -> None:
    head = ledger.verify().head
    with behind_its_back(ledger) as db:
        db.execute("delete from decisions where id = 4")
    assert ledger.verify().problems == ("Draft 3 is accepted, but no decision says so.",)
    noted = ledger.verify(head).problems
    assert noted[0].startswith(f"No decision has the hash {head}: ")


def test_a_changed_state_shows(ledger: Ledger) -> None:
    with closing(sqlite3.connect(ledger.file)) as db, db:
        db.execute("update drafts set state = 'pending' where id = 1")
        db.execute("update drafts set state = 'accepted' where id = 2")
    assert ledger.verify().problems == (
        "Draft 1 is pending, but the last decision about it says accepted.",
        "Draft 2 is accepted, but the last decision about it says rejected.",
    )


def test_what_was_taken_back_contradicts_nothing(ledger: Ledger) -> None:
    one = ledger.draft(1)
    number = decide(ledger, one, "extended", "accepted", "accepted")
    decide(ledger, one, "undone", "accepted", "accepted", undoes=number)
    assert ledger.verify().problems == ()
    decide(ledger, one, "undone", "pending", "accepted", undoes=1)
    assert ledger.verify().problems == ()


def test_an_accept_that_was_taken_back_does_not_bear_out_an_accepted_draft(ledger: Ledger) -> None:
    decide(ledger, ledger.draft(1), "undone", "pending", "accepted", undoes=1)
    with closing(sqlite3.connect(ledger.file)) as db, db:
        db.execute("update drafts set state = 'accepted' where id = 1")
    assert ledger.verify().problems == ("Draft 1 is accepted, but no decision says so.",)


def test_decisions_can_neither_be_changed_nor_removed_by_accident(ledger: Ledger) -> None:
    for statement in ("update decisions set reason = 'another'", "delete from decisions where id = 4"):
        with pytest.raises(StoreError, match=r"decisions (stay|last)"), ledger._open() as db:
            db.execute(statement)
    assert ledger.verify().problems == ()


def test_a_ledger_of_the_older_schema_is_brought_over_and_verifies(tmp_path: Path) -> None:
    file = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(file)) as db, db:
        db.executescript(";".join(STEPS[:4]))
        db.execute("pragma user_version = 4")
        db.execute("insert into runs (wiki, source, digest, drafter, started) values ('/a/wiki', 's', 'd', 'e', 'now')")
        for number, state in enumerate(("accepted", "rejected"), 1):
            row = (number, f"c{number}", f"zoo_{number}", state, f"d{number}")
            db.execute(
                """insert into drafts (id, run, wiki, source, candidate, type, name, drafter, rank, score, state,
                digest, page) values (?, 1, '/a/wiki', 's', ?, 'Heuristic', ?, 'extractive', 1, 1.0, ?, ?, '{}')""",
                row,
            )
            made = (number, state, "ann", "now", "an old reason")
            db.execute("insert into decisions (draft, decision, who, at, reason) values (?, ?, ?, ?, ?)", made)
    ledger = Ledger(file)
    assert (ledger.verify().decisions, ledger.verify().problems) == (2, ())
    first, second = ledger.log(WIKI)
    assert (first.decision, first.reason, first.batch, first.code) == ("accepted", "an old reason", 1, "")
    assert first.hash != second.hash
    assert ledger.draft(1).evidence == ""
    with ledger.deciding([NewDecision(1, "undone", "pending", "accepted", undoes=1)], "ann", "later"):
        pass
    assert (ledger.verify().decisions, ledger.verify().problems) == (3, ())
    with pytest.raises(StoreError, match="decisions stay"), ledger._open() as db:
        db.execute("update decisions set reason = ''")
    assert Ledger(file).verify().problems == ()
