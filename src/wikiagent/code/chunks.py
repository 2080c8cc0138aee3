"""Chunks: spans of source text cut on syntax boundaries, for retrieval.

A file is tiled: each statement owns the lines from the end of the one before it to its own end, so comments and
decorators stay with what they lead, and no line belongs to nobody. A tile that is too large is tiled again by the
statements inside it; its opening lines (decorators, signature) stay with the first of them, which is where a docstring
stands. What has no statements inside is cut between lines. Then neighbours of one parent merge while they fit.

A chunk is always whole lines. A single line above the limit (data, minified code) is therefore a chunk of its own that
is above the limit, the only kind that can be; `index` embeds its breadcrumb alone, and search finds it by its words.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from tree_sitter import Node

from wikiagent.code.syntax import ancestors, first_line, last_line, parse, text_of
from wikiagent.source.evidence import Place
from wikiagent.source.snapshot import Snapshot

#: The files that are chunked, in gitignore patterns. Tests are among them: what may be cited may be searched.
CHUNKED = ("*.py", "setup.cfg", "pyproject.toml")

#: The number of tokens of a text, or a bound. Lines add up: `count(a + "\n" + b) <= count(a) + count("\n" + b)`.
Count = Callable[[str], int]

_DEFINITIONS = ("function_definition", "class_definition")


@dataclass(frozen=True)
class Chunk:
    """A span of lines, for retrieval.

    Attributes:
        place: path and lines.
        text: the lines of `place`, verbatim, joined by newlines.
        symbol: dotted name of the innermost definition that holds all of the code, "" at the top of a module.
        breadcrumb: path, classes, functions and their signatures, joined by ` > `; for embedding, never for quoting.
    """

    place: Place
    text: str
    symbol: str
    breadcrumb: str

    @property
    def embedded(self) -> str:
        """What is embedded: the breadcrumb, a newline, the text."""
        return f"{self.breadcrumb}\n{self.text}"


def chunk_snapshot(snapshot: Snapshot, count: Count, limit: int) -> Iterator[Chunk]:
    """The chunks of all files of a snapshot that match `CHUNKED`, in the order of files and lines.

    Args:
        snapshot: the source.
        count: number of tokens of a text, by the tokenizer of the embedder.
        limit: most tokens that `Chunk.embedded` may have; only a single line above it makes a larger chunk.
    """
    for path in snapshot.select(CHUNKED, ()):
        yield from chunk_file(path, snapshot.lines(path), count, limit)


def chunk_file(path: str, lines: Sequence[str], count: Count, limit: int) -> list[Chunk]:
    r"""The chunks of one file; arguments as for `chunk_snapshot`.

    Args:
        path: path of the file; `.py` is cut on syntax, everything else between lines.
        lines: the lines as `Snapshot.lines` gives them, split at `\n` alone.
        count: number of tokens of a text.
        limit: most tokens of a chunk.
    """
    file = _File(path, lines, count, limit)
    chunks = []
    for tile in file.merged(file.tiles()):
        first = tile.first
        while first <= tile.last:
            last = file.reach(first, tile.last)
            if "".join(lines[first - 1 : last]).strip():
                chunks.append(file.chunk(first, last))
            first = last + 1
    return chunks


@dataclass(frozen=True)
class _Tile:
    """The lines that belong to `node`, and the identity of the node whose lines were tiled to get it."""

    first: int
    last: int
    node: Node | None
    parent: int


class _File:
    """One file while it is chunked."""

    def __init__(self, path: str, lines: Sequence[str], count: Count, limit: int) -> None:
        self.path, self.lines, self.count, self.limit = path, lines, count, limit
        self.source = "\n".join(lines).encode()
        self.root = parse(self.source, path).root_node if path.endswith(".py") else None
        # The counts of lines add up to that of the joined text, or to more: see `Count`.
        self.tokens_before = list(accumulate(map(count, map("\n".__add__, lines)), initial=0))
        self._breadcrumbs: dict[int, tuple[str, int]] = {}

    def tiles(self) -> list[_Tile]:
        """The tiles of the file that fit, or that hold no statements to tile them by."""
        whole, done = [_Tile(1, len(self.lines), self.root, 0)], []
        while whole:
            tile = whole.pop()
            parts = [] if self.fits(tile.first, tile.last) else _tile_again(tile)
            if parts:
                whole.extend(reversed(parts))
            else:
                done.append(tile)
        return done

    def merged(self, tiles: list[_Tile]) -> list[_Tile]:
        """The tiles, neighbours of one parent merged while they fit."""
        merged: list[_Tile] = []
        for tile in tiles:
            before = merged[-1] if merged else None
            if before and before.parent == tile.parent and self.fits(before.first, tile.last):
                merged[-1] = _Tile(before.first, tile.last, None, tile.parent)
            else:
                merged.append(tile)
        return merged

    def fits(self, first: int, last: int) -> bool:
        """Whether these lines and their breadcrumb are within the limit, by the counts of their lines."""
        room = self.limit - self.tokens_before[last] + self.tokens_before[first - 1]
        if room > self.limit // 4:  # no breadcrumb has more
            return True
        return room > 0 and self.breadcrumb(self.scope(first, last))[1] <= room

    def reach(self, first: int, most: int) -> int:
        """The last line, at most `most`, of a chunk from `first` within the limit; at least `first` itself."""
        within = bisect_right(self.tokens_before, self.tokens_before[first - 1] + self.limit) - 1
        last = min(most, within)
        while last > first and not self.fits(first, last):
            last -= 1
        return max(first, last)

    def chunk(self, first: int, last: int) -> Chunk:
        """The chunk of these lines, without the blank ones at its ends."""
        while first < last and not self.lines[first - 1].strip():
            first += 1
        while first < last and not self.lines[last - 1].strip():
            last -= 1
        scope = self.scope(first, last)
        return Chunk(
            Place(self.path, first, last),
            "\n".join(self.lines[first - 1 : last]),
            ".".join(_name(node) for node in scope),
            self.breadcrumb(scope)[0],
        )

    def scope(self, first: int, last: int) -> list[Node]:
        """The definitions, outermost first, that hold all code of these lines; comments at the ends do not count."""
        if self.root is None:
            return []
        while first <= last and not _is_code(self.lines[first - 1]):
            first += 1
        while first <= last and not _is_code(self.lines[last - 1]):
            last -= 1
        if first > last:
            return []
        node = self.root.descendant_for_point_range(self._start(first), self._start(last))
        if node and node.type == "decorated_definition":
            node = node.child_by_field_name("definition")
        inside = [node, *ancestors(node)] if node else []
        return [definition for definition in reversed(inside) if definition.type in _DEFINITIONS]

    def breadcrumb(self, scope: list[Node]) -> tuple[str, int]:
        """Path and definitions with their signatures, and its tokens; names alone, then their end, where it is long."""
        key = scope[-1].id if scope else 0
        if key not in self._breadcrumbs:
            most = self.limit // 4
            breadcrumb = self._trail(scope, self._signature)
            if self.count(breadcrumb) > most:
                breadcrumb = self._trail(scope, _name)
            while self.count(breadcrumb) > most and len(breadcrumb) > 1:
                breadcrumb = breadcrumb[len(breadcrumb) // 2 :]
            self._breadcrumbs[key] = breadcrumb, self.count(breadcrumb)
        return self._breadcrumbs[key]

    def _trail(self, scope: list[Node], describe: Callable[[Node], str]) -> str:
        return " > ".join([self.path, *map(describe, scope)])

    def _start(self, number: int) -> tuple[int, int]:
        """Row and byte column of the first character of a line that is no blank."""
        line = self.lines[number - 1]
        return number - 1, len(line[: len(line) - len(line.lstrip())].encode())

    def _signature(self, node: Node) -> str:
        fields = ("name", "type_parameters", "superclasses", "parameters", "return_type")
        ends = [field.end_byte for name in fields if (field := node.child_by_field_name(name))]
        signature = self.source[node.start_byte : max(ends, default=node.start_byte)]
        return " ".join(signature.decode("utf-8", "replace").split())


def _is_code(line: str) -> bool:
    """Whether a line has more than blanks and a comment."""
    text = line.lstrip()
    return bool(text) and not text.startswith("#")


def _name(definition: Node) -> str:
    name = definition.child_by_field_name("name")
    return text_of(name) if name else ""


def _tile_again(tile: _Tile) -> list[_Tile]:
    """Tile the lines of a tile by the statements inside its node; no tiles where there are none."""
    if tile.node is None:
        return []
    parts = _statements(tile.node)
    ends = [*(last_line(part) for part in parts[:-1]), tile.last]
    following = [*(first_line(part) for part in parts[1:]), tile.last + 1]
    tiles, first = [], tile.first
    for part, last, after in zip(parts, ends, following, strict=False):
        if after > last:  # else the next part begins on this part's last line, which cannot be parted
            tiles.append(_Tile(first, last, part, tile.node.id))
            first = last + 1
    return tiles


def _statements(node: Node) -> list[Node]:
    """The statements right inside a node, and its clauses (`else`, `except`, ...) that have blocks of their own."""
    if node.type == "decorated_definition":
        definition = node.child_by_field_name("definition")
        return _statements(definition) if definition else []
    children = [child for child in node.named_children if child.type != "comment"]
    if node.type in ("module", "block", "ERROR"):
        return children
    statements = []
    for child in children:
        if child.type == "block":
            statements += _statements(child)
        elif child.type.endswith("_clause") and any(grandchild.type == "block" for grandchild in child.children):
            statements.append(child)
    return statements
