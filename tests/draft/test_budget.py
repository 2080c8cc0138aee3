from __future__ import annotations

import pytest

from wikiagent.draft.budget import Budget, Price, estimated_tokens
from wikiagent.errors import BudgetError


def test_what_is_held_counts_until_it_is_settled() -> None:
    budget = Budget(max_tokens=100)
    with budget.held(40, 20) as spent:
        with (
            pytest.raises(BudgetError, match="may take 41 tokens, and 40 are left of --max-tokens 100"),
            budget.held(41, 0),
        ):
            pass
        spent.append((10, 5))
    with budget.held(80, 5):  # 15 were spent, and a call that failed costs nothing
        pass
    with budget.held(85, 0):
        pass


def test_cost_is_held_like_tokens() -> None:
    budget = Budget(max_cost=1.0, price=Price(1.0, 2.0))
    with budget.held(500_000, 250_000) as spent:
        spent.append((400_000, 100_000))
    with (
        pytest.raises(BudgetError, match=r"may cost 0\.5000, and 0\.4000 is left of --max-cost 1"),
        budget.held(500_000, 0),
    ):
        pass


def test_a_price_is_known_as_a_whole_or_not() -> None:
    assert Price(3.0, 15.0).cost(1_000_000, 100_000) == pytest.approx(4.5)
    assert not Price(3.0, None).known
    assert Price().cost(5, 5) == 0


def test_tokens_are_estimated_from_above() -> None:
    assert [estimated_tokens(text) for text in ("", "a", "abc", "abcd")] == [0, 1, 1, 2]
