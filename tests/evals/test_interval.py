"""Intervals and paired differences."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wikiagent.evals.interval import Unit, difference, interval, ratio

UNITS = st.lists(
    st.builds(Unit, st.sampled_from("abcdef"), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=12
)


def shares(hits: list[float], repeat: int = 1) -> list[Unit]:
    return [Unit(f"g{number}", hit, 1) for number, hit in enumerate(hits) for _ in range(repeat)]


def test_a_figure_is_a_ratio_of_sums() -> None:
    assert ratio([Unit("a", 1, 2), Unit("b", 2, 4)]) == 0.5
    assert ratio([Unit("a", 0, 3)]) == 0
    assert ratio([]) is None
    assert ratio([Unit("a", 0, 0)]) is None


def test_the_interval_of_a_share_is_about_that_of_the_normal_distribution() -> None:
    found = interval(shares([1.0] * 120 + [0.0] * 80))
    assert found is not None
    half = 1.96 * (0.6 * 0.4 / 200) ** 0.5
    assert found.low == pytest.approx(0.6 - half, abs=0.01)
    assert found.high == pytest.approx(0.6 + half, abs=0.01)


def test_the_same_again_in_a_cluster_makes_nothing_surer() -> None:
    hits = [1.0, 0.0] * 20
    assert interval(shares(hits, repeat=10)) == interval(shares(hits))
    more = interval(shares(hits * 10))
    once = interval(shares(hits))
    assert more is not None
    assert once is not None
    assert more.high - more.low < (once.high - once.low) / 2


def test_one_cluster_has_no_interval() -> None:
    assert interval(shares([1.0])) is None
    assert interval([]) is None


@settings(max_examples=30, deadline=None)
@given(UNITS, st.randoms(use_true_random=False))
def test_the_order_of_units_changes_nothing(units: list[Unit], chance: object) -> None:
    mixed = list(units)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert (ratio(mixed), interval(mixed)) == (ratio(units), interval(units))


@settings(max_examples=30, deadline=None)
@given(UNITS)
def test_a_run_does_not_differ_from_itself(units: list[Unit]) -> None:
    found = difference(units, units)
    assert (found is None) == (ratio(units) is None)
    if found is not None:
        assert found.change == 0
        assert found.is_noise
        assert found.interval is None or found.interval == (0, 0)


def test_pairs_see_what_two_intervals_do_not() -> None:
    before = [1.0] * 30 + [0.0] * 30
    after = [1.0] * 38 + [0.0] * 22  # eight goldens more, none less
    one, other, found = interval(shares(before)), interval(shares(after)), difference(shares(before), shares(after))
    assert one is not None
    assert other is not None
    assert found is not None
    assert one.high > other.low
    assert found.change == pytest.approx(8 / 60, abs=1e-6)
    assert not found.is_noise


def test_one_golden_of_many_is_noise() -> None:
    found = difference(shares([1.0] * 30 + [0.0] * 30), shares([1.0] * 31 + [0.0] * 29))
    assert found is not None
    assert found.is_noise


def test_pages_that_only_one_run_has_count_for_that_run() -> None:
    found = difference([Unit("a", 1, 1), Unit("b", 1, 1)], [Unit("a", 1, 1), Unit("c", 0, 1)])
    assert found is not None
    assert (found.a, found.b) == (1.0, 0.5)


def test_nothing_measured_cannot_be_compared() -> None:
    assert difference([], shares([1.0, 0.0])) is None


def test_two_runs_of_the_same_drafter_seldom_differ() -> None:
    """A/A: goldens of very different difficulty, three trials a run, no change between the runs."""
    chance = np.random.RandomState(5)
    alarms, runs = 0, 150
    for _ in range(runs):
        difficulty = chance.beta(0.6, 0.6, 50)
        one, other = (
            [Unit(f"g{g}", float(chance.rand() < p), 1) for g, p in enumerate(difficulty) for _ in range(3)]
            for _ in range(2)
        )
        found = difference(one, other)
        assert found is not None
        alarms += not found.is_noise
    assert alarms / runs <= 0.10  # 0.05 is the aim; 150 runs say no more than this


def test_a_real_change_is_seen() -> None:
    chance = np.random.RandomState(6)
    seen = 0
    for _ in range(40):
        difficulty = chance.beta(0.6, 0.6, 50)
        one, other = (
            [
                Unit(f"g{g}", float(chance.rand() < p * part), 1)
                for (g, p), _ in itertools.product(enumerate(difficulty), range(3))
            ]
            for part in (1.0, 0.6)
        )
        found = difference(one, other)
        seen += found is not None and found.change < 0 and not found.is_noise
    assert seen >= 36
