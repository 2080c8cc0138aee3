"""A run, or two, as a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO

from rich.console import Console
from rich.table import Table

from wikiagent.evals.compare import Compared
from wikiagent.evals.interval import Interval
from wikiagent.evals.report.result import Result
from wikiagent.evals.runs import Run

_WIDTH = 118


def as_table(result: Result) -> str:
    """A run: its metrics with their bounds, by type, and what it missed."""
    info = result.info
    goldens = len({row.id for row in result.scores.goldens})
    unseen = len({row.id for row in result.scores.goldens if not row.seen})
    lines = [
        f"{result.id}: {info.source}, {info.written_by}, "
        f"{len(result.scores.leaves)} pages, {goldens} goldens ({unseen} unseen)",
        _metrics(result),
    ]
    if info.lost:
        lines.append(f"{len(info.lost)} goldens are not counted, for the source does not have their evidence.")
    if result.scores.unscored:
        lines.append(f"{len(result.scores.unscored)} unscored, because a call failed; they count nowhere:")
        lines += [f"  {row.what} (trial {row.trial}): {row.why}" for row in result.scores.unscored]
    missed = result.missed()
    if missed:
        lines.append(f"Missed: {len(missed)} of {goldens} goldens")
        lines += [f"  {row.importance:g}  {row.id} ({row.places[0]})" for row in missed]
    lines += [f"Not met: {guard}." for guard in result.guards if not guard.met]
    return "\n".join(lines)


def _metrics(result: Result) -> str:
    by_type = result.by_type()
    table = Table("metric", box=None, pad_edge=False)
    for title in ("value", "95 % interval", "Environment", "Heuristic", "at least", "baseline"):
        table.add_column(title, justify="right")
    bounds = {(guard.kind, guard.metric.name): guard for guard in result.guards}
    for each in result.figures:
        name = each.metric.name
        threshold, before = bounds.get(("threshold", name)), bounds.get(("baseline", name))
        types = (by_type[kind].get(name) for kind in ("Environment", "Heuristic"))
        table.add_row(
            name,
            _number(each.value),
            _ends(each.interval),
            *(_number(found[0]) if found else "" for found in types),
            f"{threshold.bound:g}{'' if threshold.met else ' !'}" if threshold else "",
            f"{_number(before.bound)}{'' if before.met else ' !'}" if before else "",
        )
    return _printed(table)


def comparison_as_table(a: Run, b: Run, compared: Sequence[Compared]) -> str:
    """Two runs, metric by metric."""
    table = Table("metric", box=None, pad_edge=False)
    for title in (a.id, b.id, "change", "95 % interval", "verdict"):
        table.add_column(title, justify="right")
    for each in compared:
        if each.difference:
            found = each.difference
            change = f"{found.change:+.4f}"
            table.add_row(
                each.metric.name, _number(found.a), _number(found.b), change, _ends(found.interval), each.verdict
            )
    told = {each.verdict for each in compared} & {"better", "worse", "different"}
    return _printed(table) + ("" if told else "\nNo difference that is more than noise.")


def _printed(table: Table) -> str:
    out = StringIO()
    Console(file=out, width=_WIDTH, highlight=False, markup=False, no_color=True).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip("\n").split("\n"))


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.4f}" if abs(value) < 100 else f"{value:.0f}"


def _ends(interval: Interval | None) -> str:
    return f"{_number(interval.low)} … {_number(interval.high)}" if interval else ""
