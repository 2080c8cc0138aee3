"""The source as the rules ask about it; everything is read when it is first asked for."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from functools import cache, cached_property
from pathlib import PurePosixPath

from wikiagent.check.messages import Messages
from wikiagent.check.numbers import Number, pattern
from wikiagent.code.signatures import Signatures
from wikiagent.code.vocabulary import Vocabulary
from wikiagent.source.evidence import Place
from wikiagent.source.snapshot import Snapshot

_HEADER = re.compile(r"^([ \t]*)(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)")
_WRITTEN = frozenset([".py", ".toml", ".cfg", ".md", ".rst", ".txt"])
_CODE = re.compile(r"`([^`]+)`")
#: Fewest telling words of a statement that is judged by them.
_FEW = 2
#: The weight of a stem that no file has.
_UNKNOWN = 2.0
_STEM = 5
_PARTS = re.compile(r"[A-Z][a-z]{2,}|[a-z]{3,}|[A-Z]{3,}|\d+(?:\.\d+)*")
#: Words that say nothing about what a sentence is about.
_COMMON = frozenset(
    """and any are because been but can could did does for from get gets had has have her how into its itself may might
    must nor not off only other our out over own per same shall should some such than that the their them then there
    these they this those too under use used uses using via was were what when where which while who why will with
    without would you your also all each every after before way ways""".split()
)


def stems(text: str) -> set[str]:
    """The beginnings of the words of a text that tell what it is about; names are cut at case and underscores."""
    return {stem for word in _PARTS.findall(text) if (stem := _stem(word))}


@cache
def _stem(word: str) -> str:
    """The beginning of a word without the ending of a plural; empty for a word that tells nothing."""
    word = word.lower()
    return "" if word in _COMMON else (word[:-1] if word[-1] == "s" else word)[:_STEM]


class Source:
    """One snapshot, asked by the rules.

    Attributes:
        snapshot: the files.
        vocabulary: all words of them.
        signatures: parameters, attributes and defaults.
        messages: the strings of its code.
    """

    def __init__(self, snapshot: Snapshot, vocabulary: Vocabulary | None = None) -> None:
        self.snapshot = snapshot
        self.vocabulary = vocabulary or Vocabulary(snapshot)
        self.signatures = Signatures(snapshot)
        self.messages = Messages(snapshot)
        self._numbers: dict[tuple[str, str], list[set[str]]] = {}
        self._around: dict[Place, str] = {}

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path in self.snapshot.files:
            found[PurePosixPath(path).name].append(path)
        return found

    def ending(self, path: str) -> list[str]:
        """The files whose paths end as `path` does."""
        tail = path.lstrip("./")
        known = self._by_name.get(PurePosixPath(tail).name, [])
        return [file for file in known if file.endswith(f"/{tail}") or file == tail]

    def definitions(self, path: str, name: str) -> list[Place]:
        """Where a file defines the class or function that a page is named after, at its top level."""
        known: dict[str, list[Place]] = defaultdict(list)
        for signature in self.signatures.in_file(path):
            if "." not in signature.name:
                known[signature.name].append(signature.place)
        named = [symbol for symbol in known if name == symbol or name.endswith(f"_{symbol}")]
        return known[max(named, key=len)] if named else []

    def wants(self, name: str) -> bool:
        """Whether a page about a name may be wanted: the source defines it, or both parts of `Class_method`."""
        cuts = [at for at, character in enumerate(name) if character == "_"]
        known = self.signatures.defined
        return known(name) or any(known(name[:at]) and known(name[at + 1 :]) for at in cuts)

    def around(self, place: Place) -> str:
        """The names of the classes and functions that a place stands in."""
        if place not in self._around:
            self._around[place] = self._names_around(place)
        return self._around[place]

    def _names_around(self, place: Place) -> str:
        lines = self.snapshot.lines(place.path)[: place.first]
        names, depth = [], 1_000
        for line in reversed(lines):
            found = _HEADER.match(line)
            if found and len(found[1]) < depth:
                names.append(found[2])
                depth = len(found[1])
                if not depth:
                    break
        return " ".join(names)

    @cached_property
    def _prose(self) -> list[tuple[str, ...]]:
        """The lines of all files that a person may have written: code, set-up files and documents."""
        return [self.snapshot.lines(path) for path in self.snapshot.files if PurePosixPath(path).suffix in _WRITTEN]

    def states(self, number: Number, text: str) -> bool:
        """Whether a number stands, with its unit, in the source within two lines of a telling word of `text`."""
        told = stems(text)
        return any(told & near for near in self._near(number.value, number.unit))

    def _near(self, value: str, unit: str) -> list[set[str]]:
        """What is told within two lines of each place where a number stands."""
        if (value, unit) not in self._numbers:
            wanted = pattern(Number(value, unit, "", 0, 0))
            self._numbers[value, unit] = [
                stems(" ".join(lines[max(0, at - 2) : at + 3]))
                for lines in self._prose
                for at, line in enumerate(lines)
                if wanted.search(line)
            ]
        return self._numbers[value, unit]

    @cached_property
    def _weights(self) -> dict[str, float]:
        """How much a stem tells: the rarer it is among the files, the more."""
        files: Counter[str] = Counter()
        for word, count in self.vocabulary.counts():
            for stem in stems(word):
                files[stem] = max(files[stem], count)
        most = max(files.values(), default=1)
        return {stem: math.log1p(most / count) for stem, count in files.items()}

    def shared(self, text: str, proven: set[str]) -> float:
        """Which part of what a text tells is in its evidence, by words: from 0 to 1; code counts twice.

        A text with fewer telling words than `_FEW` cannot be judged by them: 1.
        """
        code = stems(" ".join(_CODE.findall(text)))
        weights = {stem: self._weights.get(stem, _UNKNOWN) * (2 if stem in code else 1) for stem in stems(text)}
        total = sum(weights.values()) if len(weights) >= _FEW else 0
        return sum(weight for stem, weight in weights.items() if stem in proven) / total if total else 1.0
