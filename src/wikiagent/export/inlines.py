"""Inline text: a line or a paragraph of MediaWiki or Markdown as nodes; markup that is not known here stays text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from wikiagent.export.document import (
    Bold,
    Break,
    Code,
    ExternalLink,
    Inline,
    Italic,
    PageLink,
    Reference,
    Text,
)
from wikiagent.wiki.markup import unescape
from wikiagent.wiki.page import PageKind

HELD = re.compile("\ufdd0(\\d+)\ufdd1")
"""Stands for a stretch that was cut out before: these characters mean nothing in Unicode."""

_URL = r"https?://[^\s\[\]<>\"'`|{}\ufdd0\ufdd1]"
_TOKEN = re.compile(
    r"(?P<held>\ufdd0(?P<number>\d+)\ufdd1)"
    r"|<code>(?P<code>(?:(?!<code>).)*?)</code>"
    r"|(?<!`)(?P<ticks>`{1,9})(?!`)(?P<ticked>.+?)(?<!`)(?P=ticks)(?!`)"
    r"|<ref\s+name\s*=\s*[\"']?(?P<again>[^\"'<>/]+?)[\"']?\s*/>"
    r"|<ref(?:\s+name\s*=\s*[\"']?(?P<name>[^\"'<>/]+?)[\"']?)?\s*>(?P<note>(?:(?!<ref\b).)*?)</ref>"
    r"|<!--(?:(?!<!--).)*?-->"
    r"|(?P<break><br\s*/?>)"
    r"|\[\[(?P<link>[^\[\]\n]+)\]\]"
    rf"|\[(?P<url>{_URL}+)(?:[ \t]+(?P<label>[^\]\n]{{1,1000}}))?\]"
    r"|(?<!!)\[(?P<shown>[^\[\]\n]*)\]\((?P<target>[^\s()]+)\)"
    rf"|(?P<bare>{_URL}*[^\s\[\]<>\"'`|{{}}\ufdd0\ufdd1.,;:!?)])"
    r"|(?P<mark>✅|⬜)(?P<kind>[A-Z]\w*):(?P<page>[A-Za-z0-9](?:[\w.\-]*[\w\-])?)"
    r"|(?P<quotes>'{2,})|(?P<stars>\*\*)",
    re.S,
)
_BOTH = "'''''"
_KINDS = {kind.value: kind for kind in PageKind} | {kind.short: kind for kind in PageKind}
_FOLDERS = {kind.folder: kind for kind in PageKind}
_PAGE_FILE = re.compile(r"(?:\.{0,2}/)*(?P<folder>[a-z]+)/(?P<name>[^/\s]+)\.md")
_TYPED = re.compile(r"\s*(?:(?P<edge>[\w ]+?)\s*::\s*)?(?P<kind>\w+)\s*:\s*(?P<name>[^|]+?)\s*")
_PROPERTY = re.compile(r"\s*(?P<property>[\w ]+?)\s*::(?P<values>.*)", re.S)

Cut: TypeAlias = Callable[[int], str]
"""The plain text of a stretch that was cut out, by its number."""

_Token: TypeAlias = Inline | str
"""A node, or a mark of bold or italic text that has found no partner yet."""


class Notes:
    """The notes that stand where they are referred to; one without a name gets one."""

    def __init__(self) -> None:
        self.given: dict[str, str] = {}

    def add(self, name: str | None, text: str) -> str:
        """Keep a note; the id under which it is found."""
        key = (name or "").strip() or f"note-{len(self.given) + 1}"
        self.given.setdefault(key, text)
        return key


def read_inline(text: str, cut: Cut, notes: Notes, *, links: bool = True) -> tuple[Inline, ...]:
    """The nodes of a stretch of text.

    Args:
        text: one line, or the lines of a paragraph.
        cut: gives what stands for a held number.
        notes: takes the notes that stand in the text.
        links: whether links count; within a link they do not.
    """
    tokens: list[_Token] = []
    end = 0
    for found in _TOKEN.finditer(text):
        tokens.append(Text(_plain(text[end : found.start()])))
        tokens += _read_token(found, cut, notes, links)
        end = found.end()
    tokens.append(Text(_plain(text[end:])))
    return _joined(_paired(tokens))


def _read_token(found: re.Match[str], cut: Cut, notes: Notes, links: bool) -> list[_Token]:
    kind, text = found.lastgroup, found[0]
    if found["held"]:
        return [Text(cut(int(found["number"])))]
    if found["code"] is not None or found["ticked"] is not None:
        code = unescape(found["code"]) if found["code"] is not None else found["ticked"]
        return [Code(_uncut(code, cut).strip() or code)]
    if found["again"]:
        return [Reference(found["again"].strip())]
    if found["note"] is not None:
        return [Reference(notes.add(found["name"], found["note"]))]
    if text.startswith("<!--"):
        return []
    if found["break"]:
        return [Break()]
    if found["quotes"]:
        return list(_apostrophes(text))
    if found["stars"]:
        return [_star(found)]
    if not links:
        return [Text(_plain(text))]
    if found["link"] is not None:
        return list(_wiki_link(found["link"], cut, notes))
    if found["url"]:
        label = read_inline(found["label"], cut, notes, links=False) if found["label"] else ()
        return [ExternalLink(unescape(found["url"]), label or (Text(unescape(found["url"])),))]
    if found["target"] is not None:
        return list(_markdown_link(found["shown"], found["target"], text, cut, notes))
    if found["bare"]:
        return [ExternalLink(unescape(text), (Text(unescape(text)),))]
    if kind == "page" and found["kind"] in _KINDS:
        return [Text(found["mark"]), PageLink((_KINDS[found["kind"]], found["page"]))]
    return [Text(_plain(text))]


def _plain(text: str) -> str:
    """Text as it is shown: entities are resolved, line ends are blanks."""
    return unescape(text).replace("\n", " ")


def _uncut(text: str, cut: Cut) -> str:
    return HELD.sub(lambda held: cut(int(held[1])), text)


def _wiki_link(inner: str, cut: Cut, notes: Notes) -> Iterable[_Token]:
    """The nodes of `[[…]]`: a page, a property of the page, or text."""
    target, bar, label = inner.partition("|")
    shown = read_inline(label, cut, notes, links=False) if bar and label.strip() else ()
    found = _TYPED.fullmatch(unescape(target))
    if found and found["kind"] in _KINDS:
        return [PageLink((_KINDS[found["kind"]], found["name"]), (found["edge"] or "").strip(), shown)]
    if found := _PROPERTY.fullmatch(inner):
        values = [unescape(value).strip() for value in found["values"].split("|")]
        if found["property"] == "source" and len(values) == 3 and re.match(r"https?://.", values[2]):
            kind, title, url = values
            return [Text(f"{kind}: "), ExternalLink(url, (Text(title or url),))]
        return [Text(", ".join(filter(None, values)))]
    return shown or [Text(unescape(target).strip().removeprefix(":"))]


def _markdown_link(shown: str, target: str, text: str, cut: Cut, notes: Notes) -> Iterable[_Token]:
    label = read_inline(shown, cut, notes, links=False)
    if re.match(r"https?://.", target):
        return [ExternalLink(unescape(target), label or (Text(unescape(target)),))]
    found = _PAGE_FILE.fullmatch(target)
    if found and found["folder"] in _FOLDERS:
        return [PageLink((_FOLDERS[found["folder"]], found["name"]), label=label)]
    return [Text(_plain(text))]


def _apostrophes(run: str) -> Iterable[str | Text]:
    """The marks that a run of apostrophes stands for; what is over is text, as in MediaWiki."""
    count = len(run)
    over = count - 5 if count > 5 else 1 if count == 4 else 0
    if over:
        yield Text("'" * over)
    yield "'" * (count - over)


def _star(found: re.Match[str]) -> str | Text:
    """Two asterisks are a mark only where they touch a word: `2 ** 3` is none."""
    text, start, end = found.string, found.start(), found.end()
    return "**" if text[max(start - 1, 0) : start].strip() or text[end : end + 1].strip() else Text("**")


def _paired(tokens: Iterable[_Token]) -> list[Inline]:
    """The nodes, with marks paired into bold and italic text; a mark without a partner is text."""
    opened: list[tuple[str, list[Inline]]] = [("", [])]
    for found in _one_by_one(tokens, opened):
        if not isinstance(found, str):
            opened[-1][1].append(found)
        elif any(mark == found for mark, _ in opened):
            _unmark(opened, found)
            inside = _joined(opened.pop()[1])
            node = Italic(inside) if found == "''" else Bold(inside)
            opened[-1][1].append(node if inside else Text(found * 2))
        else:
            opened.append((found, []))
    _unmark(opened, "")
    return opened[0][1]


def _unmark(opened: list[tuple[str, list[Inline]]], until: str) -> None:
    """Marks that were opened after one are text."""
    while opened[-1][0] != until:
        mark, children = opened.pop()
        opened[-1][1].extend([Text(mark), *children])


def _one_by_one(tokens: Iterable[_Token], opened: Sequence[tuple[str, object]]) -> Iterator[_Token]:
    """The tokens, with five apostrophes as two marks: the one that was opened last is closed first."""
    for found in tokens:
        if found == _BOTH:
            yield from ("''", "'''") if opened[-1][0] == "''" else ("'''", "''")
        else:
            yield found


def _joined(inlines: Iterable[Inline]) -> tuple[Inline, ...]:
    """Without empty text, and with neighbouring texts as one."""
    out: list[Inline] = []
    for inline in inlines:
        if isinstance(inline, Text) and out and isinstance(out[-1], Text):
            out[-1] = Text(out[-1].text + inline.text)
        elif not isinstance(inline, Text) or inline.text:
            out.append(inline)
    return tuple(out)
