"""Messages that a page quotes, and whether the source emits them.

The strings of the source are read as words; what is only known at run time (`{name}`, `%s`) stands for any few words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise

from wikiagent.check.reading import Statement
from wikiagent.source.snapshot import Snapshot

_ERROR = r"(?:[A-Z]\w*)?(?:Error|Exception|Warning|Interrupt)"
_PREFIX = re.compile(rf"^\s*`?\s*(?:[\w.]*\.)?{_ERROR}`?\s*:\s*")
_SPAN = re.compile(rf"`((?:[\w.]*\.)?{_ERROR}\s*:\s[^`]+)`")
_COLUMN = re.compile(r"\b(error|message|warning|exception)s?\b")
_SEAM = re.compile(r"(?<=[\"'])\s*\+?\s*\\?\s*\n\s*\+?\s*[rfbuRFBU]{0,2}(?=[\"'])|[\"'][ \t]+[rfbu]{0,2}(?=[\"'])")
_HOLE = "*"
_IN_SOURCE = re.compile(r"\{[^{}\n]*\}|%[sdrif]\b|%\(\w+\)[sdrif]|\\[nt]|(?P<word>[A-Za-z0-9_]+)")
_IN_PAGE = re.compile(r"\{[^{}]*\}|<[^<>]*>|…|\.\.\.|%[sdrif]\b|(?P<word>[A-Za-z0-9_]+)")
#: Words that stand for a hole at most, and words that must stand in a row for a place to be looked at.
_WIDEST = 12
_ANCHOR = 2


def quoted_messages(statement: Statement) -> Iterator[str]:
    """The error and warning messages that a statement quotes: in a column of messages, or as `ValueError: …`."""
    if _COLUMN.search(statement.column) and re.search(
        "error|warning|message|exception|troubl", statement.section, re.I
    ):
        text = _PREFIX.sub("", statement.text.strip())
        if len(_words(_IN_PAGE, text)) > 1:
            yield text.strip("` ").replace("`", "")
        return
    for span in _SPAN.findall(statement.text):
        yield _PREFIX.sub("", span).strip()


class Messages:
    """The strings of a snapshot's Python files, as words."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    @cached_property
    def _files(self) -> list[list[str]]:
        files = []
        for path in self._snapshot.files:
            if path.endswith(".py"):
                files.append(_words(_IN_SOURCE, _SEAM.sub("", "\n".join(self._snapshot.lines(path)))))
        return files

    @cached_property
    def _pairs(self) -> dict[tuple[str, str], list[tuple[int, int]]]:
        """Where each two neighbouring words stand: file and offset."""
        found: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        for number, words in enumerate(self._files):
            for at, pair in enumerate(pairwise(words)):
                if _HOLE not in pair:
                    found[pair].append((number, at))
        return found

    def emitted(self, message: str) -> bool:
        """Whether the source has a string that may read so, or of which this is a part."""
        words = _words(_IN_PAGE, message)
        pairs = [(len(self._pairs.get(pair, ())), at) for at, pair in enumerate(pairwise(words)) if _HOLE not in pair]
        if not pairs:
            return any(word in file for word in words for file in self._files)
        for _, at in sorted(pairs)[: _ANCHOR + 1]:
            for number, place in self._pairs.get((words[at], words[at + 1]), ()):
                file = self._files[number]
                if _reads(words[at:], file, place, 1) and _reads(words[: at + 1][::-1], file, place, -1):
                    return True
        return False


def _words(pattern: re.Pattern[str], text: str) -> list[str]:
    words: list[str] = []
    for found in pattern.finditer(text):
        word = found["word"].casefold() if found["word"] else "" if found[0] in ("\\n", "\\t") else _HOLE
        if word and not (word == _HOLE and words[-1:] == [_HOLE]):
            words.append(word)
    return words


def _reads(message: Sequence[str], file: Sequence[str], start: int, step: int) -> bool:
    """Whether a file reads as `message` from `start` on, in the direction of `step`; holes on both sides are filled."""
    places = {(0, start)}
    seen: set[tuple[int, int]] = set()
    while places:
        at, place = places.pop()
        if at >= len(message):
            return True
        if (at, place) in seen or not 0 <= place < len(file):
            continue
        seen.add((at, place))
        if message[at] == file[place]:
            places.add((at + 1, place + step))
        if message[at] == _HOLE:
            places |= {(at + 1, place + step * width) for width in range(_WIDEST)}
        if file[place] == _HOLE:
            places |= {(at + width, place + step) for width in range(_WIDEST)}
    return False
