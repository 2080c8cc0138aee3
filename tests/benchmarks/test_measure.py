from __future__ import annotations

import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.measure import (
    Seconds,
    child,
    exponent,
    interval,
    ndcg_at,
    recall_at,
    reciprocal_rank,
)

RANKED = st.lists(st.booleans(), max_size=30)


def test_measures_of_a_ranking() -> None:
    assert recall_at([False, True], 1) == 0
    assert recall_at([False, True], 2) == 1
    assert reciprocal_rank([False, False, True, True]) == pytest.approx(1 / 3)
    assert reciprocal_rank([]) == 0
    assert ndcg_at([True, True], 10, 2) == 1
    assert ndcg_at([False, True], 10, 1) == pytest.approx(1 / math.log2(3))
    assert ndcg_at([True], 10, 3) < 1
    assert ndcg_at([], 10, 0) == 0


@given(RANKED, st.integers(1, 20))
def test_a_relevant_hit_further_up_is_never_worse(relevant: list[bool], k: int) -> None:
    of = max(1, sum(relevant))
    best = sorted(relevant, reverse=True)
    assert 0 <= ndcg_at(relevant, k, of) <= ndcg_at(best, k, of) <= 1 + 1e-9
    assert reciprocal_rank(relevant) <= reciprocal_rank(best)
    assert recall_at(relevant, k) <= recall_at(best, k)


def test_an_interval_holds_the_mean_and_is_the_same_each_time() -> None:
    values = [0.0, 1.0] * 20
    found = interval(values)
    assert found.mean == 0.5
    assert 0.3 < found.low < 0.5 < found.high < 0.7
    assert interval(values) == found
    assert interval([1.0] * 5) == (1, 1, 1)


def test_values_of_one_cluster_count_as_one_draw() -> None:
    values = [0.0] * 20 + [1.0] * 20
    alone, together = interval(values), interval(values, ["a"] * 20 + ["b"] * 20)
    assert (together.low, together.high) == (0, 1)
    assert together.high - together.low > alone.high - alone.low


def test_the_growth_of_a_cost() -> None:
    assert exponent([10, 100], [1, 10]) == pytest.approx(1)
    assert exponent([10, 100], [1, 100]) == pytest.approx(2)


def test_seconds_are_shown_with_their_spread() -> None:
    assert str(Seconds((2.0, 1.0))) == "1.00 (+100 %)"
    assert str(Seconds((0.25,))) == "0.25"
    assert Seconds((3.0, 1.0, 2.0)).median == 2


def test_a_child_is_given_text_and_its_memory_is_its_own() -> None:
    ballast = bytearray(60_000_000)  # of this process, not of the child
    ballast[::4096] = b"x" * len(ballast[::4096])
    small = child([sys.executable, "-S", "-c", "print(input())"], given="hello\n")
    assert small.output == "hello\n"
    assert 0 < small.megabytes < 50
    large = child([sys.executable, "-S", "-c", "x = b'x' * 100_000_000"])
    assert large.megabytes > 90


def test_a_child_that_fails_ends_the_benchmark_with_its_words() -> None:
    with pytest.raises(SystemExit, match="exit status 3\nno luck"):
        child([sys.executable, "-c", "import sys; print('no luck', file=sys.stderr); sys.exit(3)"])
    assert child([sys.executable, "-c", "raise SystemExit(1)"], statuses=(0, 1)).output == ""
