"""Rewriting a page for another source: places, revision and date follow; every other character stays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from wikiagent.source.evidence import Place
from wikiagent.wiki.markup import blocks, label, mask, outline
from wikiagent.wiki.page import Exhibit
from wikiagent.wiki.parse import CITATION, REFERENCE_TEXT, SOURCE_LINE
from wikiagent.wiki.render import citation, from_line

_START = re.compile(r'(?<=\bstart=)("?)\d+')


def with_exhibits(text: str, exhibits: Sequence[Exhibit], revision: str, updated: str) -> str:
    """A page with its exhibits at other places.

    Args:
        text: the page.
        exhibits: its exhibits, in the order of the page, as they stand in the other source.
        revision: the other source.
        updated: the date.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    text = dated(text.replace("\r\n", "\n"), revision, updated)
    first, last = _code_evidence(text)
    section = _replaced(text[first:last], list(_moves(text[first:last], exhibits)))
    return (text[:first] + section + text[last:]).replace("\n", newline)


def with_source(text: str, old: Place, new: Place, revision: str, updated: str) -> str:
    """A page about a symbol with the place of that symbol in another source."""
    lines = dated(text, revision, updated).split("\n")
    for number, line in enumerate(lines):
        if line.startswith(SOURCE_LINE):
            lines[number] = line.replace(
                f"<code>{label(from_line(old))}</code>", f"<code>{label(from_line(new))}</code>"
            )
    return "\n".join(lines)


def dated(text: str, revision: str, updated: str) -> str:
    """A page whose metadata name another revision and date."""
    for name, value in (("source_revision", revision), ("last_updated", updated)):
        if found := re.search(rf"\[\[{name}::([^\]\n]*)", text):
            text = text[: found.start(1)] + label(value) + text[found.end(1) :]
    return text


def _code_evidence(text: str) -> tuple[int, int]:
    """Where the section of quotes begins and ends; the whole page where it has none."""
    parts = outline(text)[1]
    starts = [sum(len(line) + 1 for line in text.split("\n")[: part.line - 1]) for part in parts]
    for part, first, last in zip(parts, starts, [*starts[1:], len(text)], strict=True):
        if part.title.casefold() == "code evidence":
            return first, last
    return 0, len(text)


def _moves(text: str, exhibits: Sequence[Exhibit]) -> Iterator[tuple[int, int, str]]:
    """What changes in a section of quotes: begin, end, new text."""
    waiting, end = list(exhibits), 0
    for block in blocks(text):
        caption = text.rfind("\n", 0, len(text[end : block.start()].rstrip()) + end) + 1
        cited = list(CITATION.finditer(text, max(caption, end), block.start()))
        end = block.end()
        if not cited or not waiting:
            continue
        exhibit, found = waiting.pop(0), cited[-1]
        yield found.start("path"), _end_of_place(found), label(str(exhibit.place))
        if block["tag"] and (start := _START.search(text, block.start(), block.start("body"))):
            yield start.start(), start.end(), f"{start[1]}{exhibit.first}"
    by_id = {exhibit.id: exhibit for exhibit in exhibits}
    for reference in REFERENCE_TEXT.finditer(mask(text)):
        if reference["id"] in by_id:
            inner = reference.start("url") - 1 if reference["url"] else reference.start("bare")
            yield inner, reference.end() - len("</ref>"), citation(by_id[reference["id"]])


def _end_of_place(found: re.Match[str]) -> int:
    return found.end() - (1 if found[0].endswith("`") else len("</code>"))


def _replaced(text: str, changes: list[tuple[int, int, str]]) -> str:
    for first, last, new in sorted(changes, reverse=True):
        text = text[:first] + new + text[last:]
    return text
