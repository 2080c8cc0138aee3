"""What a run is held against: the thresholds of its configuration, and a baseline that is committed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from wikiagent.errors import ConfigError
from wikiagent.evals.metrics import METRICS, Figure, Metric
from wikiagent.evals.runs import RunInfo, write

#: Exit statuses of an evaluation, besides those of errors.
PASS, BELOW, UNMEASURED, REGRESSION = 0, 1, 2, 3


class Guard(NamedTuple):
    """One comparison: a metric's value with a bound.

    Attributes:
        kind: where the bound comes from.
        metric: the metric.
        bound: the threshold, or the value of the baseline.
        value: the value; None where nothing was measured.
        met: whether it is not worse; None where nothing was measured.
    """

    kind: Literal["threshold", "baseline"]
    metric: Metric
    bound: float
    value: float | None
    met: bool | None

    def __str__(self) -> str:
        value = "not measured" if self.value is None else f"{self.value:.4f}"
        if self.kind == "baseline":
            return f"{self.metric.name} was {self.bound:.4f} in the baseline and is {value}"
        return (
            f"{self.metric.name} is {value}, and is to be at {'least' if _more(self.metric) else 'most'} {self.bound:g}"
        )


class BaselineEval(BaseModel):
    """The values of one evaluation, and what they were measured on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    goldens: str
    drafter: str
    limit: int
    values: dict[str, float]


class Baseline(BaseModel):
    """The file of a baseline: evaluations by the names of their configurations."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    evals: dict[str, BaselineEval] = {}


def read_baseline(file: Path) -> Baseline:
    """Read a baseline.

    Raises:
        ConfigError: it is none, or of an older form.
    """
    try:
        return Baseline.model_validate_json(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}.") from error
    except ValidationError as error:
        raise ConfigError(f"{file} is no baseline of this version. Write it anew with --update-baseline.") from error


def update_baseline(file: Path, info: RunInfo, figures: Sequence[Figure]) -> None:
    """Write what was measured into a baseline; the other evaluations in it stay.

    Raises:
        ConfigError: the file is there and is none.
    """
    known = read_baseline(file).evals if file.exists() else {}
    values = {each.metric.name: each.value for each in figures if each.value is not None and _is_kept(each.metric)}
    now = _measured_on(info).model_copy(update={"values": values})
    evals = dict(sorted({**known, info.config.name: now}.items()))
    write(file, Baseline(evals=evals).model_dump_json(indent=2) + "\n")


def _is_kept(metric: Metric) -> bool:
    return metric.better != "none" and not metric.is_cost


def _measured_on(info: RunInfo) -> BaselineEval:
    config = info.config
    return BaselineEval(source=info.source, goldens=info.goldens, drafter=config.drafter, limit=config.limit, values={})


def thresholds(bounds: Mapping[str, float], figures: Sequence[Figure]) -> list[Guard]:
    """The values against the thresholds of the configuration."""
    values = {each.metric.name: each.value for each in figures}
    return [
        Guard("threshold", METRICS[name], bound, values[name], _meets(METRICS[name], values[name], bound))
        for name, bound in bounds.items()
    ]


def _meets(metric: Metric, value: float | None, bound: float) -> bool | None:
    if value is None:
        return None
    return value >= bound if _more(metric) else value <= bound


def _more(metric: Metric) -> bool:
    return metric.better == "more"


def regressions(baseline: BaselineEval, info: RunInfo, figures: Sequence[Figure]) -> list[Guard]:
    """The values against those of a baseline.

    Where the drafter gives the same pages each time, a value is worse when it is worse by more than the slack of its
    metric; else only when its whole interval is.

    Raises:
        ConfigError: the baseline was measured on something else.
    """
    mine = _measured_on(info)
    for key in ("source", "goldens", "drafter", "limit"):
        if getattr(mine, key) != getattr(baseline, key):
            was = "" if key == "goldens" else f" ({getattr(baseline, key)})"
            raise ConfigError(
                f"The baseline of {info.config.name} was measured with other {key}{was}: nothing can be compared. "
                f"Write it anew with --update-baseline."
            )
    found = []
    for name, bound in baseline.values.items():
        figure = next((each for each in figures if each.metric.name == name), None)
        if figure is not None and (figure.value is not None or not figure.metric.needs_judge):
            found.append(Guard("baseline", figure.metric, bound, figure.value, _as_good(figure, bound, info)))
    return found


def _as_good(figure: Figure, bound: float, info: RunInfo) -> bool:
    """Whether a value is not worse than that of the baseline; one that is no longer measured is."""
    if figure.value is None:
        return False
    value = figure.value
    if not info.config.is_deterministic and figure.interval:
        value = figure.interval.high if _more(figure.metric) else figure.interval.low
    worse = bound - value if _more(figure.metric) else value - bound
    return worse <= figure.metric.slack + 1e-6


def status(guards: Sequence[Guard]) -> int:
    """The exit status that guards lead to: a regression tells most."""
    if any(guard.kind == "baseline" and not guard.met for guard in guards):
        return REGRESSION
    if any(guard.met is None for guard in guards):
        return UNMEASURED
    return BELOW if any(not guard.met for guard in guards) else PASS
