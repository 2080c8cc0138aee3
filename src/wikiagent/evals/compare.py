"""Two runs, paired: is the difference of a metric more than noise?"""

from __future__ import annotations

from typing import NamedTuple

from wikiagent.errors import ConfigError
from wikiagent.evals.interval import Difference, difference
from wikiagent.evals.metrics import METRICS, Metric
from wikiagent.evals.runs import Run


class Compared(NamedTuple):
    """A metric in two runs; None where one of them did not measure it."""

    metric: Metric
    difference: Difference | None

    @property
    def verdict(self) -> str:
        """`better` and `worse` are said of the second run."""
        if self.difference is None:
            return "not measured"
        if self.difference.is_noise:
            return "no difference"
        if self.metric.better == "none":
            return "different"
        return "better" if (self.difference.change > 0) == (self.metric.better == "more") else "worse"


def compare(a: Run, b: Run) -> list[Compared]:
    """Compare all metrics of two runs on the same goldens.

    Raises:
        ConfigError: they were scored on other goldens or another source, or were to write more or fewer pages.
        StoreError: one is not finished.
    """
    if (a.info.source, a.info.goldens) != (b.info.source, b.info.goldens):
        what = "goldens" if a.info.source == b.info.source else "sources"
        raise ConfigError(f"{a.id} and {b.id} were scored on different {what}, so that nothing can be compared.")
    if not (a.info.wiki or b.info.wiki) and a.info.config.limit != b.info.config.limit:
        limits = f"{a.info.config.limit} and {b.info.config.limit} candidates"
        raise ConfigError(f"{a.id} and {b.id} have different limits ({limits}), so that nothing can be compared.")
    before, after = a.rows(), b.rows()
    return [
        Compared(metric, difference(list(metric.units(before)), list(metric.units(after))))
        for metric in METRICS.values()
    ]
