from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from wikiagent.errors import DraftError, StoreError
from wikiagent.ledger import Draft, Kept, Ledger, NewDecision, NewDraft, Promised, RecordedFinding, Run
from wikiagent.ledger.database import STEPS

WIKI = Path("/a/wiki")
ERROR = RecordedFinding("CIT003", "error", 4, "the quote differs.", "a.py:1", "a.py:2")
WARNING = RecordedFinding("CIT006", "warning", 4, "long", "a.py:1")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store" / "ledger.sqlite"


@pytest.fixture
def ledger(file: Path) -> Ledger:
    return Ledger(file)


def new(candidate: str, digest: str = "d", *findings: RecordedFinding) -> NewDraft:
    return NewDraft(candidate, "Heuristic", f"zoo_{candidate}", "extractive", 1, 2.5, digest, "{}", findings)


def record(
    ledger: Ledger, *drafts: NewDraft, source: str = "pypi:zoo==1", also: tuple[str, ...] = (), wiki: Path = WIKI
) -> list[Draft]:
    run = ledger.start_run(wiki, source, "digest", "extractive", "now", "{}")
    return ledger.record(run, wiki, source, drafts, {*also, *(draft.candidate for draft in drafts)})


def states(ledger: Ledger) -> list[str]:
    return [draft.state for draft in sorted(ledger.drafts(), key=lambda draft: draft.id)]


def decide(ledger: Ledger, draft: Draft, decision: str, reason: str = "") -> None:
    with ledger.deciding([made(draft, decision, reason)], "me", "now"):
        pass


def made(draft: Draft, decision: str = "accepted", reason: str = "", was: str = "pending") -> NewDecision:
    return NewDecision(draft.id, decision, decision, was, reason)


def test_error_findings_reject_and_warnings_do_not(ledger: Ledger) -> None:
    drafts = record(ledger, new("a"), new("b", "d", WARNING), new("c", "d", WARNING, ERROR))
    assert [draft.state for draft in drafts] == ["pending", "pending", "rejected"]
    assert ledger.findings(drafts[2].id) == [WARNING, ERROR]
    assert ledger.findings(drafts[0].id) == []


def test_the_same_draft_again_is_the_same_row(ledger: Ledger) -> None:
    first = record(ledger, new("a"))
    assert record(ledger, new("a")) == first
    (elsewhere,) = record(ledger, new("a"), wiki=Path("/b"))
    assert elsewhere.id != first[0].id


def test_what_was_decided_stands(ledger: Ledger) -> None:
    accepted, rejected = record(ledger, new("a"), new("b"))
    decide(ledger, accepted, "accepted")
    decide(ledger, rejected, "rejected", "no")
    assert [draft.state for draft in record(ledger, new("a", "d", ERROR), new("b"))] == ["accepted", "rejected"]
    assert ledger.findings(accepted.id) == []


def test_what_the_gate_alone_rejected_is_judged_anew(ledger: Ledger) -> None:
    (draft,) = record(ledger, new("a", "d", ERROR))
    (again,) = record(ledger, new("a"))
    assert (again.id, again.state, ledger.findings(draft.id)) == (draft.id, "pending", [])


def test_another_text_supersedes_what_is_undecided(ledger: Ledger) -> None:
    record(ledger, new("a", "1"), new("b", "1", ERROR), new("c", "1"))
    decide(ledger, ledger.draft(3), "accepted")
    record(ledger, new("a", "2"), new("b", "2"), new("c", "2"))
    assert states(ledger) == ["superseded", "superseded", "accepted", "pending", "pending", "pending"]


def test_an_earlier_text_that_comes_back_is_pending_again(ledger: Ledger) -> None:
    record(ledger, new("a", "1"))
    record(ledger, new("a", "2"))
    record(ledger, new("a", "1"))
    assert states(ledger) == ["pending", "superseded"]


def test_drafts_of_vanished_candidates_and_other_versions_are_superseded(ledger: Ledger) -> None:
    record(ledger, new("a"), new("b"), new("c"))
    record(ledger, new("a"), also=("b",))
    assert states(ledger) == ["pending", "pending", "superseded"]
    record(ledger, new("a", "of 2"), source="pypi:zoo==2", also=("b",))
    assert states(ledger) == ["superseded", "superseded", "superseded", "pending"]


def test_drafts_of_other_wikis_are_left_alone(ledger: Ledger) -> None:
    record(ledger, new("a"), wiki=Path("/other"))
    record(ledger, new("b"))
    assert states(ledger) == ["pending", "pending"]
    assert [draft.candidate for draft in ledger.drafts(WIKI, "pending")] == ["b"]


def test_two_drafts_of_one_candidate_in_one_run_both_stay(ledger: Ledger) -> None:
    record(ledger, new("a", "1"), new("a", "2"))
    assert states(ledger) == ["pending", "pending"]


def test_decisions_are_added_and_never_changed(ledger: Ledger) -> None:
    (draft,) = record(ledger, new("a"))
    decide(ledger, draft, "accepted")
    with ledger.deciding([made(draft, "pending", "gone", "accepted")], "wikiagent", "later"):
        pass
    decide(ledger, draft, "rejected", "not useful")
    assert [(d.decision, d.who, d.reason) for d in ledger.decisions(draft.id)] == [
        ("accepted", "me", ""), ("pending", "wikiagent", "gone"), ("rejected", "me", "not useful"),
    ]  # fmt: skip
    assert ledger.draft(draft.id).state == "rejected"


def test_a_decision_stands_only_if_what_follows_from_it_was_done(ledger: Ledger) -> None:
    (draft,) = record(ledger, new("a"))
    deciding = ledger.deciding([made(draft)], "me", "now")
    deciding.__enter__()
    assert ledger.draft(draft.id).state == "pending"
    deciding.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert ledger.draft(draft.id).state == "pending"
    assert ledger.decisions(draft.id) == []


def test_nobody_decides_what_was_decided_meanwhile(ledger: Ledger) -> None:
    first, second = record(ledger, new("a"), new("b"))
    decide(ledger, second, "rejected")
    with pytest.raises(DraftError, match=r"Draft 2 is not pending any more"):
        ledger.deciding([made(first), made(second)], "me", "now").__enter__()
    assert states(ledger) == ["pending", "rejected"]


def test_an_unknown_draft(ledger: Ledger) -> None:
    with pytest.raises(DraftError, match=r"There is no draft 7 in .*`wikiagent drafts` lists them"):
        ledger.draft(7)


def test_the_last_run_of_a_wiki(ledger: Ledger) -> None:
    assert ledger.last_run(WIKI) is None
    record(ledger, source="pypi:zoo==1")
    record(ledger, source="pypi:zoo==2")
    record(ledger, source="pypi:zoo==3", wiki=Path("/other"))
    run = ledger.last_run(WIKI)
    assert run is not None
    assert run.source == "pypi:zoo==2"


def test_a_ledger_of_the_first_version_is_brought_up(file: Path) -> None:
    file.parent.mkdir()
    with sqlite3.connect(file) as db:
        db.executescript(STEPS[0])
        db.execute("pragma user_version = 1")
    ledger = Ledger(file)
    record(ledger, new("a", "d", ERROR))
    assert ledger.findings(1) == [ERROR]
    assert ledger.draft(1).written == "{}"


def test_a_ledger_of_a_newer_version_is_left_alone(file: Path) -> None:
    Ledger(file)
    with sqlite3.connect(file) as db:
        db.execute("pragma user_version = 99")
    with pytest.raises(StoreError, match="written by a newer wikiagent"):
        Ledger(file)


def test_a_file_that_is_no_ledger(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("This is no database. " * 99)
    with pytest.raises(StoreError, match="Move it away, or name another --store"):
        Ledger(file)


def test_a_store_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("")
    with pytest.raises(StoreError, match="Name another --store"):
        Ledger(tmp_path / "store" / "ledger.sqlite")


def test_a_ledger_that_somebody_else_holds(ledger: Ledger, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (draft,) = record(ledger, new("a"))
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, timeout: connect(path, timeout=0.05))
    with connect(file) as other:
        other.execute("begin immediate")
        with pytest.raises(StoreError, match="is in use by another wikiagent"):
            ledger.deciding([made(draft)], "me", "now").__enter__()
    other.close()


def test_the_ledger_is_read_while_a_large_decision_is_made(ledger: Ledger) -> None:
    """More pages than SQLite's cache holds: an overflow would lock out the reader that writes the report."""
    drafts = record(ledger, *(replace(new(f"c{n}"), page="x" * 20_000) for n in range(400)))
    with ledger.deciding([made(draft) for draft in drafts], "me", "now"):
        assert len(ledger.drafts(WIKI, "pending")) == 400
    assert len(ledger.drafts(WIKI, "accepted")) == 400


def test_a_run_does_not_undo_a_decision_that_is_made_meanwhile(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    (draft,) = record(ledger, new("a"))
    undecided = Ledger._undecided
    deciders: list[Thread] = []

    def slowly(db: sqlite3.Connection, row: sqlite3.Row) -> bool:
        answer = undecided(db, row)
        if not deciders:
            deciders.append(Thread(target=decide, args=(ledger, draft, "rejected")))
            deciders[0].start()
            deciders[0].join(0.3)
        return answer

    monkeypatch.setattr(Ledger, "_undecided", staticmethod(slowly))
    record(ledger, new("a"), new("b"))
    assert deciders
    deciders[0].join()
    assert ledger.draft(draft.id).state == "rejected"


RUN = Run(0, str(WIKI), "pypi:zoo==2", "digest", "extractive", "later", "{}")


def test_a_refresh_moves_what_stays_and_supersedes_what_left(ledger: Ledger) -> None:
    stays, left = record(ledger, new("a"), new("b"))
    decide(ledger, stays, "accepted")
    decide(ledger, left, "accepted")
    again = replace(new("b", "other words"), replaces="the page")
    with ledger.refreshing(RUN, [again], {"a", "b"}, [Kept(stays.id, "moved", "{1}")], [left.id]) as told:
        run, recorded, drafts, promise = told
        promise.wiki, promise.changes = str(WIKI), {"a.md": (None, "text")}
        assert ledger.drafts(WIKI, "pending") == []  # not before the edit is made
    assert ledger.promised(WIKI) == Promised(0, {"a.md": (None, "text")})
    assert ledger.last_run(WIKI) == run
    assert (recorded[0].state, recorded[0].replaces, recorded[0].source) == ("pending", "the page", "pypi:zoo==2")
    assert drafts == ledger.drafts(WIKI)
    kept = ledger.draft(stays.id)
    assert (kept.state, kept.source, kept.digest, kept.page) == ("accepted", "pypi:zoo==2", "moved", "{1}")
    assert ledger.draft(left.id).state == "superseded"
    assert [made.decision for made in ledger.decisions(left.id)] == ["accepted", "superseded"]


def test_a_refresh_whose_edit_fails_is_not_recorded(ledger: Ledger) -> None:
    (draft,) = record(ledger, new("a"))
    decide(ledger, draft, "accepted")
    run, drafts = ledger.last_run(WIKI), ledger.drafts()
    with pytest.raises(RuntimeError), ledger.refreshing(RUN, [new("b")], {"b"}, [], [draft.id]):
        raise RuntimeError
    assert (ledger.last_run(WIKI), ledger.drafts()) == (run, drafts)


def test_the_page_that_a_draft_stands_for_is_handed_on(ledger: Ledger) -> None:
    (draft,) = record(ledger, replace(new("a"), replaces="the page"))
    (same,) = record(ledger, new("a"))
    assert (same.id, same.replaces) == (draft.id, "the page")
    (other,) = record(ledger, new("a", "other words"))
    assert ledger.draft(draft.id).state == "superseded"
    assert ledger.draft(other.id).replaces == "the page"


def test_a_page_on_record_as_it_was_stays_and_is_rejected_once(ledger: Ledger) -> None:
    (draft,) = record(ledger, replace(new("left-a", "d", ERROR), replaces="the page"))
    record(ledger, new("b"))
    assert ledger.draft(draft.id).state == "rejected"
    decide(ledger, draft, "rejected", "It is gone.")
    with pytest.raises(DraftError, match="not pending any more"):
        decide(ledger, draft, "rejected", "Again.")
    with pytest.raises(DraftError, match="not pending any more"):
        decide(ledger, draft, "accepted")
