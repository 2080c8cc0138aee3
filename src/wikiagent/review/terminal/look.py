"""A draft made ready to be shown: as a reviewer reads it, with its evidence in colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token, _TokenType
from pygments.util import ClassNotFound
from textual.content import Content

from wikiagent.errors import EvidenceError
from wikiagent.review.desk import Desk
from wikiagent.review.sources import Sources
from wikiagent.review.view import Span, View
from wikiagent.source.inert import inert

Piece = tuple[str, str]
"""Some text and its style."""

MAX_LINE = 2_000
"""Characters of a line of code that are shown; beyond that it is data, and too much for a screen."""

MAX_COLOURED = 400_000
"""Characters of a file that are read for its colours: a fifth of a second. Longer ones are shown without."""

#: The terminal's own colours, which suit its background; none of them carries a meaning of its own.
_STYLES = {
    Token.Comment: "italic ansi_cyan",
    Token.Keyword: "bold",
    Token.Operator.Word: "bold",
    Token.Name.Class: "bold",
    Token.Name.Function: "bold",
    Token.Literal.String: "ansi_green",
    Token.Literal.Number: "ansi_magenta",
}


@dataclass(frozen=True)
class Shown:
    """A piece of evidence with the lines of `span.lines`, in colours."""

    span: Span
    lines: tuple[Content, ...]


@dataclass(frozen=True)
class Look:
    """A draft as it is shown: its view, and its evidence by id."""

    view: View
    evidence: Mapping[str, Shown]


class Eye:
    """Makes drafts ready to be shown; each file is read for its colours once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._coloured: dict[tuple[str, str], list[Content]] = {}

    def look(self, draft_id: int) -> Look:
        """A draft with its evidence.

        Raises:
            DraftError: there is no such draft, or it cannot be read by this version.
            WikiError: the wiki cannot be read.
        """
        view, sources = self._desk.view(draft_id), self._desk.sources
        assert sources is not None, "a policy looks at nothing"
        spans = [sources.span(exhibit, view.draft.source) for exhibit in view.page.evidence]
        return Look(view, {span.id: Shown(span, self._lines(span, view.draft.source, sources)) for span in spans})

    def _lines(self, span: Span, source: str, sources: Sources) -> tuple[Content, ...]:
        """The lines of a span as the whole file colours them: within a docstring, nothing else tells that it is one."""
        there = (source, span.path)
        if there not in self._coloured:
            self._coloured[there] = coloured(_whole(source, span.path, sources), span.language)
        found = self._coloured[there][span.start - 1 : span.start - 1 + len(span.lines)]
        plain = [shown_line(line) for line in span.lines]
        if [line.plain for line in found] == plain:
            return tuple(found)
        return tuple(coloured(span.lines, span.language))


def _whole(source: str, path: str, sources: Sources) -> Sequence[str]:
    """The lines of a file; none where it is not at hand."""
    snapshot = sources.snapshot(source)
    try:
        return snapshot.lines(path) if snapshot else ()
    except EvidenceError:
        return ()


def shown_line(line: str) -> str:
    """A line of a file as a terminal may show it."""
    text = inert(line).expandtabs(4)
    return text if len(text) <= MAX_LINE else f"{text[:MAX_LINE]} … {len(text) - MAX_LINE:,} more characters"


def coloured(lines: Sequence[str], language: str) -> list[Content]:
    """Lines of code in colours; as plain text where the language is unknown or there is too much of it."""
    shown = [shown_line(line) for line in lines]
    if sum(map(len, shown)) > MAX_COLOURED:
        return [Content(line) for line in shown]
    made: list[list[Piece]] = [[]]
    for token, text in _lexer(language).get_tokens("\n".join(shown)):
        first, *more = text.split("\n")
        made[-1].append((first, _style(token)))
        made.extend([(part, _style(token))] for part in more)
    return [Content.assemble(*((text, style) for text, style in line if text)) for line in made[: len(shown)]]


def _lexer(language: str) -> Lexer:
    try:
        return get_lexer_by_name(language or "text", stripnl=False)
    except ClassNotFound:
        return get_lexer_by_name("text", stripnl=False)


def _style(token: _TokenType | None) -> str:
    while token:
        if style := _STYLES.get(token):
            return style
        token = token.parent
    return ""
