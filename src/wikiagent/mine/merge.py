"""Merging: signals that are about one insight become one group."""

from __future__ import annotations

import builtins
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from wikiagent.mine import silent, words
from wikiagent.mine.signal import Signal
from wikiagent.source.evidence import Place

#: Cosine similarity from which two signals are about one insight.
SAME_INSIGHT = 0.3
#: Cosine similarity from which two common terms are enough.
CLEARLY_ALIKE = 0.36
#: Similarity from which two signals stay together whichever leader takes them.
TWINS = 0.7
#: Similarity to a leader that a signal needs to follow its twin.
RELATED = 0.25
#: Part of their words in which two texts that say the same may not differ.
SAME_WORDS = 0.84
#: Part of their words from which two texts are worded alike.
ALIKE_WORDS = 0.3
#: Most signals that speak of a name which still tells what they are about.
RARE = 20
#: Fewer words than these, and two texts are the same by chance.
MIN_WORDS = 6
#: Most signals that a group shows; the rest counts as recurrence.
MAX_SIGNALS = 8
#: Places shown where the same thing is said again and again.
SHOWN_WHERE_REPEATED = 6
#: Most lines that a group shows together.
MAX_TOTAL_LINES = 150


@dataclass(frozen=True)
class Group:
    """Signals of one insight.

    Attributes:
        members: what is shown, the leader first, no two on the same lines.
        also: further signals on the lines of members.
        recurs: further places that say the same.
    """

    members: tuple[Signal, ...]
    also: tuple[Signal, ...]
    recurs: tuple[Place, ...]

    @property
    def leader(self) -> Signal:
        """The signal that says it best."""
        return self.members[0]


def merge(
    signals: Sequence[Signal], strength: Callable[[Signal], float], central: Callable[[Signal], float]
) -> list[Group]:
    """Leader clustering (Hartigan, 1975): each signal, the strongest first, leads what is about the same thing.

    Twins that different leaders took go to the leader that one of them is most like; then a group whose leader only
    says what a member of another group says, but for the names, joins that group.

    Args:
        signals: what to merge.
        strength: how much one signal says by itself; the strongest leads.
        central: how central its place is; decides between signals that say the same.
    """
    alike = _Alike(signals)
    centrality = [central(signal) for signal in signals]
    order = sorted(range(len(signals)), key=lambda i: (-strength(signals[i]), -centrality[i], signals[i].place))
    taken: dict[int, tuple[float, int]] = {}
    leaders: list[int] = []
    for index in order:
        if index in taken:
            continue
        leaders.append(index)
        for other, value in alike.to(index).items():
            if other not in leaders and other not in taken and value >= SAME_INSIGHT:
                taken[other] = (value, index)
    _unite(taken, alike)
    following: dict[int, list[tuple[float, int]]] = {leader: [] for leader in leaders}
    for other, (value, leader) in taken.items():
        following[leader].append((value, other))
    _join(signals, following, alike)
    groups = []
    for leader, others in following.items():
        others.sort(key=lambda found: (-round(found[0], 2), -centrality[found[1]], signals[found[1]].place))
        groups.append(_group(signals[leader], [signals[other] for _, other in others]))
    return groups


def _unite(taken: dict[int, tuple[float, int]], alike: _Alike) -> None:
    """Give twins that two leaders took to the leader that one of them is most like."""
    for index in sorted(taken):
        near = alike.to(index)
        for twin in sorted(near):
            if near[twin] < TWINS or twin not in taken or taken[twin][1] == taken[index][1]:
                continue
            leaders = (taken[index][1], taken[twin][1])
            values = [[alike.to(leader).get(one, 0.0) for one in (index, twin)] for leader in leaders]
            value, best = max(zip(values, leaders, strict=True), key=lambda found: max(found[0]))
            if min(value) >= RELATED:
                taken[index], taken[twin] = (value[0], best), (value[1], best)


def _join(signals: Sequence[Signal], following: dict[int, list[tuple[float, int]]], alike: _Alike) -> None:
    """Join groups whose leader says, but for the names, what a member of a stronger group says, and the rest fits."""
    said = _Said(signals)
    for leader in list(following):
        plain = _plain_words(signals[leader])
        target = said.by(plain) if len(plain) >= MIN_WORDS else None
        near = alike.to(target) if target is not None else {}
        if target is not None and all(near.get(i, 0.0) >= RELATED for i in (leader, *_second(following[leader]))):
            following[target] += [(near[i], i) for i in (leader, *_second(following.pop(leader)))]
        else:
            target = leader
        for index in (leader, *_second(following[target])):
            said.add(_plain_words(signals[index]), target)


class _Said:
    """Who said something in the same words first; found by rare words (prefix filter: Chaudhuri et al., 2006).

    Args:
        signals: all signals, for how rare a word is.
    """

    def __init__(self, signals: Sequence[Signal]) -> None:
        self._frequency = Counter(word for signal in signals for word in _plain_words(signal))
        self._by_word: dict[str, dict[frozenset[str], tuple[int, int]]] = defaultdict(dict)
        self._count = 0

    def _keys(self, plain: frozenset[str]) -> list[str]:
        """Words of which two sets that are the same but for one in six share at least one."""
        rarest = sorted(plain, key=lambda word: (self._frequency[word], word))
        return rarest[: int((1 - SAME_WORDS) * len(plain)) + 1]

    def add(self, plain: frozenset[str], who: int) -> None:
        """Note who said something, where nobody did before."""
        self._count += 1
        for key in self._keys(plain):
            self._by_word[key].setdefault(plain, (self._count, who))

    def by(self, plain: frozenset[str]) -> int | None:
        """Who said it first, None where nobody did."""
        found = (
            first
            for key in self._keys(plain)
            for other, first in self._by_word[key].items()
            if _same_words(plain, other)
        )
        return min(found, default=(0, None))[1]


def _second(found: Sequence[tuple[float, int]]) -> list[int]:
    return [index for _, index in found]


@lru_cache(maxsize=2**16)
def _plain_words(signal: Signal) -> frozenset[str]:
    """The words of a signal without the names of code in it."""
    text = re.sub(r"`[^`]*`", " ", signal.text)
    return frozenset(re.findall(r"[a-z]+", re.sub(r"\S*(?:_|[a-z][A-Z])\S*", " ", text).lower()))


def _alike_words(one: Signal, other: Signal) -> bool:
    words_of_one, words_of_other = _plain_words(one), _plain_words(other)
    return len(words_of_one & words_of_other) >= ALIKE_WORDS * len(words_of_one | words_of_other)


def _same_words(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sets of words are the same but for one in six (Jaccard's index)."""
    return len(one & other) >= SAME_WORDS * len(one | other)


class _Alike:
    """How alike signals are: the cosine of their terms, and their nearness.

    Args:
        signals: what to compare.
    """

    def __init__(self, signals: Sequence[Signal]) -> None:
        self._signals = signals
        self._vectors = _vectors(signals)
        self._known: dict[int, dict[int, float]] = {}
        self._by_term: dict[str, list[int]] = defaultdict(list)
        for index, vector in enumerate(self._vectors):
            for term in vector:
                self._by_term[term].append(index)

    def to(self, index: int) -> dict[int, float]:
        """The signals that may be about the same thing as one, and how alike they are.

        Outside of its own class or function a signal must be clearly alike and share two terms that are more than a
        word of limits; or share three, among them a rare name, or be worded alike.
        """
        if index not in self._known:
            self._known[index] = self._compared(index)
        return self._known[index]

    def _compared(self, index: int) -> dict[int, float]:
        similar: dict[int, float] = defaultdict(float)
        shared: Counter[int] = Counter()
        for term, weight in self._vectors[index].items():
            for other in self._by_term[term]:
                similar[other] += weight * self._vectors[other][term]
                shared[other] += term not in _LIMITS
        found = {}
        for other, value in similar.items():
            one, two = self._signals[index], self._signals[other]
            at_home = one.place.path == two.place.path and _outermost(one) == _outermost(two)
            clearly = value >= CLEARLY_ALIKE
            enough = shared[other] >= (2 if clearly else 3)
            if other != index and (
                at_home or (enough and (clearly or self._share_name(one, two) or _alike_words(one, two)))
            ):
                found[other] = value + _nearness(one, two)
        return found

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
_URL = re.compile(r"https?://\S+")
_NAME = re.compile(r"[A-Za-z_]\w*")


def _terms(signal: Signal) -> Counter[str]:
    """What a signal is about, as weighted terms: identifiers weigh more than words."""
    terms: Counter[str] = Counter()
    text = re.sub(
        r"`\{([^`]*)\}`",
        lambda found: f"`{' '.join(filter(_tells, _NAME.findall(found[1])))}`",
        _URL.sub(" ", signal.text),
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


def _outermost(signal: Signal) -> str:
    return signal.symbol.partition(".")[0]


def _names(signal: Signal, subject: str) -> bool:
    return subject in words.identifiers(f"{signal.text} {signal.condition.replace('self.', '')}")


def _group(leader: Signal, others: Sequence[Signal]) -> Group:
    """Choose what to show: one place for each thing said, then further places that say the same."""
    shown, also, repeats = [leader], [], []
    said = {_said(leader)}
    lines = len(leader.place)
    for signal in others:
        if any(signal.place.overlaps(s.place) for s in shown):
            also.append(signal)
        elif _said(signal) not in said and len(shown) < MAX_SIGNALS and lines + len(signal.place) <= MAX_TOTAL_LINES:
            shown.append(signal)
            said.add(_said(signal))
            lines += len(signal.place)
        else:
            repeats.append(signal)
    recurs = []
    for signal in repeats:
        fits = len(shown) < SHOWN_WHERE_REPEATED and lines + len(signal.place) <= MAX_TOTAL_LINES
        if fits and not any(signal.place.overlaps(s.place) for s in shown):
            shown.append(signal)
            lines += len(signal.place)
        else:
            recurs.append(signal.place)
    return Group(tuple(shown), tuple(also), tuple(dict.fromkeys(recurs)))


def _said(signal: Signal) -> str:
    return " ".join(words.content_words(signal.text)[:12])
