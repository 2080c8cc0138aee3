"""A draft made ready to be shown: as a reviewer reads it, with its evidence in colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Token, _TokenType
from pygments.util import ClassNotFound
from textual.content import Content
from tree_sitter import Node

from wikiagent.code.syntax import parse, quotes_around
from wikiagent.review.desk import Desk
from wikiagent.review.sources import Sources
from wikiagent.review.view import Span, View
from wikiagent.source.inert import inert

Piece = tuple[str, str]
"""Some text and its style."""

MAX_LINE = 2_000
"""Characters of a line of code that are shown; beyond that it is data, and too much for a screen."""

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
    """Makes drafts ready to be shown; each file is parsed once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._trees: dict[tuple[str, str], Node | None] = {}

    def look(self, draft_id: int) -> Look:
        """A draft with its evidence.

        Raises:
            DraftError: there is no such draft, or it cannot be read by this version.
            WikiError: the wiki cannot be read.
        """
        view, sources = self._desk.view(draft_id), self._desk.sources
        assert sources is not None, "a policy looks at nothing"
        spans = [sources.span(exhibit, view.draft.source) for exhibit in view.page.evidence]
        return Look(view, {span.id: self._shown(span, view.draft.source, sources) for span in spans})

    def _shown(self, span: Span, source: str, sources: Sources) -> Shown:
        there = (source, span.path)
        if there not in self._trees:
            snapshot = sources.snapshot(source)
            python = snapshot is not None and span.path.endswith(".py") and snapshot.has(span.path)
            self._trees[there] = parse(snapshot.read(span.path)).root_node if snapshot and python else None
        tree = self._trees[there]
        return Shown(span, tuple(coloured(span.lines, span.language, quotes_around(tree, span.start) if tree else "")))


def shown_line(line: str) -> str:
    """A line of a file as a terminal may show it."""
    text = inert(line).expandtabs(4)
    return text if len(text) <= MAX_LINE else f"{text[:MAX_LINE]} … {len(text) - MAX_LINE:,} more characters"


def coloured(lines: Sequence[str], language: str, within: str = "") -> list[Content]:
    """Lines of code in colours; as plain text where the language is unknown.

    Args:
        lines: the lines.
        language: name of the language.
        within: the quotes of the string that they begin within; nothing in the lines tells that.
    """
    shown = [within, *map(shown_line, lines)]
    made: list[list[Piece]] = [[]]
    for token, text in _lexer(language).get_tokens("\n".join(shown)):
        first, *more = text.split("\n")
        made[-1].append((first, _style(token)))
        made.extend([(part, _style(token))] for part in more)
    return [Content.assemble(*(piece for piece in line if piece[0])) for line in made[1 : len(shown)]]


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
