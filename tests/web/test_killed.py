"""kill -9 of the server while decisions come in: none that was confirmed is lost, none counts twice."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import httpx
import pytest

from tests.web.killed import Outcome, Reviewer, dies_before_the_wiki_is_edited, look, run, server
from tests.web.zoo import prepared
from wikiagent.review.desk import Desk
from wikiagent.review.web.site import Site, Visit

pytestmark = pytest.mark.web


def test_killed_at_fifty_random_moments(tmp_path: Path) -> None:
    outcome = run(tmp_path, moments=50, seed=2026)
    print(dict(outcome.counts))
    assert outcome.problems == []
    assert outcome.counts["killed in the middle"] + outcome.counts["killed between"] == 50
    assert sum(number for what, number in outcome.counts.items() if what.startswith("confirmed")) > 50
    assert not any(what.startswith("refused") for what in outcome.counts), "each decision could have been made"


def dying(folder: Path) -> tuple[Desk, int, Reviewer]:
    """A desk whose server died between the ledger and the wiki; how long the log was; who decided."""
    desk = prepared(folder)
    known, reviewer = len(desk.ledger.log(desk.root)), Reviewer(desk, random.Random(1))
    with server(desk, dies_before_the_wiki_is_edited) as (_, client), pytest.raises(httpx.TransportError):
        reviewer.decide(client, Counter())
    return desk, known, reviewer


def test_a_decision_between_ledger_and_wiki_is_carried_out_by_the_next_server(tmp_path: Path) -> None:
    desk, known, reviewer = dying(tmp_path)
    with server(desk):
        pass
    assert look(desk, known, reviewer.confirmed, reviewer.in_flight, Counter()) == []


def test_a_server_that_does_not_settle_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, known, reviewer = dying(tmp_path)
    monkeypatch.setattr(Site, "visit", lambda site, desk: Visit(0, 0))  # where the next server would settle
    with server(desk):
        pass
    problems = look(desk, known, reviewer.confirmed, reviewer.in_flight, Counter())
    assert "a promise is not kept" in problems


def test_what_the_look_finds(tmp_path: Path) -> None:
    """A decision that is lost, and one that counts twice."""
    desk, outcome = prepared(tmp_path), Outcome()
    known = len(desk.ledger.log(desk.root))
    first = next(item.id for item in desk.queue() if item.state == "pending")
    assert any("confirmed" in told for told in look(desk, known, [(first, "accepted")], None, outcome.counts))
    desk.accept([first])
    assert look(desk, known, [(first, "accepted")], None, outcome.counts) == []
    desk.undo([first])
    desk.accept([first])
    assert any("confirmed" in told for told in look(desk, known, [(first, "accepted")], None, outcome.counts))
