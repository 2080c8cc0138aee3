"""Candidates: signals that belong to one insight, merged, named and ranked."""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from wikiagent.code.symbols import Symbol, Symbols
from wikiagent.mine import environments, words
from wikiagent.mine.naming import Spelling, heuristic_name, spelling, unique_names
from wikiagent.mine.signals import Signal
from wikiagent.source.evidence import Place

#: Cosine similarity from which two signals are about one insight.
SAME_INSIGHT = 0.38
#: Most signals that one candidate shows; the rest counts as recurrence.
MAX_SIGNALS = 8
#: Most places that an environment shows: a core install has a line for each package.
MAX_CHECKS = 20
#: What each deprecation that ranks higher takes from a deprecation's score.
CROWDING = 0.15
#: Places shown where the same thing is said again and again.
SHOWN_WHERE_REPEATED = 6
#: Most lines that a candidate shows together.
MAX_TOTAL_LINES = 150


@dataclass(frozen=True)
class Candidate:
    """One insight that may deserve a page.

    Attributes:
        key: identity that stays the same from run to run over the same source.
        kind: `environment` or `heuristic`.
        category: the category of the page.
        name: name of the page, without the prefix of the repository.
        signals: what shows it, the strongest first; the first one leads. No two share lines.
        also: further signals on the lines of `signals`: words for the page, no evidence of their own.
        recurs: all further places that say the same.
        owners: public names that it concerns, nearest first.
        reasons: parts of the score, by name.
    """

    key: str
    kind: str
    category: str
    name: str
    signals: tuple[Signal, ...]
    also: tuple[Signal, ...]
    recurs: tuple[Place, ...]
    owners: tuple[str, ...]
    reasons: tuple[tuple[str, float], ...]

    @property
    def score(self) -> float:
        """The sum of its reasons: higher is more worth a page."""
        return round(sum(value for _, value in self.reasons), 3)


def rank(signals: Sequence[Signal], symbols: Symbols) -> list[Candidate]:
    """Merge signals into candidates, the one most worth a page first; ties fall by place."""
    spell = spelling(signals)
    gathered, rest = environments.gather(signals, spell)
    found = [_environment(group, symbols) for group in gathered]
    found += [_heuristic(group, symbols, spell) for group in _merge(rest, symbols)]
    found.sort(key=_order)
    found = sorted(_crowded(found), key=_order)
    names = unique_names([(c.name, c.signals[0].symbol, c.signals[0].place.path) for c in found], spell)
    return [replace(candidate, name=name) for candidate, name in zip(found, names, strict=True)]


def _order(candidate: Candidate) -> tuple[float, Place]:
    return -candidate.score, candidate.signals[0].place


def _crowded(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Each further deprecation tells a reader less than the one before."""
    earlier = 0
    for candidate in candidates:
        if candidate.signals[0].kind == "deprecation":
            candidate = replace(
                candidate, reasons=(*candidate.reasons, ("deprecations before it", round(-CROWDING * earlier, 3)))
            )
            earlier += 1
        yield candidate


# --- merging ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Group:
    leader: Signal
    members: tuple[Signal, ...]
    also: tuple[Signal, ...]
    recurs: tuple[Place, ...]


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


def _merge(signals: Sequence[Signal], symbols: Symbols) -> list[_Group]:
    """Leader clustering: each signal, the strongest first, takes those not yet taken that are about the same.

    Linear in the signals that share a rare term (Hartigan, 1975, calls this the leader algorithm).
    """
    vectors = _vectors(signals)
    by_term: dict[str, list[int]] = defaultdict(list)
    for index, vector in enumerate(vectors):
        for term in vector:
            by_term[term].append(index)
    central = [_centrality(signal, symbols) for signal in signals]
    free = set(range(len(signals)))
    groups = []
    for index in sorted(free, key=lambda i: (-strength(signals[i]), -central[i], signals[i].place)):
        if index not in free:
            continue
        free.discard(index)
        similar: dict[int, float] = defaultdict(float)
        for term, weight in vectors[index].items():
            for other in by_term[term]:
                if other in free:
                    similar[other] += weight * vectors[other][term]
        near = {i: s + _nearness(signals[index], signals[i]) for i, s in similar.items()}
        taken = sorted(
            (i for i, s in near.items() if s >= SAME_INSIGHT),
            key=lambda i: (-round(near[i], 2), -central[i], signals[i].place),
        )
        free.difference_update(taken)
        groups.append(_group(signals[index], [signals[i] for i in taken]))
    return groups


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
    return 0.15 if same and gap <= 6 else 0.08 if same else 0.0


def _group(leader: Signal, others: Sequence[Signal]) -> _Group:
    """Choose what to show: one place for each thing said, first those in other words than what is shown already."""
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
    for signal in repeats:  # room left: show other places that say the same
        fits = len(shown) < SHOWN_WHERE_REPEATED and lines + len(signal.place) <= MAX_TOTAL_LINES
        if fits and not any(signal.place.overlaps(s.place) for s in shown):
            shown.append(signal)
            lines += len(signal.place)
        else:
            recurs.append(signal.place)
    return _Group(leader, tuple(shown), tuple(also), tuple(dict.fromkeys(recurs)))


def _said(signal: Signal) -> str:
    return " ".join(words.content_words(signal.text)[:12])


# --- ranking ---------------------------------------------------------------------------------------------------------

_KIND = {"deprecation": 4.5, "warning": 2.0, "docstring": 1.2, "comment": 1.2, "help": 0.8, "error": 0.9}
_ENVIRONMENT = {"Core": 8.5, "Backend": 8.0, "Hardware": 8.0, "Platform": 7.0, "Distributed": 7.5}
_ROUTINE = (
    "must be a", "should be a", "must be one of", "not found", "unknown", "invalid", "unexpected", "expected", "got ",
    "already exists", "must be of type", "must be either", "must be in", "must be passed", "not a valid",
    "but received",
)  # fmt: skip


def strength(signal: Signal) -> float:
    """How much one signal says by itself: kind, reason, consequence, advice, limit; routine checks say little."""
    text = signal.text
    routine = signal.kind == "error" and any(mark in text.lower() for mark in _ROUTINE)
    length = min(len(text.split()), 60) / 60
    return _KIND.get(signal.kind, 0.5) + words.telling(text) + length - (1.2 if routine else 0.0)


def _heuristic(group: _Group, symbols: Symbols, spell: Spelling) -> Candidate:
    leader = group.leader
    owners = owners_of(group.members, symbols)
    kinds = {s.kind for s in (*group.members, *group.also)}
    rest = sum(strength(s) for s in group.members[1:4]) / 6
    reasons = (
        ("says", round(strength(leader), 3)),
        ("supported", round(rest, 3)),
        ("recurs", round(0.5 * math.log1p(len(group.members) - 1 + len(group.recurs)), 3)),
        ("seen in several ways", 0.4 * (len(kinds) - 1)),
        ("public", _reach(group.members, symbols)),
    )
    return Candidate(
        key=_key("heuristic", leader),
        kind="heuristic",
        category=_category(group),
        name=heuristic_name(leader, spell),
        signals=group.members,
        also=group.also,
        recurs=group.recurs,
        owners=owners,
        reasons=reasons,
    )


def _environment(group: environments.Group, symbols: Symbols) -> Candidate:
    users = [s for name in group.checks for s in symbols.calls.get(name, ())]
    owners = dict.fromkeys((*_owner_names(users, symbols), *owners_of(group.signals, symbols)))
    shown, also = _without_overlap(group.signals)
    reasons = (
        ("environment", _ENVIRONMENT[group.category]),
        ("supported", round(0.3 * math.log1p(len(group.signals)), 3)),
        ("used", round(0.2 * math.log1p(len(users)), 3)),
    )
    return Candidate(
        key=_key("environment", group.signals[0], group.name),
        kind="environment",
        category=group.category,
        name=group.name,
        signals=shown[:MAX_CHECKS],
        also=also,
        recurs=tuple(s.place for s in shown[MAX_CHECKS:]),
        owners=tuple(owners)[:8],
        reasons=reasons,
    )


def _without_overlap(signals: Sequence[Signal]) -> tuple[tuple[Signal, ...], tuple[Signal, ...]]:
    shown: list[Signal] = []
    also: list[Signal] = []
    for signal in signals:
        (also if any(signal.place.overlaps(s.place) for s in shown) else shown).append(signal)
    return tuple(shown), tuple(also)


def _key(kind: str, leader: Signal, name: str = "") -> str:
    said = name or f"{leader.symbol}|{leader.text}"
    return f"{kind[0]}-{hashlib.sha256(f'{kind}|{leader.place.path}|{said}'.encode()).hexdigest()[:12]}"


def _category(group: _Group) -> str:
    texts = " ".join(s.text for s in group.members[:3])
    if group.leader.kind in ("warning", "deprecation"):
        return "Warning"
    if any(s.kind == "error" for s in group.members[:2]):
        return "Compatibility"
    if words.OPTIMIZATION.search(texts):
        return "Optimization"
    if words.DEBUGGING.search(texts):
        return "Debugging"
    return "Configuration" if any(s.subject for s in group.members) else "Compatibility"


# --- reach -----------------------------------------------------------------------------------------------------------


def _centrality(signal: Signal, symbols: Symbols) -> int:
    """How many classes and callers depend on the class or function that a signal stands in."""
    symbol = symbols.at(signal.place.path, signal.place.last)
    if symbol is None:
        return 0
    outer = list(symbols.chain(symbol))[-1].simple
    return len(symbols.subclasses(outer)) + len(symbols.calls.get(outer, ()))


def _reach(signals: Iterable[Signal], symbols: Symbols) -> float:
    """1 where a leading signal stands in public code, 0.5 where only its file's folder is public, else 0."""
    leader = next(iter(signals))
    symbol = symbols.at(leader.place.path, leader.place.last)
    if symbol is None:
        return 0.3
    chain = list(symbols.chain(symbol))
    if any(symbols.exported(s) for s in chain) and not symbol.is_private:
        return 1.0
    return 0.6 if any(symbols.exported(s) or not s.is_private for s in chain) else 0.2


def owners_of(signals: Sequence[Signal], symbols: Symbols) -> tuple[str, ...]:
    """The public names that signals concern: what they stand in, or what subclasses or calls that."""
    holders: list[Symbol] = []
    for signal in signals:
        symbol = symbols.at(signal.place.path, signal.place.last)
        # what stands at module level concerns what the module exports
        holders += [symbol] if symbol else [s for s in symbols.in_file(signal.place.path) if symbols.exported(s)][:1]
    return _owner_names(holders, symbols)


def _owner_names(holders: Sequence[Symbol], symbols: Symbols) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for symbol in dict.fromkeys(holders):
        found.update(dict.fromkeys(_public_names(symbol, symbols)))
    return tuple(found)[:8]


def _public_names(symbol: Symbol, symbols: Symbols, steps: int = 3) -> list[str]:
    """Nearest first; a method of a public class gives both `Class.method` and `Class`."""
    chain = list(symbols.chain(symbol))
    names: list[str] = []
    for around in chain:
        public = symbols.exported(around)
        if public:
            if around is not chain[0] and not chain[0].is_private:
                names.append(f"{public}.{chain[0].simple}")
            names.append(public)
    outer = chain[-1]
    if not names and outer.kind == "class":
        names = sorted(n for n in symbols.subclasses(outer.simple) if n in symbols.exports)[:2]
    if not names and steps:
        needed = 1.0 if len(symbols.by_simple[outer.simple]) > 1 else 0.0  # a common name: only its own folder means it
        callers = [c for c in symbols.calls.get(outer.simple, ()) if _shared(c, outer) >= needed and c != outer]
        for caller in sorted(callers, key=lambda c: (-_shared(c, outer), c.place)):
            names += _public_names(caller, symbols, steps - 1)
            if names:
                break
    return list(dict.fromkeys(names))[:3]


def _shared(one: Symbol, other: Symbol) -> float:
    """Which part of the folders of two symbols is the same, 0 to 1."""
    folders = [s.place.path.split("/")[:-1] for s in (one, other)]
    same = sum(1 for a, b in zip(*folders, strict=False) if a == b)
    return same / (max(map(len, folders)) or 1)
