"""How sure a figure is: ratios of sums with bootstrap intervals, clustered, and paired differences.

Every metric is a ratio of two sums over *units*. Units that belong together (the same golden in several trials, the
statements of one page) form a cluster; clusters are drawn with replacement, 4,000 times, by a generator with a fixed
seed. docs/evals.md says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: How often clusters are drawn. Ends of intervals then differ by about 0.002 between seeds.
RESAMPLES = 4000
#: The part of the drawn values that an interval holds.
LEVEL = 0.95
_SEED = 20_261_122
#: Figures are rounded so that they do not depend on the order in which a machine adds.
_DIGITS = 6


class Unit(NamedTuple):
    """One term of both sums of a ratio, and the cluster that it belongs to."""

    cluster: str
    above: float
    below: float


class Interval(NamedTuple):
    """The ends of an interval."""

    low: float
    high: float


class Difference(NamedTuple):
    """Two figures of the same metric: their difference `b - a`, and its interval."""

    a: float
    b: float
    change: float
    interval: Interval | None

    @property
    def is_noise(self) -> bool:
        """Whether the interval holds zero, or there is none to tell by."""
        return self.interval is None or self.interval.low <= 0 <= self.interval.high


def ratio(units: Iterable[Unit]) -> float | None:
    """The figure; None where nothing was measured."""
    above = below = 0.0
    for unit in units:
        above, below = above + unit.above, below + unit.below
    return round(above / below, _DIGITS) if below else None


def interval(units: Sequence[Unit]) -> Interval | None:
    """The interval of a figure; None where there are fewer than two clusters."""
    sums = _by_cluster([units])
    if len(sums) < 2:
        return None
    return _ends(_drawn(sums)[0])


def difference(a: Sequence[Unit], b: Sequence[Unit]) -> Difference | None:
    """Compare two runs on the clusters of both: each draw takes the same clusters of either.

    A cluster that only one run has (a page that the other did not write) adds to that run alone.

    Returns:
        The difference; None where one of them measured nothing.
    """
    before, after = ratio(a), ratio(b)
    if before is None or after is None:
        return None
    sums = _by_cluster([a, b])
    drawn = _drawn(sums) if len(sums) > 1 else None
    ends = _ends(drawn[1] - drawn[0]) if drawn is not None else None
    return Difference(before, after, round(after - before, _DIGITS), ends)


def _by_cluster(runs: Sequence[Sequence[Unit]]) -> NDArray[np.float64]:
    """The sums of each cluster: an array of clusters x runs x (above, below), in the order of the clusters' names."""
    names = sorted({unit.cluster for units in runs for unit in units})
    places = {name: place for place, name in enumerate(names)}
    sums = np.zeros((len(names), len(runs), 2))
    for run, units in enumerate(runs):
        for unit in units:
            sums[places[unit.cluster], run] += (unit.above, unit.below)
    return sums


def _drawn(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """The ratios of all draws, an array of runs x draws; nan where a draw measured nothing."""
    # RandomState gives the same numbers in every version of numpy, which newer generators do not promise
    picks = np.random.RandomState(_SEED).randint(0, len(sums), (RESAMPLES, len(sums)))
    drawn = np.stack([sums[:, run][picks].sum(1) for run in range(sums.shape[1])])
    above, below = drawn[..., 0], drawn[..., 1]
    ratios = np.full(above.shape, np.nan)
    np.divide(above, below, out=ratios, where=below > 0)
    return ratios


def _ends(values: NDArray[np.float64]) -> Interval | None:
    if np.isnan(values).all():
        return None
    low, high = np.nanpercentile(values, [50 * (1 - LEVEL), 50 * (1 + LEVEL)])
    return Interval(round(float(low), _DIGITS), round(float(high), _DIGITS))
