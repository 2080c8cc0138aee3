"""Signals in prose: comments and docstrings that say more than what the code does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from wikiagent.code.symbols import docstring_node
from wikiagent.code.syntax import first_line, last_line, text_of
from wikiagent.mine import docstrings, words
from wikiagent.mine.messages import tidy
from wikiagent.mine.signal import Signal, SourceFile

_CODE_LIKE = re.compile(
    r"^[\w.\[\]]+\s*(\(|=|\+=)|^(if|for|return|import|from|def|class|print|with|elif|else|try)\b.*[:()=]"
)
_LICENSE = re.compile(
    r"copyright|licen[sc]e|all rights reserved|SPDX|\bcoding[:=]|adapted from|copied from|noqa|type: ignore|pylint|fmt:"
    r"|pragma:|isort:|mypy:|ruff:",
    re.I,
)


#: Fewest words of a remark that is telling by what it is about.
TOPICAL_WORDS = 8
#: Words from which on a remark is telling whatever it is about: nobody writes so much to repeat the code.
MANY_WORDS = 20


def is_telling(text: str) -> bool:
    """Whether prose says more than what the code does: why, what not, what to do, what it costs.

    A long remark need not, nor one on what costs engineers days, on an order of calls or on what is changed in place. A
    lone limit is enough, but in a short text not a word that limits anything at all: "Keep only the last one".
    """
    length = len(text.split())
    if length >= MANY_WORDS or words.MARK.search(text) or words.DEPRECATED.search(text):
        return True
    marks = sum(bool(mark.search(text)) for mark in (words.ADVICE, words.LIMIT, words.CAUSE, words.CONSEQUENCE))
    spaced = text.replace("_", " ")  # names count: `gradient_checkpointing`
    topical = any(mark.search(spaced) for mark in (words.TOPIC, words.ORDER, words.EFFECT))
    if marks > 1 or (length >= TOPICAL_WORDS and topical):
        return True
    limits = {found[0].lower() for found in words.LIMIT.finditer(text)}
    return bool(limits - _WEAK_LIMITS) or (bool(limits) and length >= 12)


_WEAK_LIMITS = {"only", "ignore", "ignored", "except", "unless"}


def comment_signals(file: SourceFile, nodes: list[Node]) -> Iterator[Signal]:
    """A signal for each telling comment; comments that adjoin at one indentation are one."""
    block: list[Node] = []
    for node in [*sorted(nodes, key=lambda n: n.start_byte), None]:
        joins = (
            block
            and node is not None
            and first_line(node) == last_line(block[-1]) + 1
            and node.start_point.column == block[-1].start_point.column
        )
        if block and not joins:
            yield from _comment(file, block)
            block = []
        if node is not None:
            block.append(node)


def _comment(file: SourceFile, block: list[Node]) -> Iterator[Signal]:
    prose: list[str] = []
    for node in block:
        line = text_of(node).lstrip("#!: ").strip()
        if not line.strip("-=#*~ ") or _CODE_LIKE.match(line):
            prose = [*prose[:-1], _ended(prose[-1])] if prose else []
        else:
            prose.append(line)
    text = tidy(" ".join(prose))
    if len(text.split()) < 6 or _LICENSE.search(text[:300]) or not is_telling(text):
        return
    first, last = first_line(block[0]), last_line(block[-1])
    owner = _commented(file, block[-1], last)
    end = min(last_line(owner), last + 4) if owner is not None else last
    kind = "deprecation" if words.DEPRECATED.search(text) else "comment"
    yield Signal(kind, file.place(first, max(last, end)), file.name(last), text)


def _ended(line: str) -> str:
    """A line that code or a blank line follows ends its sentence there."""
    return line if line.endswith((".", "!", "?", ":", ";", ",")) else f"{line}."


def _commented(file: SourceFile, comment: Node, last: int) -> Node | None:
    """What a comment is about: the statement on the next line, nothing more where code stands on its own line."""
    if not file.lines[last - 1].lstrip().startswith("#") or comment.parent is None:
        return None
    following = comment.next_named_sibling
    if following is None or first_line(following) != last + 1:
        following = next((c for c in comment.parent.named_children if first_line(c) == last + 1), None)
    if following is not None and following.type == "block":  # the comment opens it, and belongs to its first statement
        return following.named_children[0] if following.named_children else None
    return following


def docstring_signals(file: SourceFile, root: Node) -> Iterator[Signal]:
    """A signal for each telling paragraph of the docstrings, or for what they say about one parameter."""
    own = docstring_node(root)
    if own is not None:
        yield from _docstring(file, "", first_line(own), last_line(own))
    for symbol in file.symbols.in_file(file.path):
        if symbol.docstring is not None:
            yield from _docstring(file, symbol.name, symbol.docstring.first, symbol.docstring.last)


def _docstring(file: SourceFile, symbol: str, first: int, last: int) -> Iterator[Signal]:
    for part in docstrings.parts(list(file.lines[first - 1 : last])):
        text = tidy(part.text)
        if len(text.split()) < 5 or not is_telling(text) or (not symbol and _LICENSE.search(text)):
            continue
        kind = "deprecation" if words.DEPRECATED.search(text) else "docstring"
        yield Signal(kind, file.place(first + part.first, first + part.last), symbol, text, part.parameter or "")
