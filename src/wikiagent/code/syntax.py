"""Syntax trees of Python code: the one file that imports tree-sitter."""

from __future__ import annotations

from collections.abc import Iterator

import tree_sitter_python
from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

PYTHON = Language(tree_sitter_python.language())


def parse(code: bytes) -> Tree:
    """Parse Python code; broken code gives a tree with error nodes, never an exception.

    NUL bytes, at which the grammar would stop reading, are read as blanks.
    """
    return Parser(PYTHON).parse(code.replace(b"\0", b" "))


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
