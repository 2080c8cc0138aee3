"""The statements of a section: its paragraphs, list items and table cells, cut behind references.

Tables may be of MediaWiki, with a row or a cell in a line, or of Markdown. Offsets count characters of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from wikiagent.wiki.markup import folded, one_line, plain


class Statement(NamedTuple):
    """A stretch of prose, up to the references behind it.

    Attributes:
        start, end: where it stands, without its references.
        section: title of the section; within a table also the column's.
        text: plain text, code between backticks.
        refs: ids of the evidence that it names.
        column: header of the column for a cell of a table, casefolded, else empty.
        row: offset of the table row or the list item that it belongs to.
    """

    start: int
    end: int
    section: str
    text: str
    refs: tuple[str, ...]
    column: str
    row: int


_REF = re.compile(r"""<ref\s+name\s*=\s*["']?([^"'<>/]*?)["']?\s*(?:/>|>\s*</ref>)""", re.I)
_REFS = re.compile(r"""(?:<ref\s+name\s*=\s*["']?[^"'<>/]*["']?\s*(?:/>|>\s*</ref>)\s*)+""", re.I)
_LINE = re.compile(r"[^\n]+|(?<=\n)(?=\n)")
_ITEM = re.compile(r"\s*(?:[*#:;]+|[-+](?=\s)|\d+[.)])\s+")
_LABEL = re.compile(r"(?:'''|\*\*)([^'*:]{1,40}?)(?::(?:'''|\*\*)|(?:'''|\*\*)\s*:)\s*")
_RULE = re.compile(r"\|?[\s:|-]*-[\s:|-]*\|?\s*")
_CELL = re.compile(r"\|\||!!")


def statements_in(text: str, start: int, end: int, title: str) -> Iterator[Statement]:
    """The statements in a stretch of text without code, below a heading with a title."""
    table = _Table(text, title)
    pending: list[tuple[int, int]] = []
    label, row = "", 0
    for line in _LINE.finditer(text[start:end]):
        begins, stripped = start + line.start(), line[0].strip()
        in_table = stripped.startswith(("|", "!", "{|"))
        item = None if in_table else _ITEM.match(line[0])
        if not stripped or in_table or item or stripped.startswith(("[[Category:", "----")):
            yield from _cut(text, pending, label or title, "", row)
            pending, label = [], ""
        if in_table:
            yield from table.statements(line[0], begins)
        elif not stripped:
            table = _Table(text, title)
        else:
            stop = begins + len(line[0])
            if not pending:
                row = begins
                begins += item.end() if item else 0
                if labelled := _LABEL.match(text, begins):
                    label, begins = labelled[1].strip(), labelled.end()
            pending.append((begins, stop))
    yield from _cut(text, pending, label or title, "", row)


class _Table:
    """A table that is being read, line by line."""

    def __init__(self, text: str, title: str) -> None:
        self.text = text
        self.title = title
        self.columns: list[str] = []
        self.row = 0
        self.cell = 0

    def statements(self, line: str, start: int) -> Iterator[Statement]:
        """The statements in a line of it."""
        stripped = line.strip()
        if stripped.startswith(("{|", "|}", "|-", "|+")) or _RULE.fullmatch(stripped):
            self.columns = [] if stripped.startswith("{|") else self.columns
            self.row, self.cell = start, 0
            return
        wiki = stripped.startswith("!") or "||" in stripped or not stripped.endswith("|")
        spans = _cells(line, start, wiki)
        if stripped.startswith("!") or (not wiki and not self.columns):
            headers = [_plain(self.text[a:b]).casefold() for a, b in spans]
            self.columns = [*(self.columns if wiki else []), *headers]
            return
        if not wiki or "||" in stripped:
            self.row, self.cell = start, 0
        for span in spans:
            column = self.columns[self.cell] if self.cell < len(self.columns) else f"column {self.cell + 1}"
            yield from _cut(self.text, [span], self.title, column, self.row)
            self.cell += 1


def _cells(line: str, start: int, wiki: bool) -> list[tuple[int, int]]:
    """Where the cells of a line of a table begin and end."""
    if wiki:
        lead = len(line) - len(line.lstrip().lstrip("|!"))
        marks = [found.span() for found in _CELL.finditer(line, lead)]
    else:
        bars = [found.span() for found in re.finditer(r"(?<!\\)\|", line)]
        lead, marks = bars[0][1], bars[1:-1]
        line = line[: bars[-1][0]] if len(bars) > 1 else line
    edges = [lead, *(edge for mark in marks for edge in mark), len(line)]
    return [(start + a, start + b) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _cut(text: str, spans: list[tuple[int, int]], section: str, column: str, row: int) -> Iterator[Statement]:
    """The statements in a stretch of lines: each ends behind its references."""
    if not spans:
        return
    start, stop = spans[0][0], spans[-1][1]
    while start < stop:
        refs = _REFS.search(text, start, stop)
        end = refs.start() if refs else stop
        raw = text[start:end]
        if told := _plain(raw):
            names = tuple(_REF.findall(refs[0])) if refs else ()
            yield Statement(start + len(raw) - len(raw.lstrip()), end, section, told, names, column, row)
        start = refs.end() if refs else stop


def _plain(wikitext: str) -> str:
    return one_line(plain(wikitext)) if wikitext.strip() else ""


def said(statement: Statement, width: int = 80, word: str = "") -> str:
    """A stretch of a statement for a message, around a word where one is named."""
    begins = max(0, statement.text.find(word) - width // 2)
    text = statement.text[begins : begins + width]
    more = "…" if len(statement.text) > begins + width else ""
    return folded(f"“{'…' if begins else ''}{text}{more}”")
