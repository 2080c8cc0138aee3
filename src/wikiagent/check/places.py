"""Citations as people and programs write them: a file with its lines.

    `src/peft/utils/other.py:130-215`      <code>setup.py:59</code>        config.py:L322-880
    `nltk.py:9-14, 36-38`                  `other.py` (lines 10–20)       https://github.com/o/r/blob/v1/setup.py#L5-L9

What begins like one and cannot be read is a citation without lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from wikiagent.source.evidence import Place
from wikiagent.wiki.markup import unescape


class Citation(NamedTuple):
    """A citation in a page's text.

    Attributes:
        start, end: the whole of it.
        path: the file as it is written, entities resolved.
        path_span: where the path stands.
        ranges: first and last lines, in the order in which they are written; empty where no lines could be read.
        ranges_span: where they stand, after the colon.
        repository: address of the repository, for a link to a code host; else empty.
    """

    start: int
    end: int
    path: str
    path_span: tuple[int, int]
    ranges: tuple[tuple[int, int], ...]
    ranges_span: tuple[int, int]
    repository: str = ""

    @property
    def places(self) -> tuple[Place, ...]:
        """The places that it names."""
        return tuple(Place(self.path, first, last) for first, last in self.ranges)

    def __str__(self) -> str:
        lines = ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in self.ranges)
        return f"{self.path}:{lines}" if lines else self.path


_EXTENSION = (
    r"(?:py|pyi|toml|cfg|ini|md|rst|txt|ya?ml|json|ipynb|c|cc|cpp|cu|cuh|h|hpp|sh|js|jsx|ts|tsx|go|rs|java|kt|swift|"
    r"rb|proto|in|lock|jinja2?)"
)
_NUMBERS = r"L?\d{1,9}(?:\s*[-\u2010-\u2015]\s*L?\d{1,9})?"
_LIST = rf"{_NUMBERS}(?:\s*,\s*{_NUMBERS})*"
_FILE = rf"(?:[\w.+@~-]+/)*[\w.+@-]*\.{_EXTENSION}"
_CITATION = re.compile(
    rf"""
    (?:`|<code>)(?P<code>[^`<>\n:]*?)\s*(?::\s*|\#(?=L))(?P<code_lines>{_LIST})\s*(?:`|</code>)
    | (?P<repository>https?://[^\s\]|]+?)/(?:-/)?(?:blob|tree)/[^/\s]+/(?P<url>[^\s\]|\#]+)\#(?P<url_lines>L\d{{1,9}}(?:-L?\d{{1,9}})?)
    | (?<![\w/.-])(?P<named>{_FILE})(?:`|</code>)?\s*,?\s*\(?\s*[Ll]ines?\s+(?P<named_lines>{_LIST})\)?
    | (?:`|<code>)(?P<vague>{_FILE})(?::\s*[Ll]?|\#L)(?=\d)(?P<vague_lines>[^`<\n]*)(?:`|</code>)
    | (?<![\w/.:-])(?P<bare>{_FILE})(?::|\#(?=L))(?P<bare_lines>{_LIST})
    | (?<![\w/.:-])(?P<odd>{_FILE}):(?=[Ll]?\d|[-\u2010-\u2015])(?P<odd_lines>[^\s`<|\],;)]*)
    """,
    re.X,
)
#: What every citation has: a colon, a mark or a word, and a number.
_HINT = re.compile(r":\s?(?:[Ll]?\d|[-\u2010-\u2015])|#L\d|[Ll]ines?\s+L?\d")
_WHOLE = re.compile(rf"(?P<whole>[^\n\[\]|`<>]+?):(?P<whole_lines>{_LIST})(?=\s*(?:\]|$))")
_KINDS = ("code", "url", "named", "vague", "bare", "odd")
_RANGE = re.compile(r"L?(\d{1,9})(?:\s*[-\u2010-\u2015]\s*L?(\d{1,9}))?")
_ADDRESS = re.compile(r"://|^[\d.]+$|^localhost$", re.I)
_NAMES_A_FILE = re.compile(rf"/|\.{_EXTENSION}$|^(?:Makefile|Dockerfile|LICENSE|README|CHANGELOG)$")


def find_citations(text: str, start: int = 0, end: int | None = None, *, whole: bool = False) -> Iterator[Citation]:
    """The citations in a stretch of text, in order.

    Args:
        text: the text; code blocks in it are blank.
        start: where to begin.
        end: where to end.
        whole: the stretch is a citation and nothing else, or a link with one as its label, whatever its file is called.
    """
    end = len(text) if end is None else end
    if whole:
        found = _WHOLE.search(text, text.rfind(" ", start, end) + 1 if "://" in text[start:end] else start, end)
        if found:
            yield _citation(found, "whole")
            return
    for line in _lines_with_numbers(text, start, end):
        yield from _in_line(text, *line)


def _lines_with_numbers(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The lines of a stretch of text that may hold a citation."""
    begin = start
    while (hint := _HINT.search(text, begin, end)) is not None:
        first = max(start, text.rfind("\n", start, hint.start()) + 1)
        last = text.find("\n", hint.end(), end)
        begin = end if last < 0 else last
        yield first, begin


def _in_line(text: str, start: int, end: int) -> Iterator[Citation]:
    for found in _CITATION.finditer(text, start, end):
        kind = next(kind for kind in _KINDS if found[kind] is not None)
        path = found[kind]
        if kind == "code" and (_ADDRESS.search(path) or not (_NAMES_A_FILE.search(unescape(path)))):
            continue
        if kind != "url" and re.search(r"://\S*$", text[max(start, found.start() - 200) : found.start()]):
            continue
        yield _citation(found, kind)


def _citation(found: re.Match[str], kind: str) -> Citation:
    lines = "" if kind in ("odd", "vague") else found[f"{kind}_lines"]
    ranges = tuple((int(a), int(b or a)) for a, b in _RANGE.findall(lines))
    path = unescape(found[kind]).strip()
    repository = (found["repository"] or "") if kind == "url" else ""
    return Citation(found.start(), found.end(), path, found.span(kind), ranges, found.span(f"{kind}_lines"), repository)
