"""Wiki text: how plain text is written so that MediaWiki and the parser take it as text, and how a page is cut up.

Plain text here is one line in which stretches between backticks are code. Nothing here knows of page types.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_BLOCK = re.compile(
    r"<(?P<tag>syntaxhighlight|source|pre|nowiki)\b(?P<attributes>[^<>]*)(?<!/)>(?P<body>.*?)</(?P=tag)\s*>"
    r"|^[ \t]*(?P<fence>`{3,})(?P<info>[^\n`]*)\n(?P<fenced>.*?)^[ \t]*(?P=fence)[ \t]*$",
    re.M | re.S | re.I,
)
_OPENING = re.compile(r"<(syntaxhighlight|source|pre|nowiki)\b|^[ \t]*(`{3,})", re.M | re.I)
_CLOSING = re.compile(r"</(syntaxhighlight|source|pre|nowiki)\s*>|^[ \t]*(`{3,})[ \t]*$", re.M | re.I)

_HEADING = re.compile(
    r"^(?:(?P<wiki>={1,6})[ \t]*(?P<wiki_title>\S.*?)[ \t]*(?P=wiki)"
    r"|(?P<hashes>\#{2,6})[ \t]+(?P<title>\S.*?))[ \t]*$",
    re.M,
)
_MAYBE_HEADING = re.compile(r"^(?:=|\#\#)[^\n]*", re.M)
#: Characters of a line that may be a heading; a title has some fifty.
_MAX_HEADING = 300

_BEHAVIOUR_SWITCHES = r"[A-Z]+|(?i:toc|notoc|forcetoc|nogallery|noeditsection)"
_MARKUP = (
    r"&(?=\#?\w+;)|<|\[(?=\[|//|[A-Za-z][\w+.\-]*:)|'(?=')|\{(?=[{|])|-(?=\{)|~(?=~~)"
    rf"|_(?=_(?:{_BEHAVIOUR_SWITCHES})__)"
)
_IN_CODE = re.compile(_MARKUP)
_IN_TEXT = re.compile(_MARKUP + r"|\*(?=\*)")
_IN_LABEL = re.compile(_MARKUP + r"|[|\]`]")
_AT_LINE_START = re.compile(r"^[*#:;=>|!-]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]\w*);")
_MAYBE_MARKUP = re.compile(r"[<\[&`]|''|\*\*")
_CLOSING_TAG = re.compile(r"<(\\*)(?=/syntaxhighlight)", re.I)
_OPENED_TAG = re.compile(r"<\\(\\*)(?=/syntaxhighlight)", re.I)
_TICKED = re.compile(r"()`([^`]*)`")
_CODE = re.compile(r"<code>((?:(?!<code>).)*?)</code>|`([^`]*)`", re.S | re.I)
_CATEGORY = re.compile(r"^\s*\[\[Category:([^\]|\n]*)(?:\|[^\]\n]*)?\]\]\s*$", re.I)


def folded(text: str) -> str:
    """One line: white space, control characters and marks that turn text around become single blanks."""
    if not text.isprintable():
        text = re.sub(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", " ", text)
    return " ".join(text.split())


def one_line(text: str) -> str:
    """The normal form of plain text: folded, each code span closed, trimmed and not blank."""
    text = folded(text)
    ticks = text.count("`")
    if not ticks:
        return text
    if ticks % 2:
        head, _, tail = text.rpartition("`")
        text = f"{head}'{tail}"
    pieces = text.split("`")
    pieces[1::2] = [f"`{code.strip()}`" if code.strip() else " " for code in pieces[1::2]]
    return folded("".join(pieces))


def _entity(found: re.Match[str]) -> str:
    named = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
    return named.get(found[0], f"&#{ord(found[0])};")


def escape(text: str, *, line_start: bool = False, cell: bool = False) -> str:
    """Plain text as wiki text: code spans become `<code>`, whatever MediaWiki would act on becomes an entity.

    Args:
        text: one line; backticks are paired.
        line_start: the result begins a line, where `*`, `=` and others would be markup.
        cell: the result stands in a table, where `|` would be markup.
    """
    pieces = text.split("`")
    pieces[0::2] = [_IN_TEXT.sub(_entity, piece) for piece in pieces[0::2]]
    pieces[1::2] = [f"<code>{_IN_CODE.sub(_entity, piece)}</code>" for piece in pieces[1::2]]
    if line_start:
        pieces[0] = _AT_LINE_START.sub(_entity, pieces[0])
    out = "".join(pieces)
    return out.replace("|", "&#124;") if cell else out


def label(text: str) -> str:
    """Text without code spans as wiki text that may also stand inside `[[…]]`."""
    return _IN_LABEL.sub(_entity, text)


def unescape(text: str) -> str:
    """Entities become the characters that they stand for."""
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text)


def plain(wikitext: str) -> str:
    """Wiki text (or Markdown) of a line as plain text: the inverse of `escape`, lenient about other markup."""
    out, end = [], 0
    closed = _CODE if "</code>" in wikitext.lower() else _TICKED
    for span in closed.finditer(wikitext):
        code = unescape(span[2] if span[2] is not None else span[1])
        out += [_visible(wikitext[end : span.start()]), "`", code.replace("`", "'"), "`"]
        end = span.end()
    return "".join([*out, _visible(wikitext[end:])])


def _visible(wikitext: str) -> str:
    """What a reader sees of inline markup outside of code."""
    if not _MAYBE_MARKUP.search(wikitext):
        return wikitext
    text = _without_references(wikitext)
    text = re.sub(r"<br\s*/?>", " ", text, flags=re.I)
    text = re.sub(r"\[\[(?:[^\[\]|]*\|)*([^\[\]|]*)\]\]", lambda link: re.sub(r"^.*::(\w+:)?", "", link[1]), text)
    text = re.sub(r"\[(?:https?:)?//[^\s\]]+ ((?:(?!\[(?:https?:)?//)[^\]])*)\]", r"\1", text)
    return unescape(re.sub(r"'{2,}|\*\*", "", text)).replace("`", "'")


def _without_references(wikitext: str) -> str:
    end = wikitext.lower().rfind("</ref>") + 1  # behind it, nothing that is opened is closed
    text = re.sub(r"<ref\b[^<>]*/>|<ref\b[^<>]*>.*?</ref>", "", wikitext[: end + 5], flags=re.S | re.I) if end else ""
    rest = re.sub(r"<ref\b[^<>]*/>", "", wikitext[end + 5 if end else 0 :], flags=re.I)
    return re.sub(r"</?nowiki\s*/?>", "", text + rest, flags=re.I)


def highlighted(code: str) -> str:
    r"""Code as it stands in a `<syntaxhighlight>` block: verbatim, but that a closing tag in it gets a backslash.

    No entity works in such a block, so `</syntaxhighlight` is shown as `<\/syntaxhighlight`, and one that has
    backslashes already gets one more: `quoted` takes exactly that one away.
    """
    return _CLOSING_TAG.sub(r"<\\\1", code)


def quoted(block: str) -> str:
    """The code that a `<syntaxhighlight>` block shows: the inverse of `highlighted`."""
    return _OPENED_TAG.sub(r"<\1", block)


def blocks(text: str) -> Iterator[re.Match[str]]:
    """The stretches in which nothing is markup, a tag of MediaWiki or a Markdown fence, in order.

    What is opened and never closed is none; it is not looked at further, so that a page full of it is read in time.
    """
    last: dict[str, int] = {}
    if "</" in text or "```" in text:
        last = {(found[1] or found[2]).lower(): found.start() for found in _CLOSING.finditer(text)}
    at = 0
    while last and (opening := _OPENING.search(text, at)):
        closed = last.get((opening[1] or opening[2]).lower(), 0) >= opening.end()
        found = _BLOCK.match(text, opening.start()) if closed else None
        if found:
            yield found
        at = found.end() if found else opening.end()


def rewritten(text: str, block: Callable[[re.Match[str]], str], between: Callable[[str], str] = str) -> str:
    """The text with something else in place of each of its blocks, and of what stands between them."""
    out, end = [], 0
    for found in blocks(text):
        out += [between(text[end : found.start()]), block(found)]
        end = found.end()
    return "".join([*out, between(text[end:])])


def headings(text: str) -> Iterator[re.Match[str]]:
    """The headings of MediaWiki and of Markdown, as groups `wiki` and `wiki_title`, or `hashes` and `title`."""
    for line in _MAYBE_HEADING.finditer(text):
        if len(line[0]) <= _MAX_HEADING and (found := _HEADING.match(text, line.start())):
            yield found


def is_heading(line: str) -> bool:
    """Whether a line is a heading."""
    return any(headings(line))


def mask(text: str) -> str:
    """The text with blanks in place of its blocks of code; every other character keeps its offset."""
    return rewritten(text, blank)


def blank(found: re.Match[str]) -> str:
    """As many blanks as a match has characters; its line ends stay."""
    return "\n".join(" " * len(line) for line in found[0].split("\n"))


class Part(NamedTuple):
    """A heading and the text below it, up to the next heading; `line` (1-based) is where the heading stands."""

    level: int
    title: str
    text: str
    line: int


def outline(text: str) -> tuple[str, tuple[Part, ...]]:
    """Cut a page at its headings, those of MediaWiki and of Markdown (`##` and deeper).

    Returns:
        The text before the first heading, and the parts in order, without the blank lines around them.
    """
    found = [heading for heading in headings(mask(text)) if _title(heading)]
    ends = [*(heading.start() for heading in found), len(text)]
    parts, line, counted = [], 1, 0
    for heading, end in zip(found, ends[1:], strict=True):
        line, counted = line + text.count("\n", counted, heading.start()), heading.start()
        level = len(heading["wiki"] or heading["hashes"])
        parts.append(Part(level, _title(heading), text[heading.end() : end].strip("\n"), line))
    return text[: ends[0]].strip("\n"), tuple(parts)


def _title(heading: re.Match[str]) -> str:
    return one_line(plain(heading["wiki_title"] or heading["title"]))


def section(level: int, title: str, text: str = "") -> str:
    """A heading of MediaWiki with the text below it: what `outline` reads back."""
    marks, name = "=" * level, escape(title).replace("=", "&#61;")
    return f"{marks} {name} {marks}" + (f"\n{text}" if text else "")


def category_lines(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Index and name of each category link at the end of a page, from the first on."""
    start = len(lines)
    while start and (not lines[start - 1].strip() or _CATEGORY.match(lines[start - 1])):
        start -= 1
    for index in range(start, len(lines)):
        if found := _CATEGORY.match(lines[index]):
            yield index, unescape(found[1]).strip()
