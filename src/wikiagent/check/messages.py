"""Messages that a page quotes, and whether the source emits them.

The strings of the source are read as words; what is only known at run time (`{name}`, `%s`) stands for any few words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import pairwise

from wikiagent.check.prose import Statement
from wikiagent.source.snapshot import Snapshot

_ERROR = r"(?:[A-Z]\w*)?(?:Error|Exception|Warning|Interrupt)"
_PREFIX = re.compile(rf"^\s*`?\s*(?:[\w.]*\.)?{_ERROR}`?\s*:\s*")
_SPAN = re.compile(rf"`((?:[\w.]*\.)?{_ERROR}\s*:\s[^`]+)`")
_COLUMN = re.compile(r"\b(error|message|warning|exception)s?\b")
_SEAM = re.compile(r"(?<=[\"'])\s*\+?\s*\\?\s*\n\s*\+?\s*[rfbuRFBU]{0,2}(?=[\"'])|[\"'][ \t]+[rfbu]{0,2}(?=[\"'])")
_HOLE = "*"
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`{])")
#: Words of a sentence that is looked for by itself.
_TELLING = 3
_IN_SOURCE = re.compile(r"\{[^{}\n]*\}|%[sdrif]\b|%\(\w+\)[sdrif]|\\[nt]|(?P<word>[A-Za-z0-9_]+)")
_IN_PAGE = re.compile(r"\{[^{}]*\}|<[^<>]*>|…|\.\.\.|%[sdrif]\b|(?P<word>[A-Za-z0-9_]+)")
#: Words that a hole stands for, at most: inside of a message, and at its ends.
_WIDEST = 6
_AT_AN_END = 1
#: Longest words of a message that a file is looked through for, and pairs of neighbouring words from which a comparison
#: begins.
_LOOKED_FOR = 6
_ANCHORS = 4


def quoted_messages(statement: Statement) -> Iterator[str]:
    """The error and warning messages that a statement quotes: in a column of messages, or as `ValueError: …`."""
    if _COLUMN.search(statement.column) and re.search(
        "error|warning|message|exception|troubl", statement.section, re.I
    ):
        text = _PREFIX.sub("", statement.text.strip())
        if len(_words(_IN_PAGE, text)) > 1:
            yield " ".join(text.replace("`", " ").split())
        return
    for span in _SPAN.findall(statement.text) if ": " in statement.text else ():
        yield _PREFIX.sub("", span).strip()


class Messages:
    """The strings of a snapshot's Python files, as words."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._read: dict[str, list[str]] = {}
        self._asked: dict[str, bool] = {}

    @cached_property
    def _texts(self) -> list[tuple[str, str]]:
        """Path and text, in small letters, of each Python file."""
        paths = [path for path in self._snapshot.files if path.endswith(".py")]
        return [(path, self._snapshot.read(path).decode("utf-8", "replace").casefold()) for path in paths]

    def _words_of(self, path: str, text: str) -> list[str]:
        if path not in self._read:
            self._read[path] = _words(_IN_SOURCE, _SEAM.sub("", text))
        return self._read[path]

    def emitted(self, message: str) -> bool:
        """Whether the source has a string that may read so, or of which this is a part."""
        if message not in self._asked:
            # a page may leave sentences of a message out
            sentences = [words for part in _SENTENCE.split(message) if len(words := _words(_IN_PAGE, part)) >= _TELLING]
            whole = _words(_IN_PAGE, message)
            self._asked[message] = self._emitted(whole) or (len(sentences) > 1 and all(map(self._emitted, sentences)))
        return self._asked[message]

    def _emitted(self, words: Sequence[str]) -> bool:
        told = sorted({word for word in words if word != _HOLE}, key=len, reverse=True)
        pairs = [at for at, pair in enumerate(pairwise(words)) if _HOLE not in pair]
        # what a page fills in for a placeholder stands nowhere: most of the longest words must, not all
        for path, text in self._texts:
            if sum(word in text for word in told[:_LOOKED_FOR]) * 2 < len(told[:_LOOKED_FOR]):
                continue
            file = self._words_of(path, text)
            if not pairs:
                return any(word in file for word in told)
            for at in sorted(pairs, key=lambda at: -len(words[at]) - len(words[at + 1]))[:_ANCHORS]:
                if any(_stands(words, at, file, place) for place in _places(words[at], words[at + 1], file)):
                    return True
        return False


def _places(one: str, other: str, file: Sequence[str]) -> Iterator[int]:
    """Where two words stand beside each other in a file."""
    at = -1
    with suppress(ValueError):
        while True:
            at = file.index(one, at + 1)
            if file[at + 1 : at + 2] == [other]:
                yield at


def _stands(words: Sequence[str], at: int, file: Sequence[str], place: int) -> bool:
    """Whether a file reads as the words, the one at `at` standing at `place`."""
    return _reads(words[at:], file, place, 1) and _reads(words[: at + 1][::-1], file, place, -1)


def _span(words: Sequence[str], at: int, step: int) -> range:
    """How many words a hole may stand for from `at` on: no further than to the next hole on this side."""
    for width in range(_WIDEST):
        if not 0 <= at + step * width < len(words) or words[at + step * width] == _HOLE:
            return range(width + 1)
    return range(_WIDEST)


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
        elif message[at] == _HOLE:
            places |= {(at + 1, place + step * width) for width in _span(file, place, step)}
        elif file[place] == _HOLE:
            if len(message) - at <= _AT_AN_END:
                return True
            places |= {(at + width, place + step) for width in _span(message, at, 1) if at + width < len(message)}
    return False
