"""Metrics, on rows that are written by hand."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest

from tests.docs.text import ROOT
from wikiagent.errors import ConfigError, StoreError
from wikiagent.evals.config import EvalConfig
from wikiagent.evals.interval import ratio
from wikiagent.evals.metrics import METRICS, figures, metric_named
from wikiagent.evals.report.result import Result
from wikiagent.evals.rows import (
    DraftRow,
    GoldenRow,
    Judged,
    PageRow,
    Scores,
    Shown,
    TrialRow,
    UnscoredRow,
    read,
    written,
)
from wikiagent.evals.runs import Run, RunInfo


def golden(name: str, *ranks: int | None, **changes: Any) -> GoldenRow:
    shown = tuple(Shown(page=f"p{n}{rank}", rank=rank, overlap=1, told=False) for n, rank in enumerate(ranks))
    told = {"trial": 1, "id": name, "type": "Heuristic", "title": name, "insight": name, "importance": 1, "seen": False}
    return GoldenRow.model_validate({**told, "places": ("a.py:1",), "shown": shown, **changes})


def page(name: str, rank: int | None = None, **changes: Any) -> PageRow:
    return PageRow.model_validate(
        {"trial": 1, "file": f"heuristics/{name}.md", "name": name, "type": "Heuristic", "rank": rank, **changes}
    )


def ranked(number: int) -> tuple[PageRow, ...]:
    return tuple(page(f"p{rank}", rank) for rank in range(1, number + 1))


def value(name: str, scores: Scores) -> float | None:
    return ratio(METRICS[name].units(scores))


def test_recall_counts_the_first_pages() -> None:
    scores = Scores((golden("a", 3), golden("b", 20), golden("c", 21, 90), golden("d")), ranked(130))
    assert [value(f"recall@{first}", scores) for first in (20, 40, 80, 120)] == [0.5, 0.75, 0.75, 0.75]


def test_recall_is_weighted_by_importance() -> None:
    scores = Scores((golden("a", 1, importance=5), golden("b", importance=3)), ranked(1))
    assert value("recall_weighted@20", scores) == 5 / 8


def test_recall_of_what_nobody_tuned_to() -> None:
    scores = Scores((golden("a", 1, seen=True), golden("b", 1), golden("c")), ranked(1))
    assert value("recall_unseen@120", scores) == 0.5


def test_told_needs_a_page_that_tells() -> None:
    told = Shown(page="p", rank=2, overlap=1, told=True)
    scores = Scores((golden("a", 1), golden("b", 1, shown=(told,))), ranked(2))
    assert value("told@120", scores) == 0.5


def test_pages_without_a_rank_count_as_in_all_orders() -> None:
    """The mean over all orders of the pages without a rank, by trying them."""
    pages = (*ranked(18), *(page(f"u{n}") for n in range(5)))  # room for two of the five among the first 20
    scores = Scores((golden("a", None, None),), pages)
    orders = list(itertools.permutations(range(5), 2))
    assert value("recall@20", scores) == pytest.approx(sum(min(order) < 2 for order in orders) / len(orders), abs=1e-6)
    assert value("recall@40", scores) == 1
    shown = [page("u0", shows=("a",)), *(page(f"u{n}") for n in range(1, 5))]
    assert value("precision@20", Scores((), (*ranked(18), *shown))) == pytest.approx(2 / 5 / 20, abs=1e-6)


def test_precision_is_about_the_pages_that_there_are() -> None:
    pages = (page("a", 1, shows=("x", "y"), importance=5), page("b", 2), page("c", 21, shows=("x",), importance=2))
    assert value("precision@20", Scores((), pages)) == 0.5
    assert value("precision@40", Scores((), pages)) == pytest.approx(2 / 3, abs=1e-6)
    assert value("precision_weighted@40", Scores((), pages)) == pytest.approx((1 + 0.4) / 3, abs=1e-6)


def test_what_could_not_be_scored_is_no_zero() -> None:
    lost = golden("b", unscored="its page was not written", facts={"x": False}, judged=(False,))
    scores = Scores((golden("a", 1, facts={"x": True}, judged=(True, None)), lost), ranked(1))
    for name in ("recall@20", "recall_weighted@120", "facts", "facts_judged"):
        assert value(name, scores) == 1, name


def test_links_are_compared_by_f1() -> None:
    scores = Scores((golden("a", 1, links=(2, 1, 1)), golden("b", 1, links=(0, 0, 2)), golden("c", links=None)))
    assert value("link_f1", scores) == 4 / 8


def test_findings_are_counted_a_page_and_indexes_are_none() -> None:
    index = PageRow(trial=1, file="_HeuristicIndex.md", name="_HeuristicIndex.md", type="", findings={"IDX004": 1})
    pages = (page("a", findings={"CLM001": 2, "LNK002": 1, "SCH001": 1}), page("b", findings={"NAM001": 1}), index)
    expected = {"unsupported_numbers": 1, "findings_links": 0.5, "findings_schema": 1, "findings_index": 0.5}
    assert {name: value(name, Scores((), pages)) for name in expected} == expected


def test_every_rule_belongs_to_one_metric_at_most() -> None:
    from wikiagent.check.rules import RULES

    named = ("unsupported_numbers", "unknown_identifiers", *(name for name in METRICS if name.startswith("findings_")))
    counted = {}
    for code in RULES:
        scores = Scores((), (page("a", findings={code: 1}),))
        counted[code] = sum(value(name, scores) or 0 for name in named)
    assert {code for code, times in counted.items() if times != 1} == {"CLM004", "DRF001", "DRF002"}


def test_what_a_judge_did_not_answer_does_not_count() -> None:
    judged = Judged(supported=(True, False, None), needed=(True, None))
    scores = Scores((), (page("a", judged=judged), page("b")))
    assert value("citation_recall", scores) == 0.5
    assert value("citation_precision", scores) == 1


def test_without_a_judge_or_a_model_nothing_is_measured() -> None:
    scores = Scores((golden("a", 1, facts={"x": False}),), ranked(1), (DraftRow(trial=1, name="a", rank=1,
                    clean_at_first=False, stands=True),), trials=(TrialRow(trial=1),))  # fmt: skip
    nothing = {each.metric.name for each in figures(scores) if each.value is None}
    judged = {"facts_judged", "citation_recall", "citation_precision"}
    assert judged | {"tokens", "cost", "seconds"} <= nothing
    assert not nothing & {"facts", "pass_first", "pass_repaired"}


def test_trials_are_averaged() -> None:
    rows = (golden("a", 1), golden("a", trial=2), golden("b", trial=2), golden("b"))
    assert value("recall@20", Scores(rows, ranked(1))) == 0.25


def test_an_unknown_metric_has_a_near_one() -> None:
    with pytest.raises(ConfigError, match=r"There is no metric recal@20\. Did you mean recall@20\?"):
        metric_named("recal@20")


def test_all_metrics_are_defined_in_the_text() -> None:
    text = (ROOT / "docs" / "evals.md").read_text("utf-8")
    text = re.sub(r"<!-- figures -->.*<!-- /figures -->", "", text, flags=re.S)
    described = set(re.findall(r"^\| `([a-z_0-9]+(?:@N|@120)?)`", text, re.M))
    assert described == {re.sub(r"(?<!unseen)(?<!told)@\d+$", "@N", name) for name in METRICS}


def test_rows_read_back_as_they_were_written() -> None:
    scores = Scores(
        (golden("a", 1, None, facts={"“x”\n": True}),),
        (page("p", judged=Judged(supported=(None,))),),
        (DraftRow(trial=1, name="d", rank=1, clean_at_first=True, stands=True, cost=0.5),),
        (UnscoredRow(trial=1, what="a page", why="it failed"),),
        (TrialRow(trial=1, seconds=1.5, pages=1),),
    )
    assert read(written(scores), "rows") == scores
    with pytest.raises(StoreError, match=r"rows, line 2 is no row of an evaluation"):
        read(written(scores).split("\n", 1)[0] + '\n{"row": "else"}\n', "rows")


def test_by_type_is_a_part_of_the_whole() -> None:
    """Also where the pages have no order: a page of one type may stand behind those of the other."""
    config = EvalConfig(name="zoo", source="pypi:zoo==1.0", goldens="g")
    told = {"digest": "d", "goldens": "g", "wiki": "w", "model": "", "lost": (), "started": ""}
    info = RunInfo(config=config, source=config.source, **told)
    goldens = (golden("a", None), golden("b", type="Environment"), golden("c", 1, type="Environment"))
    pages = (page("e", type="Environment", shows=("c",)), *(page(f"p{n}", shows=("a",)) for n in range(239)))
    scores = Scores(goldens, pages)
    found = Result.of(Run(Path("zoo-1"), info), scores).by_type()
    assert found["Heuristic"]["recall@120"][0] == 0.5
    assert found["Environment"]["recall@120"][0] == 0.5
    assert found["Environment"]["precision@120"][0] == found["Heuristic"]["precision@120"][0] == 1
