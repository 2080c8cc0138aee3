r"""Syntax trees and queries: the one place that imports tree-sitter.

Rows of tree-sitter count from 0 and grow at `\n` alone, so row + 1 is a line of `Snapshot.lines`.
"""

from __future__ import annotations

from typing import TypeAlias

import tree_sitter
import tree_sitter_python

Node: TypeAlias = tree_sitter.Node
Query: TypeAlias = tree_sitter.Query

_PYTHON = tree_sitter.Language(tree_sitter_python.language())


def parse(source: bytes) -> Node:
    """The root of the syntax tree of Python source in UTF-8; what is no Python becomes `ERROR` nodes inside it."""
    return tree_sitter.Parser(_PYTHON).parse(source).root_node


def query(patterns: str) -> Query:
    """Compile the patterns of a `.scm` file.

    Raises:
        tree_sitter.QueryError: the patterns are wrong; they are part of the program, so this is a mistake in it.
    """
    return tree_sitter.Query(_PYTHON, patterns)


def matches(patterns: Query, node: Node) -> list[tuple[int, dict[str, list[Node]]]]:
    """Each match below `node`: the number of its pattern (from 0), and the nodes that each capture name holds."""
    return tree_sitter.QueryCursor(patterns).matches(node)


def captures(patterns: Query, node: Node) -> dict[str, list[Node]]:
    """All nodes below `node` that a capture name holds, in the order of the source."""
    return tree_sitter.QueryCursor(patterns).captures(node)


def first_line(node: Node) -> int:
    """The line that a node begins on, from 1."""
    return node.start_point.row + 1


def last_line(node: Node) -> int:
    """The last line that holds a character of a node, from 1; a node that ends with a newline ends on that line."""
    start, end = node.start_point, node.end_point
    return end.row if end.column == 0 and end.row > start.row else end.row + 1
