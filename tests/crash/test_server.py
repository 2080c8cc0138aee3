"""kill -9 of the review server while decisions come in: none that was confirmed is lost, none counts twice."""

from __future__ import annotations

import random
from pathlib import Path

import httpx
import pytest

from tests.crash.server import Reviewer, Sent, dies_before_the_wiki_is_edited, kill_server, look, server
from tests.crash.test_crash import SAMPLE
from tests.web.zoo import prepared
from wikiagent.review.desk import Desk
from wikiagent.review.web.site import Site, Visit


def test_whenever_it_is_killed_nothing_that_was_confirmed_is_lost(tmp_path: Path) -> None:
    found = kill_server(SAMPLE["review server"], 2026, tmp_path)
    assert found.problems == []
    assert sum(found.ends.values()) == SAMPLE["review server"]


def dying(folder: Path) -> tuple[Desk, int, Reviewer, Desk]:
    """A desk whose server died between the ledger and the wiki; how long its log was; who decided; one undisturbed."""
    desk, calm = prepared(folder / "killed"), prepared(folder / "calm")
    known, reviewer = len(desk.ledger.log(desk.root)), Reviewer(desk, random.Random(1))
    with server(desk, dies_before_the_wiki_is_edited) as (_, client), pytest.raises(httpx.TransportError):
        reviewer.decide(client)
    return desk, known, reviewer, calm


def test_a_decision_between_ledger_and_wiki_is_carried_out_by_the_next_server(tmp_path: Path) -> None:
    desk, known, reviewer, calm = dying(tmp_path)
    with server(desk):
        pass
    assert look(desk, known, reviewer, calm) == []


def test_a_server_that_does_not_settle_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, known, reviewer, calm = dying(tmp_path)
    monkeypatch.setattr(Site, "visit", lambda site, desk: Visit(0, 0))  # where the next server would settle
    with server(desk):
        pass
    problems = look(desk, known, reviewer, calm)
    assert "the wiki is not that of the same decisions, undisturbed" in problems
    assert "a promise is not kept" in problems


def test_what_the_look_finds(tmp_path: Path) -> None:
    """A decision that is lost, and one that counts twice."""
    desk, calm = prepared(tmp_path / "desk"), prepared(tmp_path / "calm")
    known, reviewer = len(desk.ledger.log(desk.root)), Reviewer(desk, random.Random(1))
    first = next(item.id for item in desk.queue() if item.state == "pending")
    reviewer.confirmed = [Sent("accept", first, "accepted")]
    assert any("but the log says []" in told for told in look(desk, known, reviewer, calm))
    desk.accept([first])
    assert look(desk, known, reviewer, calm) == []
    desk.undo([first])
    desk.accept([first])
    assert any("but the log says" in told for told in look(desk, known, reviewer, calm))
