"""Merging: signals that are about one insight become one group."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wikiagent.mine import words
from wikiagent.mine.signal import Signal
from wikiagent.source.evidence import Place

#: Cosine similarity from which two signals are about one insight.
SAME_INSIGHT = 0.38
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
    """Leader clustering (Hartigan, 1975): each signal, the strongest first, takes the free ones about the same thing.

    Args:
        signals: what to merge.
        strength: how much one signal says by itself; the strongest leads.
        central: how central its place is; decides between signals that say the same.
    """
    vectors = _vectors(signals)
    by_term: dict[str, list[int]] = defaultdict(list)
    for index, vector in enumerate(vectors):
        for term in vector:
            by_term[term].append(index)
    centrality = [central(signal) for signal in signals]
    free = set(range(len(signals)))
    groups = []
    for index in sorted(free, key=lambda i: (-strength(signals[i]), -centrality[i], signals[i].place)):
        if index not in free:
            continue
        free.discard(index)
        similar: dict[int, float] = defaultdict(float)
        for term, weight in vectors[index].items():
            for other in by_term[term]:
                if other in free:
                    similar[other] += weight * vectors[other][term]
        near = {i: s + _nearness(signals[index], signals[i]) for i, s in similar.items()}
        taken = [i for i, s in near.items() if s >= SAME_INSIGHT]
        taken.sort(key=lambda i: (-round(near[i], 2), -centrality[i], signals[i].place))
        free.difference_update(taken)
        groups.append(_group(signals[index], [signals[i] for i in taken]))
    return groups


def _terms(signal: Signal) -> Counter[str]:
    """What a signal is about, as weighted terms: identifiers weigh more than words."""
    terms: Counter[str] = Counter()
    for word in words.content_words(signal.text):
        terms[word] += 1
    for name in words.identifiers(signal.text):
        terms[f"`{name}"] += 2
    for name in words.identifiers(signal.condition.replace("self.", "")):
        terms[f"`{name}"] += 1
    if signal.subject:
        terms[f"`{signal.subject}"] += 4
    return terms


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
