"""Merging: signals that are about one insight become one group."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wikiagent.mine import words
from wikiagent.mine.alike import Alike, plain_words
from wikiagent.mine.signal import Signal
from wikiagent.source.evidence import Place

#: Cosine similarity from which two signals are about one insight.
SAME_INSIGHT = 0.3
#: Similarity from which two signals stay together whichever leader takes them.
TWINS = 0.7
#: Part of their words in which two texts that say the same may not differ.
SAME_WORDS = 0.84
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
    alike = Alike(signals)
    centrality = [central(signal) for signal in signals]
    order = sorted(range(len(signals)), key=lambda i: (-strength(signals[i]), -centrality[i], signals[i].place))
    taken: dict[int, tuple[float, int]] = {}
    leaders: dict[int, None] = {}
    for index in order:
        if index in taken:
            continue
        leaders[index] = None
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


def _unite(taken: dict[int, tuple[float, int]], alike: Alike) -> None:
    """Give twins that two leaders took to the leader that one of them is most like."""
    for index in sorted(taken):
        near = alike.to(index)
        for twin in sorted(near):
            if near[twin] < TWINS or twin not in taken or taken[twin][1] == taken[index][1]:
                continue
            near_to = {leader: alike.to(leader) for leader in (taken[index][1], taken[twin][1])}
            best = max(near_to, key=lambda leader: max(near_to[leader].get(one, 0.0) for one in (index, twin)))
            if index in near_to[best] and twin in near_to[best]:
                taken[index], taken[twin] = (near_to[best][index], best), (near_to[best][twin], best)


def _join(signals: Sequence[Signal], following: dict[int, list[tuple[float, int]]], alike: Alike) -> None:
    """Join groups whose leader says, but for the names, what a member of a stronger group says, and the rest fits."""
    said = _FirstSaid(signals)
    for leader in list(following):
        plain = plain_words(signals[leader])
        target = said.by(plain) if len(plain) >= MIN_WORDS else None
        near = alike.to(target) if target is not None else {}
        if target is not None and near.keys() >= {leader, *_second(following[leader])}:
            following[target] += [(near[i], i) for i in (leader, *_second(following.pop(leader)))]
        else:
            target = leader
        for index in (leader, *_second(following[target])):
            said.add(plain_words(signals[index]), target)


class _FirstSaid:
    """Who said something in the same words first; found by rare words (prefix filter: Chaudhuri et al., 2006).

    Args:
        signals: all signals, for how rare a word is.
    """

    def __init__(self, signals: Sequence[Signal]) -> None:
        self._frequency = Counter(word for signal in signals for word in plain_words(signal))
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


def _same_words(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sets of words are the same but for one in six (Jaccard's index)."""
    return len(one & other) >= SAME_WORDS * len(one | other)


def _second(found: Sequence[tuple[float, int]]) -> list[int]:
    return [index for _, index in found]


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
