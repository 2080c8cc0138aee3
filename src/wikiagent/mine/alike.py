"""How alike signals are: the terms that they share, the names of code, the words, and how near they stand."""

from __future__ import annotations

import builtins
import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache

from wikiagent.mine import silent, words
from wikiagent.mine.signal import Signal

#: Similarity below which signals have nothing to do with each other.
RELATED = 0.25
#: Cosine similarity from which two common terms are enough.
CLEARLY_ALIKE = 0.36
#: Part of their words from which two texts are worded alike.
ALIKE_WORDS = 0.3
#: Most signals that speak of a name which still tells what they are about.
RARE = 20
#: Signals that hold a term from which on it alone makes none of them worth comparing.
COMMON = 200
#: Signals of one class or function from which on standing there together is no reason to compare all of them.
CROWDED = 500


class Alike:
    """How alike signals are: the cosine of their terms, and their nearness.

    Args:
        signals: what to compare.
    """

    def __init__(self, signals: Sequence[Signal]) -> None:
        self._signals = signals
        self._vectors = _vectors(signals)
        self._known: dict[int, dict[int, float]] = {}
        self._by_term: dict[str, list[int]] = defaultdict(list)
        self._by_home: dict[tuple[str, str], list[int]] = defaultdict(list)
        for index, vector in enumerate(self._vectors):
            self._by_home[_home(signals[index])].append(index)
            for term in vector:
                self._by_term[term].append(index)
        #: The length of what common terms contribute to each vector: the most that two of them can add.
        self._common = [math.hypot(*(w for t, w in v.items() if self._is_common(t))) for v in self._vectors]

    def _is_common(self, term: str) -> bool:
        return len(self._by_term[term]) > COMMON

    def to(self, index: int) -> dict[int, float]:
        """The signals that may be about the same thing as one, and how alike they are.

        Outside of its own class or function a signal must be clearly alike and share two terms that are more than a
        word of limits; or share three, among them a rare name, or be worded alike.
        """
        if index not in self._known:
            found = {other: self._similarity(index, other) for other in self._candidates(index)}
            self._known[index] = {other: value for other, value in found.items() if value >= RELATED}
        return self._known[index]

    def _candidates(self, index: int) -> set[int]:
        """The signals that stand with one, and those elsewhere that may be alike by the rare terms that they share."""
        partly: dict[int, float] = defaultdict(float)
        for term, weight in self._vectors[index].items():
            if not self._is_common(term):
                for other in self._by_term[term]:
                    partly[other] += weight * self._vectors[other][term]
        most = self._common[index]
        found = {other for other, value in partly.items() if value + most * self._common[other] >= RELATED}
        home = self._by_home[_home(self._signals[index])]
        return (found | set(home if len(home) <= CROWDED else ())) - {index}

    def _similarity(self, index: int, other: int) -> float:
        one, two = self._signals[index], self._signals[other]
        vector, others = self._vectors[index], self._vectors[other]
        shared = vector.keys() & others.keys()
        value = math.fsum(vector[term] * others[term] for term in shared)  # the same in any order of a set
        if not shared:
            return 0.0
        if _home(one) != _home(two):
            clearly = value >= CLEARLY_ALIKE
            if len(shared - _LIMITS) < (2 if clearly else 3):
                return 0.0
            if not (clearly or self._share_name(one, two) or _alike_words(one, two)):
                return 0.0
        return value + _nearness(one, two)

    def _share_name(self, one: Signal, other: Signal) -> bool:
        """Whether both speak of one name, and not many others do."""
        shared = _names_in(one) & (_names_in(other) | frozenset(words.identifiers(other.condition)))
        return any(len(self._by_term.get(f"`{name}", ())) <= RARE for name in shared)


@lru_cache(maxsize=2**16)
def _names_in(signal: Signal) -> frozenset[str]:
    """The names of code that a signal speaks of."""
    names = [*words.identifiers(signal.text), *([signal.subject] if len(signal.subject) > 2 else [])]
    return frozenset(filter(_tells, names))


#: Stems that say that something does not work, whatever it is.
_LIMITS = frozenset(
    words.content_words("supported yet already implemented works allowed possible ignored method nothing")
)
#: Names that tell nothing of what a text is about.
_BUILTIN = frozenset((*dir(builtins), "self", "cls"))
_NAME = re.compile(r"[A-Za-z_]\w*+(?!\()")  # not a call: `get_base_layer()` is asked, not spoken of


def _terms(signal: Signal) -> Counter[str]:
    """What a signal is about, as weighted terms: identifiers weigh more than words."""
    terms: Counter[str] = Counter()
    text = re.sub(
        r"`\{([^`]*)\}`",
        lambda found: f"`{' '.join(filter(_tells, _NAME.findall(found[1])))}`",
        words.URL.sub(" ", signal.text),
    )
    for word in words.content_words(text) if signal.kind not in silent.KINDS else ():
        terms[word] += 1
    for name in words.identifiers(text):
        terms[f"`{name}"] += 2 * _tells(name)
    for name in words.identifiers(signal.condition.replace("self.", "")):
        terms[f"`{name}"] += 1 * _tells(name)
    if signal.subject:
        terms[f"`{signal.subject}"] += 4
    return +terms


def _tells(name: str) -> bool:
    return name not in _BUILTIN and not name.startswith("__")


def _vectors(signals: Sequence[Signal]) -> list[dict[str, float]]:
    """TF-IDF vectors of length 1 (Salton's ltc weighting)."""
    counted = [_terms(signal) for signal in signals]
    seen = Counter(term for terms in counted for term in terms)
    out = []
    for terms in counted:
        weights = {t: (1 + math.log(n)) * math.log((1 + len(signals)) / seen[t]) for t, n in terms.items()}
        length = math.sqrt(sum(w * w for w in weights.values())) or 1.0
        out.append({t: w / length for t, w in weights.items()})
    return out


def _nearness(one: Signal, other: Signal) -> float:
    """What standing close together adds to the similarity of two signals."""
    if one.place.path != other.place.path:
        return 0.0
    if one.place.overlaps(other.place):
        return 0.3
    gap = max(one.place.first, other.place.first) - min(one.place.last, other.place.last)
    same = one.symbol == other.symbol
    if same and one.subject and one.subject == other.subject:
        return 0.4
    if one.subject and _outermost(one) == _outermost(other) and _names(other, one.subject):
        return 0.25  # a guard or a warning of the same class about the same field
    return 0.15 if same and gap <= 6 else 0.08 if same else 0.0


def _home(signal: Signal) -> tuple[str, str]:
    """The file and the outermost definition that a signal stands in."""
    return signal.place.path, _outermost(signal)


def _outermost(signal: Signal) -> str:
    return signal.symbol.partition(".")[0]


def _names(signal: Signal, subject: str) -> bool:
    return subject in words.identifiers(f"{signal.text} {signal.condition.replace('self.', '')}")


@lru_cache(maxsize=2**16)
def plain_words(signal: Signal) -> frozenset[str]:
    """The words of a signal without the names of code in it."""
    text = re.sub(r"`[^`]*`", " ", signal.text)
    return frozenset(re.findall(r"[a-z]+", re.sub(r"\S*(?:_|[a-z][A-Z])\S*", " ", text).lower()))


def _alike_words(one: Signal, other: Signal) -> bool:
    words_of_one, words_of_other = plain_words(one), plain_words(other)
    return len(words_of_one & words_of_other) >= ALIKE_WORDS * len(words_of_one | words_of_other)
