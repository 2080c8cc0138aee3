"""How a benchmark shows what it measured: tables, and bars that are met or missed."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
STORE = ROOT / "store"
PEFT = "pypi:peft==0.18.1"


@dataclass(frozen=True)
class Bar:
    """A bar, in words with the figure that was measured, and whether it is met."""

    text: str
    met: bool


@dataclass(frozen=True)
class Table:
    """What was measured.

    Attributes:
        title: what of.
        about: how, in a sentence or two.
        columns: their heads; the first is the name of a row.
        rows: as they are shown.
        bars: what had to be reached.
    """

    title: str
    about: str
    columns: list[str]
    rows: list[list[str]]
    bars: list[Bar] = field(default_factory=list)

    def __str__(self) -> str:
        """The table in Markdown."""
        widths = [max(len(row[n]) for row in [self.columns, *self.rows]) for n in range(len(self.columns))]
        lines = [f"### {self.title}", "", self.about, "", _row(self.columns, widths)]
        lines.append(f"|{'-' * (widths[0] + 2)}|" + "".join(f"{'-' * (width + 1)}:|" for width in widths[1:]))
        lines += [_row(row, widths) for row in self.rows]
        if self.bars:
            lines += ["", *(f"- {'met' if bar.met else '**missed**'}: {bar.text}" for bar in self.bars)]
        return "\n".join([*lines, ""])


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = (
        cell.ljust(width) if not n else cell.rjust(width)
        for n, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )
    return "| " + " | ".join([first, *rest]) + " |"


def arguments(description: str | None) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    cli = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--store", type=Path, default=STORE, help="where sources are kept (default: store/)")
    cli.add_argument("--full", action="store_true", help="the slow parts, too")
    cli.add_argument("--json", type=Path, help="write the tables to this file as well")
    return cli


def show(tables: Iterator[Table], file: Path | None) -> None:
    """Print tables as they come; write all of them to a file at the end."""
    shown = []
    for table in tables:
        print(table, flush=True)
        shown.append(asdict(table))
    if file:
        file.write_text(json.dumps(shown), encoding="utf-8")


def tables_of(text: str) -> list[Table]:
    """The tables that `show` wrote to a file."""
    return [Table(**{**row, "bars": [Bar(**bar) for bar in row["bars"]]}) for row in json.loads(text)]


def run(description: str | None, measure: Callable[[argparse.Namespace], Iterator[Table]]) -> None:
    """The command line of a benchmark without options of its own."""
    args = arguments(description).parse_args()
    show(measure(args), args.json)


def note(message: str) -> None:
    """Tell on standard error what is being done."""
    print(message, file=sys.stderr, flush=True)
