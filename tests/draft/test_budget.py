from __future__ import annotations

from threading import Event, Thread

import pytest

from wikiagent.draft.budget import Budget, Price, estimated_tokens
from wikiagent.errors import BudgetError


def spend(budget: Budget, held: tuple[int, int], spent: tuple[int, int] | None) -> None:
    with budget.held(*held) as paid:
        if spent:
            paid.append(spent)


def test_what_was_spent_counts_and_a_call_that_failed_does_not() -> None:
    budget = Budget(max_tokens=100)
    spend(budget, (40, 20), (10, 5))
    with pytest.raises(BudgetError, match="may take 86 tokens, and 85 are left of --max-tokens 100"):
        spend(budget, (86, 0), None)
    spend(budget, (80, 5), None)
    spend(budget, (85, 0), (85, 0))


def test_cost_is_held_like_tokens() -> None:
    budget = Budget(max_cost=1.0, price=Price(1.0, 2.0))
    spend(budget, (500_000, 250_000), (400_000, 100_000))
    with pytest.raises(BudgetError, match=r"may cost 0\.5000, and 0\.4000 is left of --max-cost 1"):
        spend(budget, (500_000, 0), None)


@pytest.mark.parametrize(("spent", "fits"), [(10, True), (90, False)])
def test_a_call_waits_for_what_others_hold_before_it_is_refused(spent: int, fits: bool) -> None:
    budget, begun, go_on, ended = Budget(max_tokens=100), Event(), Event(), []

    def other() -> None:
        with budget.held(90, 0) as paid:
            begun.set()
            go_on.wait(10)
            paid.append((spent, 0))

    def mine() -> None:
        try:
            spend(budget, (50, 0), (50, 0))
            ended.append(True)
        except BudgetError:
            ended.append(False)

    threads = [Thread(target=other), Thread(target=mine)]
    threads[0].start()
    begun.wait(10)
    threads[1].start()
    threads[1].join(0.1)
    assert ended == []
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert ended == [fits]


def test_a_price_is_known_as_a_whole_or_not() -> None:
    assert Price(3.0, 15.0).cost(1_000_000, 100_000) == pytest.approx(4.5)
    assert not Price(3.0, None).known
    assert Price().cost(5, 5) == 0


def test_tokens_are_estimated_from_above() -> None:
    assert [estimated_tokens(text) for text in ("", "a", "abc", "abcd")] == [0, 1, 1, 2]
