"""The plots of the report, as SVG to be put into a page; matplotlib draws them, of the extra `wikiagent[evals]`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, NamedTuple

from wikiagent.errors import ConfigError
from wikiagent.evals.interval import interval, ratio
from wikiagent.evals.metrics import AT, recall_units
from wikiagent.evals.report.result import Result
from wikiagent.evals.rows import Scores

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FIRST, _SECOND, _MUTED = "#0b5cad", "#c2571a", "#6b7280"


class Curve(NamedTuple):
    """A run beside others: what so many pages cost, and the recall that they have."""

    name: str
    points: list[tuple[float, float]]


@contextmanager
def _axes(title: str, width: float = 6.4) -> Iterator[tuple[Axes, list[str]]]:
    """Axes to draw on; the SVG is put into the list.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ConfigError(
            "The HTML report needs matplotlib: pip install 'wikiagent[evals]'. All other outputs come without it."
        ) from error
    # ids are derived from the salt and glyphs drawn as paths, so that the same rows give the same bytes anywhere
    with mpl.rc_context({"svg.hashsalt": "wikiagent", "svg.fonttype": "path", "font.size": 9}):
        figure = Figure(figsize=(width, 3.6), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        axes.set_title(title, loc="left", fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
        drawn: list[str] = []
        yield axes, drawn
        out = StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
        drawn.append(_inline(out.getvalue(), title))


def _inline(svg: str, title: str) -> str:
    """An SVG file as a part of a page: without prologue, as wide as there is room, with a name; ids are its own."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'<svg ([^>]*?)width="[^"]*" height="[^"]*"|<svg height="[^"]*"', r"<svg \1", svg, count=1)
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.S)
    mark = re.sub(r"\W+", "-", title.lower())
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{mark}-\1"', svg)
    svg = re.sub(r'(href="|url\()#', rf"\1#{mark}-", svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{title}" ', 1)


def recall_by_pages(scores: Scores) -> str:
    """Recall against the number of pages that are read, plain and weighted, with intervals where it is reported.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    most = max([len({page.name for page in scores.leaves}), *AT[:1]])
    with _axes("Recall against pages") as (axes, drawn):
        for weighted, color, label in ((False, _FIRST, "goldens"), (True, _SECOND, "weighted by importance")):
            curve = [ratio(recall_units(first, weighted)(scores)) or 0.0 for first in range(most + 1)]
            axes.plot(range(most + 1), curve, color=color, label=label, linewidth=1.6)
        for first in AT:
            units = list(recall_units(first, False)(scores))
            ends, value = interval(units), ratio(units)
            if ends and value is not None and first <= most:
                axes.errorbar(
                    [first], [value], [[value - ends.low], [ends.high - value]], color=_FIRST, fmt="o", ms=3, capsize=3
                )
        axes.set(xlabel="pages, the highest ranked first", ylabel="recall", ylim=(0, 1.02), xlim=(0, None))
        axes.grid(axis="y", alpha=0.3)
        axes.legend(frameon=False, loc="lower right")
    return drawn[0]


def metrics_by_type(result: Result) -> str:
    """Metrics of Environments beside those of Heuristics, with intervals.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    told = result.by_type()
    names = list(dict.fromkeys(name for found in told.values() for name in found))
    with _axes("Metrics by type", 7.4) as (axes, drawn):
        for shift, (kind, color) in enumerate((("Environment", _FIRST), ("Heuristic", _SECOND))):
            found = [(at + 0.4 * shift, *told[kind][name]) for at, name in enumerate(names) if name in told[kind]]
            axes.bar([x for x, _, _ in found], [value for _, value, _ in found], 0.38, color=color, label=kind)
            for x, value, ends in found:
                if ends:
                    low, high = max(0.0, value - ends.low), max(0.0, ends.high - value)
                    axes.errorbar([x], [value], [[low], [high]], color="black", fmt="none", capsize=2, linewidth=0.8)
        axes.set_xticks([at + 0.2 for at in range(len(names))], [name.replace("@", "\n@") for name in names])
        axes.set_ylim(0, 1.02)
        axes.legend(frameon=False)
    return drawn[0]


def cost_and_quality(curves: Sequence[Curve], measure: str) -> str:
    """Runs as curves: what the first pages cost, against their recall; the first one is this run.

    Raises:
        ConfigError: matplotlib is not installed.
    """
    with _axes("Cost against quality") as (axes, drawn):
        for number, curve in enumerate(curves):
            label = {0: curve.name, 1: "other runs"}.get(number, "_")
            color, alpha = (_FIRST, 1.0) if number == 0 else (_MUTED, 0.5)
            axes.plot(*zip(*curve.points, strict=True), "o-", ms=4, linewidth=1, label=label, color=color, alpha=alpha)
        pages = ", ".join(map(str, AT))
        axes.set(xlabel=f"{measure} of the first {pages} pages", ylabel="recall", ylim=(0, 1.02), xlim=(0, None))
        axes.grid(alpha=0.3)
        axes.legend(frameon=False, loc="lower right")
    return drawn[0]
