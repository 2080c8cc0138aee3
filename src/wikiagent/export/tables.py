"""Tables: the lines of a table as rows of cells, in MediaWiki and in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

_KEPT = r"`[^`]*`|<code>.*?</code>|\[\[[^\]]*\]\]"
_WIKI_BAR = re.compile(rf"{_KEPT}|(?P<bar>\|\||!!)", re.I)
_BAR = re.compile(rf"\\\||{_KEPT}|(?P<bar>\|)", re.I)
_ATTRIBUTES = re.compile(r"\s*(?:[\w\-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'|]+)\s*)+\|(?!\|)")


@dataclass
class RawCell:
    """A cell of MediaWiki as it is written: the text behind its bar, and the lines below."""

    header: bool
    text: str
    below: list[str] = field(default_factory=list)


def wiki_rows(lines: Iterable[str]) -> tuple[str, list[list[RawCell]]]:
    """The caption and the rows between `{|` and `|}`; attributes of cells and rows are left out."""
    caption = ""
    rows: list[list[RawCell]] = [[]]
    for line in lines:
        start = line.lstrip()
        if start.startswith("|+"):
            caption = _without_attributes(start[2:])
        elif start.startswith("|-"):
            rows.append([])
        elif start.startswith(("|", "!")):
            header = start[0] == "!"
            body = start.removeprefix("||") if start.startswith("||") else start[1:]
            rows[-1] += [RawCell(header, _without_attributes(text).strip()) for text in _split(body, _WIKI_BAR, header)]
        elif rows[-1]:
            rows[-1][-1].below.append(line)
        elif line.strip():
            rows[-1].append(RawCell(False, line.strip()))
    return caption.strip(), [row for row in rows if row]


def markdown_rows(lines: Iterable[str]) -> list[list[str]]:
    r"""The cells of the rows of a Markdown table: as many in each as in the first, `\|` as a bar."""
    rows = [_markdown_cells(line) for line in lines]
    width = len(rows[0])
    rows = [row + [""] * (width - len(row)) for row in rows]
    return [[*row[: width - 1], " | ".join(row[width - 1 :])] for row in rows]


def _markdown_cells(line: str) -> list[str]:
    line = line.strip().removeprefix("|")
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    return [cell.strip().replace("\\|", "|") for cell in _split(line, _BAR, True)]


def _split(text: str, bar: re.Pattern[str], header: bool) -> list[str]:
    """The text cut at its bars, outside of code and links; `!!` counts in headers only."""
    cells, end = [], 0
    for found in bar.finditer(text):
        if found["bar"] and (header or found["bar"] != "!!"):
            cells.append(text[end : found.start()])
            end = found.end()
    return [*cells, text[end:]]


def _without_attributes(cell: str) -> str:
    found = _ATTRIBUTES.match(cell)
    return cell[found.end() :] if found else cell
