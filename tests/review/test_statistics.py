"""What the log of decisions tells."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from wikiagent.ledger import Decision, Draft
from wikiagent.review.statistics import Agreement, Rate, statistics


def draft(
    number: int, drafter: str = "extractive", digest: str = "", kind: str = "Heuristic", **written: object
) -> Draft:
    digest = digest or f"text {number}"
    candidate = f"c-{digest}"
    return Draft(
        number, 1, "/w", "s", candidate, kind, f"zoo_{number}", drafter, 1, 1.0, "pending", digest, "{}",
        json.dumps(written),
    )  # fmt: skip


class Log:
    """Decisions, numbered as they are made."""

    def __init__(self) -> None:
        self.made: list[Decision] = []

    def add(
        self, of: Draft, decision: str, who: str = "ann", code: str = "", seconds: float | None = None, undoes: int = 0
    ) -> int:
        number = len(self.made) + 1
        row = Decision(
            number, of.id, decision, who, "now", "", code, number, of.digest, "s", "", seconds, undoes or None, "{}", ""
        )  # fmt: skip
        self.made.append(row)
        return number


def rates(log: Log, drafts: Sequence[Draft], by: str) -> list[Rate]:
    return list(statistics(log.made, drafts).rates.get(by, ()))


def test_nothing_is_told_of_nothing() -> None:
    told = statistics([], [])
    assert (told.rates, told.reasons, told.seconds, told.agreement) == ({}, {}, None, [])


def test_accept_rates_by_group() -> None:
    by_model = {"model": "some", "prompts": {"repair": "2", "draft": "1"}}
    one, two, three = draft(1), draft(2, "agent:some", **by_model), draft(3, "agent", kind="Environment", **by_model)
    log = Log()
    log.add(one, "accepted")
    log.add(two, "accepted", code="fixed")
    log.add(three, "rejected", "bert", "wrong")
    drafts = [one, two, three]
    assert rates(log, drafts, "drafter") == [Rate("agent", 1, 1, 1), Rate("extractive", 1, 0, 0)]
    assert rates(log, drafts, "model") == [Rate("some", 1, 1, 1)]
    assert rates(log, drafts, "prompts") == [Rate("draft@1, repair@2", 1, 1, 1)]
    assert rates(log, drafts, "type") == [Rate("Environment", 0, 0, 1), Rate("Heuristic", 2, 1, 0)]
    assert rates(log, drafts, "reviewer") == [Rate("ann", 2, 1, 0), Rate("bert", 0, 0, 1)]
    assert [rate.share for rate in rates(log, drafts, "drafter")] == [0.5, 1.0]


def test_what_was_taken_back_or_skipped_does_not_count() -> None:
    one, two = draft(1), draft(2)
    log = Log()
    number = log.add(one, "rejected", code="wrong")
    log.add(one, "undone", undoes=number)
    log.add(two, "skipped")
    assert statistics(log.made, [one, two]).rates == {}
    log.add(one, "accepted")
    told = statistics(log.made, [one, two])
    assert told.rates["drafter"] == [Rate("extractive", 1, 0, 0)]
    assert told.reasons == {}


def test_reasons_are_counted_the_most_frequent_first() -> None:
    log, drafts = Log(), [draft(number) for number in range(1, 5)]
    for each, code in zip(drafts, ("unclear", "wrong", "wrong", ""), strict=True):
        log.add(each, "rejected", code=code)
    merged = draft(5)
    log.add(merged, "merged", code="duplicate")
    told = statistics(log.made, [*drafts, merged])
    assert list(told.reasons.items()) == [("wrong", 2), ("unclear", 1), ("duplicate", 1)]


def test_a_page_that_a_draft_was_merged_into_stays_accepted() -> None:
    target, merged = draft(1), draft(2)
    log = Log()
    log.add(target, "accepted", code="fixed")
    log.add(merged, "merged", code="duplicate")
    log.add(target, "extended")
    assert rates(log, [target, merged], "drafter") == [Rate("extractive", 1, 1, 1)]


@pytest.mark.parametrize(("seconds", "median"), [((), None), ((8.0,), 8.0), ((1.0, 2.0, 90.0), 2.0)])
def test_median_seconds_of_those_who_were_timed(seconds: tuple[float, ...], median: float | None) -> None:
    log, drafts = Log(), [draft(number) for number in range(1, 6)]
    for each, took in zip(drafts, seconds, strict=False):
        log.add(each, "accepted", seconds=took)
    log.add(drafts[-1], "accepted")
    log.add(drafts[-2], "skipped", seconds=5000.0)
    assert statistics(log.made, drafts).seconds == median


def test_agreement_is_about_the_same_text() -> None:
    """Two persons see the same text where it is drafted for two wikis, or decided anew after it was taken back."""
    here, there, taken_back, alone = draft(1, digest="x"), draft(2, digest="x"), draft(3), draft(4)
    withdrawn = draft(5)  # by who had accepted it: that was no opinion
    log = Log()
    log.add(here, "accepted", "ann")
    log.add(there, "rejected", "bert", "wrong")
    number = log.add(taken_back, "accepted", "bert")
    log.add(taken_back, "undone", "ann", undoes=number)
    log.add(taken_back, "accepted", "ann")
    number = log.add(withdrawn, "accepted", "bert")
    log.add(withdrawn, "undone", "bert", undoes=number)
    log.add(withdrawn, "rejected", "ann", "wrong")
    log.add(alone, "accepted", "ann")
    log.add(alone, "rejected", "policy:accept-valid", "wrong")
    log.add(alone, "accepted", "wikiagent")
    drafts = [here, there, taken_back, alone, withdrawn]
    assert statistics(log.made, drafts).agreement == [Agreement("ann", "bert", 2, 1)]


def test_one_who_changes_their_mind_counts_with_the_last_word() -> None:
    one = draft(1)
    log = Log()
    number = log.add(one, "rejected", "ann", "wrong")
    log.add(one, "undone", "ann", undoes=number)
    log.add(one, "accepted", "ann")
    number = log.add(one, "undone", "bert", undoes=3)
    log.add(one, "accepted", "bert")
    assert statistics(log.made, [one]).agreement == [Agreement("ann", "bert", 1, 1)]
