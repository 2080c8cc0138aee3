"""What an evaluation came to: everything that an output tells."""

from __future__ import annotations

from dataclasses import dataclass, replace

from wikiagent.evals.guards import BaselineEval, Guard, regressions, status, thresholds
from wikiagent.evals.interval import Interval, interval, ratio
from wikiagent.evals.metrics import METRICS, Figure, figures
from wikiagent.evals.rows import GoldenRow, Scores
from wikiagent.evals.runs import Run, RunInfo

#: What is told of each type of golden and page.
BY_TYPE = ("recall@120", "recall_weighted@120", "told@120", "facts", "precision@120", "link_f1")


@dataclass(frozen=True)
class Result:
    """One run.

    Attributes:
        id: its name in the store.
        info: what it evaluates.
        scores: its rows.
        figures: every metric.
        guards: what it was held against.
    """

    id: str
    info: RunInfo
    scores: Scores
    figures: tuple[Figure, ...]
    guards: tuple[Guard, ...] = ()

    @classmethod
    def of(cls, run: Run, scores: Scores) -> Result:
        """What a run came to, held against the thresholds of its configuration."""
        told = tuple(figures(scores))
        return cls(run.id, run.info, scores, told, tuple(thresholds(run.info.config.thresholds, told)))

    @property
    def status(self) -> int:
        """The exit status."""
        return status(self.guards)

    def held_against(self, baseline: BaselineEval) -> Result:
        """The same, held against a baseline as well.

        Raises:
            ConfigError: the baseline was measured on something else.
        """
        return replace(self, guards=(*self.guards, *regressions(baseline, self.info, self.figures)))

    def by_type(self) -> dict[str, dict[str, tuple[float, Interval | None]]]:
        """The metrics of `BY_TYPE` for each type, with their intervals; those that were measured."""
        goldens = {row.id: row.type for row in self.scores.goldens}
        pages = {page.name: page.type for page in self.scores.pages}
        found: dict[str, dict[str, tuple[float, Interval | None]]] = {"Environment": {}, "Heuristic": {}}
        for name in BY_TYPE:
            types = pages if name.startswith("precision") else goldens
            measured = list(METRICS[name].units(self.scores))
            for kind, told in found.items():
                units = [unit for unit in measured if types[unit.cluster] == kind]
                if (value := ratio(units)) is not None:
                    told[name] = (value, interval(units))
        return found

    def missed(self) -> list[GoldenRow]:
        """The goldens that no page shows in any trial, the most important first; one row each."""
        shown = {row.id for row in self.scores.goldens if row.shown or row.unscored}
        rows = {row.id: row for row in reversed(self.scores.goldens) if row.id not in shown}
        return sorted(rows.values(), key=lambda row: (-row.importance, row.id))
