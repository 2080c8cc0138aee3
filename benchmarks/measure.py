"""What the benchmarks share: seconds, memory, measures of a ranking, and intervals."""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np


@dataclass(frozen=True)
class Seconds:
    """How long several runs of one thing took: the best is what the code can do, the rest is what the machine did."""

    all: tuple[float, ...]

    @property
    def best(self) -> float:
        return min(self.all)

    @property
    def median(self) -> float:
        return float(np.median(self.all))

    def __str__(self) -> str:
        """The best, and how far the worst was above it."""
        spread = f" (+{100 * (max(self.all) / self.best - 1):.0f} %)" if len(self.all) > 1 and self.best else ""
        return f"{self.best:.2f}{spread}" if self.best >= 0.1 else f"{self.best:.4f}{spread}"


class Child(NamedTuple):
    """A command that ran in a process of its own.

    Attributes:
        seconds: from its start to its end.
        megabytes: the most memory that it held (resident set), in MB of 10^6 bytes.
        output: what it printed.
    """

    seconds: float
    megabytes: float
    output: str


def child(command: Sequence[str], *, statuses: Sequence[int] = (0,), given: str = "") -> Child:
    """Run a command to its end, with a text on its standard input.

    Raises:
        SystemExit: its exit status is none of `statuses`.
    """
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as report:
        launch = [sys.executable, "-I", "-S", str(Path(__file__).with_name("launch.py")), report.name]
        done = subprocess.run([*launch, *command], input=given, capture_output=True, text=True, check=False)
        told = report.read()
    seconds, held, status = json.loads(told) if told else (0.0, 0, done.returncode)
    if status not in statuses:
        sys.exit(f"{' '.join(command)}: exit status {status}\n{done.stderr[-2000:]}")
    return Child(seconds, held / 1e6, done.stdout)


def part(module: str, *arguments: str) -> tuple[dict[str, Any], float]:
    """Run `python -m MODULE ARGUMENTS` in a process of its own: the JSON object that it prints last, and its MB."""
    done = child([sys.executable, "-m", module, *arguments])
    return json.loads(done.output.strip().rsplit("\n", 1)[-1]), done.megabytes


def recall_at(relevant: Sequence[bool], k: int) -> float:
    """1 where one of the first k is relevant, else 0: a query is answered by one good hit."""
    return float(any(relevant[:k]))


def reciprocal_rank(relevant: Sequence[bool]) -> float:
    """1 over the rank of the first that is relevant; 0 where none is."""
    return next((1 / rank for rank, good in enumerate(relevant, 1) if good), 0.0)


def ndcg_at(relevant: Sequence[bool], k: int, of: int) -> float:
    """Normalized discounted cumulative gain of the first k, where `of` things are relevant in all (Järvelin 2002)."""
    gain = sum(1 / math.log2(rank + 1) for rank, good in enumerate(relevant[:k], 1) if good)
    best = sum(1 / math.log2(rank + 1) for rank in range(1, min(k, of) + 1))
    return gain / best if best else 0.0


class Interval(NamedTuple):
    """A mean and its 95 % interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def interval(values: Sequence[float], clusters: Sequence[str] | None = None, resamples: int = 2000) -> Interval:
    """The mean of values with its percentile bootstrap interval; the same values give the same interval.

    Args:
        values: at least one.
        clusters: what each value belongs to, where several stand for one thing; whole clusters are drawn.
        resamples: how many samples are drawn.
    """
    names = list(clusters) if clusters is not None else [str(number) for number in range(len(values))]
    index = {name: number for number, name in enumerate(dict.fromkeys(names))}
    of = np.array([index[name] for name in names])
    totals = np.bincount(of, weights=values, minlength=len(index))
    sizes = np.bincount(of, minlength=len(index))
    drawn = np.random.default_rng(7).integers(len(index), size=(resamples, len(index)))
    means = totals[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(np.mean(values)), float(low), float(high))


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """How the cost grows from the first size to the last: 1 is linear, 2 is quadratic."""
    return math.log(costs[-1] / costs[0]) / math.log(sizes[-1] / sizes[0])
