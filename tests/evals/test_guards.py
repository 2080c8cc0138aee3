"""Thresholds, the baseline, and the exit status."""

from __future__ import annotations

from pathlib import Path

import pytest

from wikiagent.errors import ConfigError
from wikiagent.evals.config import EvalConfig
from wikiagent.evals.guards import (
    BELOW,
    PASS,
    REGRESSION,
    UNMEASURED,
    BaselineEval,
    read_baseline,
    regressions,
    status,
    thresholds,
    update_baseline,
)
from wikiagent.evals.interval import Interval
from wikiagent.evals.metrics import METRICS, Figure
from wikiagent.evals.runs import RunInfo


def info(**changes: object) -> RunInfo:
    config = EvalConfig.model_validate({"name": "zoo", "source": "pypi:zoo==1.0", "goldens": "g.yaml", **changes})
    return RunInfo(config=config, source=config.source, digest="d", goldens="g", wiki="", model="", lost=(), started="")


def figure(name: str, value: float | None, low: float = 0, high: float = 1) -> Figure:
    return Figure(METRICS[name], value, Interval(low, high))


def before(**values: float) -> BaselineEval:
    named = {name.replace("_at_", "@"): value for name, value in values.items()}
    return BaselineEval(source="pypi:zoo==1.0", goldens="g", drafter="extractive", limit=120, values=named)


def test_thresholds_are_bounds_from_below_or_above() -> None:
    told = [figure("recall@120", 0.8), figure("unsupported_numbers", 0.1)]
    assert status(thresholds({"recall@120": 0.8}, told)) == PASS
    assert status(thresholds({"recall@120": 0.81}, told)) == BELOW
    assert status(thresholds({"unsupported_numbers": 0.1}, told)) == PASS
    (guard,) = thresholds({"unsupported_numbers": 0}, told)
    assert status([guard]) == BELOW
    assert str(guard) == "unsupported_numbers is 0.1000, and is to be at most 0"


def test_a_threshold_on_what_was_not_measured_is_not_met() -> None:
    (guard,) = thresholds({"cost": 1}, [figure("cost", None)])
    assert status([guard]) == UNMEASURED
    assert "cost is not measured" in str(guard)


@pytest.mark.parametrize(
    ("name", "was", "now", "worse"),
    [
        ("recall_at_120", 0.80, 0.80, False),
        ("recall_at_120", 0.80, 0.9, False),
        ("recall_at_120", 0.80, 0.79, False),  # within the slack of a share
        ("recall_at_120", 0.80, 0.787, True),
        ("unsupported_numbers", 0.0, 0.008, True),
        ("unsupported_numbers", 0.1, 0.0, False),
        ("link_f1", 0.4, None, True),  # no longer measured
        ("citation_recall", 0.4, None, False),  # which only a judge measures
    ],
)
def test_worse_than_the_baseline(name: str, was: float, now: float | None, worse: bool) -> None:
    found = regressions(before(**{name: was}), info(), [figure(name.replace("_at_", "@"), now)])
    assert status(found) == (REGRESSION if worse else PASS)


def test_a_drafter_that_varies_is_held_to_its_interval() -> None:
    baseline = before(recall_at_120=0.8).model_copy(update={"drafter": "agent"})
    agent = info(drafter="agent")
    assert status(regressions(baseline, agent, [figure("recall@120", 0.7, 0.6, 0.81)])) == PASS
    assert status(regressions(baseline, agent, [figure("recall@120", 0.7, 0.6, 0.75)])) == REGRESSION


def test_a_regression_tells_more_than_a_threshold() -> None:
    told = [figure("recall@120", 0.5)]
    guards = [*thresholds({"recall@120": 0.8}, told), *regressions(before(recall_at_120=0.8), info(), told)]
    assert status(guards) == REGRESSION


@pytest.mark.parametrize(
    ("changes", "what"), [({"limit": 40}, r"limit \(120\)"), ({"drafter": "agent"}, r"drafter \(extractive\)")]
)
def test_a_baseline_of_something_else_is_refused(changes: dict[str, object], what: str) -> None:
    with pytest.raises(ConfigError, match=rf"measured with other {what}.*--update-baseline"):
        regressions(before(recall_at_120=0.8), info(**changes), [])


def test_other_goldens_are_something_else() -> None:
    other = before(recall_at_120=0.8).model_copy(update={"goldens": "x"})
    with pytest.raises(ConfigError, match="measured with other goldens: nothing can be compared"):
        regressions(other, info(), [])


def test_updating_keeps_the_other_evaluations(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    update_baseline(file, info(name="ape"), [figure("recall@120", 0.5)])
    told = [figure("recall@120", 0.8), figure("seconds", 3), figure("pages_per_golden", 2), figure("cost", None)]
    update_baseline(file, info(), told)
    known = read_baseline(file)
    assert {name: each.values for name, each in known.evals.items()} == {
        "ape": {"recall@120": 0.5},
        "zoo": {"recall@120": 0.8},
    }
    text = file.read_bytes()
    update_baseline(file, info(), told)
    assert file.read_bytes() == text


@pytest.mark.parametrize("text", ["", "{", '{"format": 0, "evals": {}}', '{"evals": {"zoo": 1}}'])
def test_what_is_no_baseline_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "baseline.json"
    file.write_text(text)
    with pytest.raises(ConfigError, match="is no baseline of this version"):
        read_baseline(file)
    with pytest.raises(ConfigError, match="is no baseline of this version"):
        update_baseline(file, info(), [])
    assert file.read_text() == text
