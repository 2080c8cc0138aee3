"""The metrics: each is a ratio of two sums over units of the rows. docs/evals.md defines them one by one."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from math import comb
from typing import Literal, NamedTuple

from wikiagent.errors import ConfigError
from wikiagent.evals.interval import Interval, Unit, interval, ratio
from wikiagent.evals.rows import GoldenRow, PageRow, Scores

#: Numbers of pages at which recall and precision are measured.
AT = (20, 40, 80, 120)
#: Rules that no metric of their own counts.
_OTHER = ("CIT", "CLM003", "CLM005", "CLM006", "CLM007", "CLM008", "SEC", "IGN")
#: The highest importance of a golden.
_MOST = 5.0

Units = Callable[[Scores], Iterator[Unit]]


class Metric(NamedTuple):
    """One metric.

    Attributes:
        name: as configurations and outputs call it.
        about: what it is, in a phrase.
        better: whether `more` or `less` of it is better; `none` where neither is.
        units: the units of its sums, from the rows.
        slack: how much worse than a baseline it may be and still count as the same.
        is_cost: whether it measures machine and model, which no baseline keeps.
        needs_judge: whether it is measured only where a judge is configured.
    """

    name: str
    about: str
    better: Literal["more", "less", "none"]
    units: Units
    slack: float = 0.0
    is_cost: bool = False
    needs_judge: bool = False


class Figure(NamedTuple):
    """What was measured: the metric, its value (None: nothing was measured), and its interval."""

    metric: Metric
    value: float | None
    interval: Interval | None


# --- goldens ---


class _Order:
    """How likely pages are among the first N: certain where a rank is on record, else over all orders of the rest."""

    def __init__(self, scores: Scores) -> None:
        self._ranked: dict[int, int] = {}
        self._rest: dict[int, int] = {}
        for page in scores.leaves:
            counts = self._rest if page.rank is None else self._ranked
            counts[page.trial] = counts.get(page.trial, 0) + 1

    def any(self, trial: int, ranks: Iterable[int | None], first: int) -> float:
        """The chance that one of the pages with these ranks is among the first N of a trial."""
        known = list(ranks)
        if any(rank is not None and rank <= first for rank in known):
            return 1.0
        rest, ours = self._rest.get(trial, 0), known.count(None)
        places = min(rest, max(0, first - self._ranked.get(trial, 0)))
        return 1.0 - comb(rest - ours, places) / comb(rest, places) if ours else 0.0


def recall_units(
    first: int, weighted: bool = False, told: bool = False, want: Callable[[GoldenRow], bool] = lambda row: True
) -> Units:
    """The units of recall at N pages; with `told` only pages that tell the golden count, `want` chooses goldens."""

    def units(scores: Scores) -> Iterator[Unit]:
        order = _Order(scores)
        for row in scores.goldens:
            if row.unscored or not want(row):
                continue
            ranks = [page.rank for page in row.shown if page.told or not told]
            found = order.any(row.trial, ranks, first)
            weight = row.importance if weighted else 1.0
            yield Unit(row.id, weight * found, weight)

    return units


def _precision(first: int, weighted: bool = False) -> Units:
    def units(scores: Scores) -> Iterator[Unit]:
        order = _Order(scores)
        for page in scores.leaves:
            share = order.any(page.trial, [page.rank], first)
            hit = page.importance / _MOST if weighted else float(bool(page.shows))
            yield Unit(page.name, share * hit, share)

    return units


def _facts(scores: Scores) -> Iterator[Unit]:
    for row in scores.goldens:
        if not row.unscored:
            yield Unit(row.id, sum(row.facts.values()), len(row.facts))


def _facts_judged(scores: Scores) -> Iterator[Unit]:
    for row in scores.goldens:
        told = [verdict for verdict in row.judged if verdict is not None]
        if not row.unscored:
            yield Unit(row.id, sum(told), len(told))


def _links(scores: Scores) -> Iterator[Unit]:
    for row in scores.goldens:
        if row.links is not None:
            right, wrong, missing = row.links
            yield Unit(row.id, 2 * right, 2 * right + wrong + missing)


def _pages_per_golden(scores: Scores) -> Iterator[Unit]:
    for row in scores.goldens:
        if row.shown:
            yield Unit(row.id, len(row.shown), 1)


# --- pages ---


def _citations(scores: Scores) -> Iterator[Unit]:
    for page in scores.leaves:
        yield Unit(page.name, page.verified, page.verified + page.refuted + page.not_understood)


def _supported(scores: Scores) -> Iterator[Unit]:
    for page in scores.leaves:
        told = [verdict for verdict in page.judged.supported if verdict is not None] if page.judged else []
        yield Unit(page.name, sum(told), len(told))


def _needed(scores: Scores) -> Iterator[Unit]:
    for page in scores.leaves:
        told = [verdict for verdict in page.judged.needed if verdict is not None] if page.judged else []
        yield Unit(page.name, sum(told), len(told))


def _repeating(scores: Scores) -> Iterator[Unit]:
    for page in scores.leaves:
        yield Unit(page.name, float(page.repeats), 1)


def _findings(*beginnings: str, leaves: bool = False) -> Units:
    def of(page: PageRow) -> int:
        return sum(number for code, number in page.findings.items() if code.startswith(beginnings))

    def units(scores: Scores) -> Iterator[Unit]:
        for page in scores.leaves if leaves else scores.pages:
            yield Unit(page.name, of(page), float(bool(page.type)))  # an index adds findings, and is no page

    return units


# --- drafts ---


def _clean_at_first(scores: Scores) -> Iterator[Unit]:
    return (Unit(draft.name, float(draft.clean_at_first), 1) for draft in scores.drafts)


def _stands(scores: Scores) -> Iterator[Unit]:
    return (Unit(draft.name, float(draft.stands), 1) for draft in scores.drafts)


def _of_drafts(key: str) -> Units:
    def units(scores: Scores) -> Iterator[Unit]:
        for draft in scores.drafts:
            if (value := getattr(draft, key)) is not None:
                yield Unit(draft.name, value, 1)

    return units


def _seconds(scores: Scores) -> Iterator[Unit]:
    for trial in scores.trials:
        if trial.seconds is not None:
            yield Unit(str(trial.trial), trial.seconds, trial.pages)


def _all() -> Iterator[Metric]:
    part = 0.01  # of a share: one golden of a hundred
    for first in AT:
        yield Metric(
            f"recall@{first}", f"goldens that one of the first {first} pages shows", "more", recall_units(first), part
        )
    for first in AT:
        about = f"the same at {first} pages, weighted by importance"
        yield Metric(f"recall_weighted@{first}", about, "more", recall_units(first, weighted=True), part)
    unseen = recall_units(120, want=lambda row: not row.seen)
    yield Metric("recall_unseen@120", "the same at 120, goldens that nobody tuned to", "more", unseen, part)
    yield Metric(
        "told@120", "goldens shown by the first 120 pages and told by words", "more", recall_units(120, told=True), part
    )
    for first in AT:
        about = f"the first {first} pages that show a golden (a lower bound)"
        yield Metric(f"precision@{first}", about, "more", _precision(first), part)
    for first in AT:
        about = f"the same at {first}, weighted by importance"
        yield Metric(f"precision_weighted@{first}", about, "more", _precision(first, weighted=True), part)
    yield Metric("facts", "facts of goldens that a page states, by words", "more", _facts, part)
    yield Metric(
        "facts_judged",
        "facts of goldens that a page states, as a judge says",
        "more",
        _facts_judged,
        part,
        needs_judge=True,
    )
    yield Metric("citation_validity", "citations that hold", "more", _citations)
    yield Metric(
        "citation_recall",
        "statements that what they cite supports, as a judge says",
        "more",
        _supported,
        part,
        needs_judge=True,
    )
    yield Metric(
        "citation_precision",
        "citations that their statement needs, as a judge says",
        "more",
        _needed,
        part,
        needs_judge=True,
    )
    yield Metric("unsupported_numbers", "numbers beyond the evidence, a page", "less", _findings("CLM001", leaves=True))
    yield Metric(
        "unknown_identifiers", "names the source does not have, a page", "less", _findings("CLM002", leaves=True)
    )
    yield Metric("link_f1", "F1 of links to symbols against those of the goldens", "more", _links, part)
    yield Metric("findings_schema", "findings about sections and names, a page", "less", _findings("SCH", "NAM"))
    yield Metric("findings_links", "findings about links, a page", "less", _findings("LNK"))
    yield Metric("findings_index", "findings about indexes, a page", "less", _findings("IDX"))
    yield Metric("findings_graph", "findings about the graph, a page", "less", _findings("GRF"))
    yield Metric("findings_other", "all other findings, a page", "less", _findings(*_OTHER))
    yield Metric("repeating_pages", "pages of which earlier ones show all evidence", "less", _repeating, part)
    yield Metric("pages_per_golden", "pages that show a golden, of those that are shown", "none", _pages_per_golden)
    yield Metric("pass_first", "drafts without error as first written", "more", _clean_at_first)
    yield Metric("pass_repaired", "drafts without error in the end", "more", _stands)
    yield Metric("tokens", "tokens, in and out, a page", "less", _of_drafts("tokens"), is_cost=True)
    yield Metric("cost", "cost of these tokens, a page", "less", _of_drafts("cost"), is_cost=True)
    yield Metric("seconds", "seconds of a run, a page", "less", _seconds, is_cost=True)


METRICS: dict[str, Metric] = {metric.name: metric for metric in _all()}


def metric_named(name: str) -> Metric:
    """A metric by its name.

    Raises:
        ConfigError: there is none.
    """
    if name not in METRICS:
        near = difflib.get_close_matches(name, METRICS, 1)
        hint = f"Did you mean {near[0]}?" if near else "docs/evals.md lists them."
        raise ConfigError(f"There is no metric {name}. {hint}")
    return METRICS[name]


def figures(scores: Scores) -> list[Figure]:
    """Every metric of a run."""
    found = []
    for metric in METRICS.values():
        units = list(metric.units(scores))
        value = ratio(units)
        found.append(Figure(metric, value, interval(units) if value is not None else None))
    return found
