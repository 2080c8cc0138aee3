"""Blocks: the text of a page as a document, be it MediaWiki, Markdown, or both in one page; no text makes this fail."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from wikiagent.export.cite import NOTE, REFERENCES
from wikiagent.export.document import (
    Block,
    Categories,
    Cell,
    Code,
    CodeBlock,
    Document,
    Heading,
    Inline,
    Note,
    Paragraph,
    Quote,
    References,
    Rule,
    Table,
    text_of,
)
from wikiagent.export.inlines import HELD, Notes, read_inline
from wikiagent.export.lists import Line, nested
from wikiagent.export.tables import markdown_rows, wiki_rows
from wikiagent.wiki.markup import folded, headings, quoted, rewritten, unescape

_CATEGORY = re.compile(r"\s*\[\[Category:([^\]|\n]*)(?:\|[^\]\n]*)?\]\]\s*", re.I)
_COMMENT = re.compile(r"^[ \t]*<!--(?:(?!<!--).)*?-->[ \t]*$\n?", re.S | re.M)
_TITLE = re.compile(r"#[ \t]+(\S.*?)[ \t]*")
_RULE = re.compile(r"\s*(?:-{3,}|\*{3,}|_{3,})\s*")
_WIKI_ITEM = re.compile(r"(?P<indent>[ \t]*)(?P<marks>[*\#:;]+)(?:[ \t]+(?P<text>.*)|$)")
_MARKDOWN_ITEM = re.compile(r"(?P<indent>[ \t]*)(?:-|(?P<number>\d{1,9})[.)])[ \t]+(?P<text>.*)")
_QUOTED = re.compile(r">(?:[ \t]|$)")
_TABLE_RULE = re.compile(r"\s*\|?[\s:|-]*-[\s:|-]*\|[\s:|-]*")
_LANGUAGE = re.compile(r"\blang\s*=\s*[\"']?([\w+#.\-]+)", re.A)
_START = re.compile(r"\bstart\s*=\s*[\"']?(\d{1,9})")

_LONGEST_TEMPLATE = 200
"""Lines in which the end of a template is looked for."""


def read(text: str) -> Document:
    """A page's text, of any origin, as a document. Comments are left out; categories come last."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _Reader(re.sub("[\ufdd0\ufdd1\ud800-\udfff]", "\ufffd", text)).document()


class _Reader:
    """Reads one page: stretches in which nothing is markup are cut out first, then it goes line by line."""

    def __init__(self, text: str) -> None:
        self._cut: list[CodeBlock | References | str] = []
        self._notes = Notes()
        self._categories: list[str] = []
        text = rewritten(text, self._cut_code)
        text = REFERENCES.sub(self._cut_references, _COMMENT.sub("", text))
        self._lines = text.split("\n")

    def document(self) -> Document:
        blocks = list(self._blocks(self._lines, title=True))
        given = tuple(Note(name, self._inline(text)) for name, text in self._notes.given.items())
        if given:
            blocks.append(References(given))
        blocks = _with_evidence(_one_list(blocks))
        if self._categories:
            blocks.append(Categories(tuple(dict.fromkeys(self._categories))))
        return Document(tuple(blocks))

    def _hold(self, cut: CodeBlock | References | str) -> str:
        self._cut.append(cut)
        mark = f"\ufdd0{len(self._cut) - 1}\ufdd1"
        return mark if isinstance(cut, str) else f"\n{mark}\n"

    def _cut_code(self, found: re.Match[str]) -> str:
        tag, attributes = (found["tag"] or "").lower(), found["attributes"] or ""
        if tag == "nowiki":
            return self._hold(unescape(found["body"]))
        if found["fence"]:
            named = re.match(r"\s*([\w+#.\-]+)", found["info"], re.A)
            return self._hold(CodeBlock(found["fenced"].removesuffix("\n"), named[1].lower() if named else "text"))
        if tag == "pre":
            return self._hold(CodeBlock(_without_ends(unescape(found["body"]))))
        if re.search(r"\binline\b", attributes):
            return self._hold(quoted(found["body"]))
        named, start = _LANGUAGE.search(attributes), _START.search(attributes)
        code = _without_ends(quoted(found["body"]))
        first = int(start[1]) if start else 1 if re.search(r"\bline\b", attributes) else None
        return self._hold(CodeBlock(code, named[1].lower() if named else "text", first))

    def _cut_references(self, found: re.Match[str]) -> str:
        notes = NOTE.finditer(found["notes"] or "")
        return self._hold(References(tuple(Note(note["name"].strip(), self._inline(note["text"])) for note in notes)))

    def _text(self, number: int) -> str:
        """What stands for a stretch that was cut out, within a line."""
        cut = self._cut[number] if number < len(self._cut) else ""
        return cut if isinstance(cut, str) else cut.code if isinstance(cut, CodeBlock) else ""

    def _inline(self, text: str) -> tuple[Inline, ...]:
        return read_inline(text.strip(), self._text, self._notes)

    def _blocks(self, lines: Sequence[str], *, title: bool = False, depth: int = 0) -> Iterator[Block]:
        """The blocks of some lines; `depth` counts the tables and quotations around them."""
        at, running = 0, list[str]()
        while at < len(lines):
            found = self._block(lines, at, title, depth)
            title = title and not lines[at].strip()
            if found is None:
                running.append(lines[at])
                at += 1
                continue
            if running:
                yield Paragraph(self._inline("\n".join(running)))
                running = []
            made, at = found
            yield from made
        if running:
            yield Paragraph(self._inline("\n".join(running)))

    def _block(self, lines: Sequence[str], at: int, title: bool, depth: int) -> tuple[Sequence[Block], int] | None:
        """What begins at a line, if only a blank one, and where it ends; None where that is running text."""
        line = lines[at]
        if not line.strip():
            return (), at + 1
        if (held := HELD.fullmatch(line.strip())) and not isinstance(cut := self._cut[int(held[1])], str):
            return (cut,), at + 1
        if found := _CATEGORY.fullmatch(line):
            self._categories.append(folded(unescape(found[1])))
            return (), at + 1
        if title and (found := _TITLE.fullmatch(line)):
            return (Heading(1, self._inline(found[1])),), at + 1
        if found := next(headings(line), None):
            level = len(found["wiki"] or found["hashes"])
            return (Heading(level, self._inline(found["wiki_title"] or found["title"])),), at + 1
        if _RULE.fullmatch(line):
            return (Rule(),), at + 1
        if line.startswith("{{") and (end := _template_end(lines, at)):
            return (CodeBlock(HELD.sub(lambda held: self._text(int(held[1])), "\n".join(lines[at:end]))),), end
        if depth < 2 and line.lstrip().startswith("{|"):
            return self._wiki_table(lines, at, depth)
        if "|" in line and at + 1 < len(lines) and _TABLE_RULE.fullmatch(lines[at + 1]):
            return self._markdown_table(lines, at, depth)
        if depth == 0 and _QUOTED.match(line):
            return self._quote(lines, at)
        return self._list(lines, at)

    def _quote(self, lines: Sequence[str], at: int) -> tuple[Sequence[Block], int]:
        end = at
        while end < len(lines) and _QUOTED.match(lines[end]):
            end += 1
        inner = [_QUOTED.sub("", line) for line in lines[at:end]]
        return (Quote(tuple(self._blocks(inner, depth=2))),), end

    def _list(self, lines: Sequence[str], at: int) -> tuple[Sequence[Block], int] | None:
        items: list[Line] = []
        end = at
        while end < len(lines):
            line = lines[end]
            if _RULE.fullmatch(line):
                break
            if found := _WIKI_ITEM.fullmatch(line):
                items.append(
                    Line(len(found["marks"]) + _width(found["indent"]), found["marks"][-1] == "#", found["text"] or "")
                )
            elif (found := _MARKDOWN_ITEM.fullmatch(line)) and (
                items or found["number"] is None or (found["number"] == "1" and _goes_on(lines, end + 1))
            ):
                items.append(Line(1 + _width(found["indent"]), bool(found["number"]), found["text"]))
            elif items and line[:1] in " \t" and line.strip() and not HELD.fullmatch(line.strip()):
                items[-1] = items[-1]._replace(text=f"{items[-1].text}\n{line.strip()}")
            else:
                break
            end += 1
        if not items:
            return None
        return nested(items, self._inline), end

    def _wiki_table(self, lines: Sequence[str], at: int, depth: int) -> tuple[Sequence[Block], int] | None:
        end = at + 1
        while end < len(lines) and lines[end].strip() != "|}":
            if lines[end].lstrip().startswith("{|"):
                return None
            end += 1
        if end == len(lines):
            return None
        caption, rows = wiki_rows(lines[at + 1 : end])
        cells = (
            tuple(Cell(tuple(self._cell(cell.text, cell.below, depth)), cell.header) for cell in row) for row in rows
        )
        infobox = bool(re.search(r"float\s*:\s*right", lines[at]))
        return (Table(tuple(cells), self._inline(caption), infobox),), end + 1

    def _markdown_table(self, lines: Sequence[str], at: int, depth: int) -> tuple[Sequence[Block], int]:
        end = at + 2
        while end < len(lines) and "|" in lines[end]:
            end += 1
        rows = markdown_rows([lines[at], *lines[at + 2 : end]])
        cells = (
            tuple(Cell(tuple(self._cell(text, (), depth)), number == 0) for text in row)
            for number, row in enumerate(rows)
        )
        return (Table(tuple(cells)),), end

    def _cell(self, text: str, below: Sequence[str], depth: int) -> Iterator[Block]:
        """What stands in a cell: its own line is text whatever it begins with, the lines below it may be lists."""
        if inline := self._inline(text):
            yield Paragraph(inline)
        yield from self._blocks(below, depth=depth + 1)


def _goes_on(lines: Sequence[str], at: int) -> bool:
    """Whether a line belongs to the list above: a number at the start of a line alone makes no list."""
    return at < len(lines) and bool(_MARKDOWN_ITEM.fullmatch(lines[at]) or re.match(r"[ \t]+\S", lines[at]))


def _without_ends(body: str) -> str:
    """What stands between two tags, without the line ends next to them."""
    return body.removeprefix("\n").removesuffix("\n")


def _width(indent: str) -> int:
    """How many levels deeper an indentation is."""
    return len(indent.expandtabs(4)) // 2


def _template_end(lines: Sequence[str], at: int) -> int | None:
    """Index behind the line that closes the braces which a line opens; None where nothing closes them."""
    deep = 0
    for number in range(at, min(at + _LONGEST_TEMPLATE, len(lines))):
        deep += lines[number].count("{{") - lines[number].count("}}")
        if deep <= 0:
            return number + 1 if lines[number].rstrip().endswith("}}") else None
    return None


def _one_list(blocks: Sequence[Block]) -> list[Block]:
    """All notes in the first list of references; a note is kept once, as the first list has it."""
    lists = [block for block in blocks if isinstance(block, References)]
    notes = {note.id: note for block in reversed(lists) for note in reversed(block.notes)}
    ordered = dict.fromkeys(note.id for block in lists for note in block.notes)
    whole = References(tuple(notes[name] for name in ordered))
    first = next((index for index, block in enumerate(blocks) if isinstance(block, References)), -1)
    out: list[Block] = []
    for index, block in enumerate(blocks):
        if index == first and whole.notes:
            out.append(whole)
        elif not isinstance(block, References):
            out.append(block)
    return out


def _with_evidence(blocks: Sequence[Block]) -> list[Block]:
    """Each block of code whose caption names the place of a note knows the note."""
    known: dict[str, list[str]] = {}
    for block in blocks:
        if isinstance(block, References):
            for note in block.notes:
                known.setdefault(text_of(note.children), []).append(note.id)
    out: list[Block] = []
    for before, block in zip([None, *blocks], blocks, strict=False):
        if isinstance(block, CodeBlock) and isinstance(before, Paragraph):
            places = [inline.text for inline in before.children if isinstance(inline, Code)]
            named = known.get(places[-1]) if places else None
            block = replace(block, note=named.pop(0)) if named else block
        out.append(block)
    return out
