"""Syntax trees of Python code: the one file that imports tree-sitter.

A source is untrusted: code that is larger or deeper than any that people write would take hours, or end the program in
the grammar's C code. What is beyond the bounds below is not read as code, and that is said.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import cache

import tree_sitter_python
from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

from wikiagent.source.home import MAX_LINE

PYTHON = Language(tree_sitter_python.language())

#: Bytes of a file that is read as code; larger ones hold data.
MAX_CODE = 2_000_000
#: Levels of indentation; Python itself reads 100. The grammar crashes beyond some 500.
MAX_LEVELS = 250
#: Lines of comments and continuations in a row that are read; the grammar takes the square of their number.
MAX_RUN = 200
#: Nodes around a node, at most; what looks at all of them takes the square of their number.
MAX_DEPTH = 4_000
#: Nodes between those whose depth is looked at.
_STRIDE = 100

_LONG_LINE = re.compile(rb"[^\n]{%d,}" % (MAX_LINE + 1))
_LONG_RUN = re.compile(rb"^(?:[ \t\f\r]*(?:#[^\n]*|\\[ \t\f\r]*)?\n){%d}(?P<rest>(?:[ \t\f\r]*(?:#[^\n]*|\\[ \t\f\r]*)?\n)+)" % MAX_RUN, re.M)  # fmt: skip  # noqa: E501
_INDENTED = re.compile(rb"^[ ]{%d}|^[ \f\r]*\t" % MAX_LEVELS, re.M)
_BLANKS = bytes(10 if byte == 10 else 32 for byte in range(256))
_SPACE = re.compile(rb"^[ \t\f\r]*", re.M)

_log = logging.getLogger(__name__)


def parse(code: bytes, path: str = "") -> Tree:
    """Parse Python code; broken code gives a tree with error nodes, never an exception.

    NUL bytes, at which the grammar would stop reading, are read as blanks; so are lines that are too long. Code beyond
    the bounds of this module gives an empty tree.

    Args:
        code: the code.
        path: its file, to say so where it is not read.
    """
    if why := unread(code):
        _tell(path, f"is not read as code: {why}")
        return Parser(PYTHON).parse(b"")
    code, long = _LONG_LINE.subn(_blank, code.replace(b"\0", b" "))
    code, runs = _LONG_RUN.subn(lambda run: run[0][: run.start("rest") - run.start()] + _blank(run, "rest"), code)
    if long or runs:
        _tell(path, f"has lines of more than {MAX_LINE:,} bytes, or more than {MAX_RUN} of comments: they are not read")
    tree = Parser(PYTHON).parse(code)
    if _depth(tree) > MAX_DEPTH:
        _tell(path, f"is not read as code: its expressions are nested more than {MAX_DEPTH:,} deep")
        return Parser(PYTHON).parse(b"")
    return tree


def _depth(tree: Tree) -> int:
    """The depth of a tree, at most `_STRIDE` too low: from one node to the next, in order, it grows by one at most."""
    cursor, deepest = tree.walk(), 0
    for index in range(0, tree.root_node.descendant_count, _STRIDE):
        cursor.goto_descendant(index)
        deepest = max(deepest, cursor.depth)
    return deepest


def unread(code: bytes) -> str:
    """Why code is not read as such, in words; empty where it is."""
    code = _LONG_LINE.sub(b"", code)
    if len(code) > MAX_CODE:
        return f"it has more than {MAX_CODE:,} bytes"
    if _INDENTED.search(code) and _levels(code) > MAX_LEVELS:
        return f"it is indented more than {MAX_LEVELS} levels deep"
    return ""


@cache
def _tell(path: str, what: str) -> None:
    """Say once what is not read of a file."""
    _log.error("%s %s", repr(path) if path else "A file", what)


def _blank(found: re.Match[bytes], group: str | int = 0) -> bytes:
    return found[group].translate(_BLANKS)


def _levels(code: bytes) -> int:
    """How deep lines are indented, at most: each indentation that is wider than those around it is a level."""
    around, deepest = [0], 0
    for space in _SPACE.finditer(code):
        width = len(space[0].expandtabs(8))
        while width < around[-1]:
            around.pop()
        if width > around[-1]:
            around.append(width)
            deepest = max(deepest, len(around) - 1)
    return deepest


def query(patterns: str) -> Query:
    """Compile tree-sitter patterns (the text of an `.scm` file)."""
    return Query(PYTHON, patterns)


def matches(patterns: Query, node: Node) -> Iterator[dict[str, list[Node]]]:
    """The captures of each match below `node`: name of the capture to its nodes."""
    for _, captures in QueryCursor(patterns).matches(node):
        yield captures


def text_of(node: Node) -> str:
    """The source text of a node; undecodable bytes become U+FFFD."""
    return (node.text or b"").decode("utf-8", "replace")


def first_line(node: Node) -> int:
    """The line that a node begins on, 1-based."""
    return node.start_point.row + 1


def last_line(node: Node) -> int:
    """The last line that holds text of a node, 1-based."""
    row, column = node.end_point
    return row if column == 0 and row > node.start_point.row else row + 1


def ancestors(node: Node) -> Iterator[Node]:
    """The nodes around a node, innermost first."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def quotes_around(tree: Node, line: int) -> str:
    """The quotes of the string that a line, 1-based, begins within; empty where it begins in none."""
    node = tree.descendant_for_point_range((line - 1, 0), (line - 1, 0))
    while node is not None and not (node.type == "string" and first_line(node) < line):
        node = node.parent
    return text_of(node.children[0])[-3:] if node and node.children else ""
