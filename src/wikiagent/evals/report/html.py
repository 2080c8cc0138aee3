"""A run as one HTML file that needs nothing else: figures, plots, and every miss beside the nearest page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from jinja2 import Environment as Templates
from jinja2 import PackageLoader, StrictUndefined
from markupsafe import Markup

from wikiagent.evals.golden import Golden
from wikiagent.evals.interval import ratio
from wikiagent.evals.metrics import AT, METRICS
from wikiagent.evals.report import plots
from wikiagent.evals.report.result import Result
from wikiagent.evals.rows import Scores

#: Characters of a page that stand beside a golden.
_EXCERPT = 900
#: What a page costs, as far as it is known: the first of these that was measured.
_COSTS = ("cost", "tokens", "seconds")


class Miss(NamedTuple):
    """A golden that no page shows, and the page that comes closest."""

    golden: Golden
    page: str
    how: str
    excerpt: str


def as_html(result: Result, goldens: Sequence[Golden], pages: Mapping[str, str], others: Mapping[str, Scores]) -> str:
    """A run as HTML.

    Args:
        result: the run.
        goldens: the goldens with their quotes.
        pages: what pages say, by name; those that a miss is shown beside.
        others: the rows of other runs, by id, that it is shown among.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    known = {golden.id: golden for golden in goldens}
    misses = [
        Miss(known[row.id], row.near.page, row.near.how, pages.get(row.near.page, "")[:_EXCERPT])
        if row.near
        else Miss(known[row.id], "", "", "")
        for row in result.missed()
        if row.id in known
    ]
    drawn = [plots.recall_by_pages(result.scores), plots.metrics_by_type(result)]
    if beside := _cost(result, others):
        drawn.append(beside)
    templates = Templates(
        loader=PackageLoader("wikiagent.evals.report"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    text = templates.get_template("report.html.j2").render(
        result=result,
        misses=misses,
        plots=[Markup(svg) for svg in drawn],  # noqa: S704 - we have drawn them
    )
    return f"{text}\n"


def _cost(result: Result, others: Mapping[str, Scores]) -> str:
    """The plot of cost against quality by the first measure of cost that this run has; empty for none."""
    for measure in _COSTS:
        curves = [_curve(name, scores, measure) for name, scores in {result.id: result.scores, **others}.items()]
        if curves[0] is not None:
            return plots.cost_and_quality([curve for curve in curves if curve is not None], measure)
    return ""


def _curve(name: str, scores: Scores, measure: str) -> plots.Curve | None:
    """What the first pages of a run cost, against their recall; None where that is not known."""
    each, pages = ratio(METRICS[measure].units(scores)), len({page.name for page in scores.leaves})
    if each is None or not scores.goldens:
        return None
    recalls = [(first, ratio(METRICS[f"recall@{first}"].units(scores)) or 0.0) for first in AT]
    return plots.Curve(name, [(each * min(first, pages), recall) for first, recall in recalls])
