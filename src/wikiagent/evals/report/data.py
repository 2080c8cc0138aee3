"""A run, two runs or a list of runs as JSON; docs/schemas/ describes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from wikiagent.evals.compare import Compared
from wikiagent.evals.guards import BELOW, PASS, REGRESSION
from wikiagent.evals.interval import Interval
from wikiagent.evals.report.result import Result
from wikiagent.evals.runs import Run

_VERDICTS = {PASS: "pass", BELOW: "below", REGRESSION: "regression"}


def as_json(result: Result) -> str:
    """A run as one JSON value."""
    info = result.info
    data = {
        "run": result.id,
        "config": info.config.name,
        "source": info.source,
        "drafter": info.drafter or None,
        "model": info.model or None,
        "trials": len({row.trial for row in result.scores.goldens}),
        "pages": len(result.scores.leaves),
        "goldens": len({row.id for row in result.scores.goldens}),
        "lost": list(info.lost),
        "verdict": _VERDICTS.get(result.status, "unmeasured"),
        "metrics": [
            {
                "name": each.metric.name,
                "about": each.metric.about,
                "better": each.metric.better,
                "value": each.value,
                **_ends(each.interval),
            }
            for each in result.figures
        ],
        "by_type": [
            {"type": kind, "metric": name, "value": value, **_ends(ends)}
            for kind, told in result.by_type().items()
            for name, (value, ends) in told.items()
        ],
        "guards": [
            {
                "kind": guard.kind,
                "metric": guard.metric.name,
                "bound": guard.bound,
                "value": guard.value,
                "met": guard.met,
            }
            for guard in result.guards
        ],
        "missed": [
            {
                "id": row.id,
                "type": row.type,
                "importance": row.importance,
                "places": list(row.places),
                "near": _near(row),
            }
            for row in result.missed()
        ],
        "unscored": [row.model_dump(exclude={"row"}) for row in result.scores.unscored],
    }
    return json.dumps(data, ensure_ascii=False)


def _near(row: Any) -> dict[str, str] | None:
    return row.near.model_dump() if row.near else None


def _ends(interval: Interval | None) -> dict[str, float | None]:
    return {"low": interval.low, "high": interval.high} if interval else {"low": None, "high": None}


def comparison_as_json(a: Run, b: Run, compared: Sequence[Compared]) -> str:
    """Two runs as one JSON value."""
    rows = []
    for each in compared:
        found = each.difference
        rows.append(
            {
                "name": each.metric.name,
                "better": each.metric.better,
                "a": found.a if found else None,
                "b": found.b if found else None,
                "change": found.change if found else None,
                **_ends(found.interval if found else None),
                "verdict": each.verdict,
            }
        )
    return json.dumps({"a": a.id, "b": b.id, "source": a.info.source, "metrics": rows})


def runs_as_json(runs: Sequence[Run]) -> str:
    """A list of runs as one JSON value."""
    rows = [
        {
            "id": run.id,
            "config": run.info.config.name,
            "source": run.info.source,
            "drafter": run.info.drafter or None,
            "started": run.info.started,
            "finished": run.is_finished,
        }
        for run in runs
    ]
    return json.dumps({"runs": rows})
