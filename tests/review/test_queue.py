"""The order of the queue, and how sure a draft may make a reviewer."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from tests.review.test_filters import ITEM
from wikiagent.check.phrases import UNJUDGED
from wikiagent.ledger import Ledger, NewDecision, NewDraft, RecordedFinding
from wikiagent.review.queue import Item, items

WIKI = Path("/a/wiki")
PLAIN = replace(ITEM, warnings=0, supported="all", new=False, rank=1)
#: From what needs a person most to what needs one least.
ORDER = [
    replace(PLAIN, id=1, redrafted=True, rank=9),
    replace(PLAIN, id=2, supported="partly", warnings=1),
    replace(PLAIN, id=3, warnings=3),
    replace(PLAIN, id=4, warnings=1, rank=2),
    replace(PLAIN, id=5, warnings=1),
    replace(PLAIN, id=6, new=True),
    replace(PLAIN, id=7, rank=90),
    replace(PLAIN, id=8),
    replace(PLAIN, id=9),
    replace(PLAIN, id=10, redrafted=True, supported="partly", skipped=1),
    replace(PLAIN, id=11, skipped=2),
]


def test_what_needs_a_person_most_comes_first() -> None:
    mixed = random.Random(1).sample(ORDER, len(ORDER))
    assert [item.id for item in sorted(mixed, key=lambda item: item.need)] == [item.id for item in ORDER]


@pytest.mark.parametrize(
    ("item", "confidence"),
    [
        (PLAIN, "high"),
        (replace(PLAIN, warnings=1), "medium"),
        (replace(PLAIN, supported="unjudged"), "medium"),
        (replace(PLAIN, supported="partly"), "low"),
        (replace(PLAIN, errors=1), "low"),
    ],
)
def test_confidence(item: Item, confidence: str) -> None:
    assert item.confidence == confidence


def draft(candidate: str, *findings: RecordedFinding, **written: object) -> NewDraft:
    page = {"category": "Warning", "evidence": [{"path": "b.py"}, {"path": "a.py"}, {"path": "b.py"}]}
    name, by = f"zoo_{candidate}", "agent:some" if written else "extractive"
    made = (1, 2.5, candidate, json.dumps(page), findings, json.dumps(written))
    return NewDraft(candidate, "Heuristic", name, by, *made)


def recorded(tmp_path: Path, *drafts: NewDraft) -> Ledger:
    ledger = Ledger(tmp_path / "ledger.sqlite")
    run = ledger.start_run(WIKI, "pypi:zoo==1", "digest", "extractive", "now", "{}")
    ledger.record(run, WIKI, "pypi:zoo==1", drafts, {each.candidate for each in drafts})
    return ledger


PARTLY = RecordedFinding("CLM004", "warning", 0, "Overview: the evidence supports only in part “It is so.”", "")
NOBODY = RecordedFinding("CLM004", "warning", 0, f"{UNJUDGED}: the model gave no answer.", "")
LONG = RecordedFinding("CIT006", "warning", 4, "long", "a.py:1")


@pytest.mark.parametrize(
    ("new", "supported"),
    [
        (draft("a"), "all"),
        (draft("a", LONG), "all"),
        (draft("a", model="some", judged=True), "all"),
        (draft("a", model="some"), "all"),  # an older ledger does not say
        (draft("a", model="some", judged=False), "unjudged"),
        (draft("a", NOBODY, model="some", judged=True), "unjudged"),
        (draft("a", PARTLY, model="some", judged=True), "partly"),
        (draft("a", NOBODY, PARTLY, model="some", judged=True), "partly"),
    ],
)
def test_how_far_a_draft_is_supported(tmp_path: Path, new: NewDraft, supported: str) -> None:
    (item,) = items(recorded(tmp_path, new), WIKI)
    assert item.supported == supported


def test_an_item_says_what_the_ledger_has(tmp_path: Path) -> None:
    ledger = recorded(tmp_path, draft("a", LONG, PARTLY, model="some", judged=True), draft("b"))
    first, second = items(ledger, WIKI, seen=1)
    assert (first.id, first.drafter, first.model, first.category) == (1, "agent", "some", "Warning")
    assert (first.file, first.code, first.errors, first.warnings) == (("b.py", "a.py"), ("CIT006", "CLM004"), 0, 2)
    assert (first.new, second.new) == (False, True)
    assert items(ledger, Path("/other")) == []


def test_what_a_reviewer_puts_off_comes_last_for_that_reviewer_alone(tmp_path: Path) -> None:
    ledger = recorded(tmp_path, draft("a"), draft("b"))
    with ledger.deciding([NewDecision(1, "skipped", "pending")], "ann", "now"):
        pass
    assert [(item.id, item.skipped) for item in items(ledger, WIKI, "ann")] == [(2, 0), (1, 1)]
    assert [(item.id, item.skipped) for item in items(ledger, WIKI, "bert")] == [(1, 0), (2, 0)]


def test_a_draft_that_answers_to_a_reject_stands_first(tmp_path: Path) -> None:
    ledger = recorded(tmp_path, draft("a"), draft("b", PARTLY, model="some"))
    with ledger.deciding([NewDecision(1, "rejected", "rejected", reason="no")], "ann", "now"):
        pass
    run = ledger.start_run(WIKI, "pypi:zoo==1", "digest", "agent", "now", "{}")
    answer = replace(draft("a", model="some"), digest="better", redrafts=1)
    ledger.record(run, WIKI, "pypi:zoo==1", [answer], None)
    assert [(item.id, item.redrafted) for item in items(ledger, WIKI) if item.state == "pending"] == [
        (3, True),
        (2, False),
    ]
