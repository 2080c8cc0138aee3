"""Candidates: signals that belong to one insight, merged, named and ranked."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from wikiagent.code.symbols import Symbols
from wikiagent.code.vocabulary import Vocabulary
from wikiagent.mine import environments, words
from wikiagent.mine.merge import Group, merge
from wikiagent.mine.naming import Spelling, heuristic_name, spelling, unique_names
from wikiagent.mine.owners import MAX_OWNERS, centrality, owner_names, owners_of, publicity
from wikiagent.mine.ranking import ENVIRONMENTS, group_parts, signal_parts, strength, weighed
from wikiagent.mine.signal import Signal
from wikiagent.source.evidence import Place

#: Most places that an environment shows: a core install has a line for each package.
MAX_CHECKS = 20


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

    @property
    def evidence(self) -> str:
        """Digest of what it rests on: path, symbol, kind and text of its signals, whichever lines they stand at.

        What a person decided about the candidate holds for as long as this stays. It is twelve hex digits long.
        """
        rests_on = sorted((s.place.path, s.symbol, s.kind, s.text) for s in self.signals)
        return hashlib.sha256(json.dumps(rests_on).encode()).hexdigest()[:12]


def rank(signals: Sequence[Signal], symbols: Symbols, vocabulary: Vocabulary) -> list[Candidate]:
    """Merge signals into candidates, the one most worth a page first; ties fall by place.

    Args:
        signals: all signals of a source.
        symbols: its symbols, for who is concerned.
        vocabulary: its words, for how central a definition is.
    """
    central = {signal: centrality(signal, symbols, vocabulary) for signal in signals}
    spell = spelling(signals)
    gathered, rest = environments.gather(signals, spell)
    groups = merge(rest, strength, central.__getitem__)
    found = [_environment(group, symbols) for group in gathered]
    found += [_heuristic(group, central[group.leader], symbols, spell) for group in groups]
    found = sorted(_crowded(sorted(found, key=_order)), key=_order)
    names = unique_names([(c.name, c.signals[0].symbol, c.signals[0].place.path) for c in found], spell)
    return [replace(candidate, name=name) for candidate, name in zip(found, names, strict=True)]


def _order(candidate: Candidate) -> tuple[float, Place]:
    return -candidate.score, candidate.signals[0].place


def _crowded(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Each further deprecation tells a reader less than the one before."""
    earlier = 0
    for candidate in candidates:
        if candidate.signals[0].kind == "deprecation":
            candidate = replace(candidate, reasons=(*candidate.reasons, *weighed({"crowded": earlier})))
            earlier += 1
        yield candidate


def _heuristic(group: Group, central: float, symbols: Symbols, spell: Spelling) -> Candidate:
    leader = group.leader
    reach = {"public": publicity(leader, symbols), "central": central}
    parts = {**signal_parts(leader), **reach, **group_parts(group.members, group.also, len(group.recurs))}
    return Candidate(
        key=_key("heuristic", leader),
        kind="heuristic",
        category=_category(group),
        name=heuristic_name(leader, spell, _holder(group)),
        signals=group.members,
        also=group.also,
        recurs=group.recurs,
        owners=owners_of(group.members, symbols),
        reasons=weighed(parts),
    )


def _holder(group: Group) -> str:
    """The one public class or function that all of a group stands in, empty where there are several."""
    outer = {signal.symbol.partition(".")[0] for signal in group.members} | {"" for _ in group.recurs}
    holder = next(iter(outer)) if len(outer) == 1 else ""
    return "" if holder.startswith("_") else holder


def _category(group: Group) -> str:
    leader = group.leader
    texts = " ".join(signal.text for signal in group.members[:3])
    if leader.kind in ("warning", "deprecation"):
        return "Warning"
    if leader.kind == "error":
        return "Compatibility"
    if words.OPTIMIZATION.search(leader.text):
        return "Optimization"
    if words.DEBUGGING.search(leader.text):
        return "Debugging"
    if leader.subject:
        return "Configuration"
    return "Optimization" if words.OPTIMIZATION.search(texts) else "Compatibility"


def _environment(group: environments.Group, symbols: Symbols) -> Candidate:
    users = [symbol for name in group.checks for symbol in symbols.calls.get(name, ())]
    owners = dict.fromkeys((*owner_names(users, symbols), *owners_of(group.signals, symbols)))
    known = sorted(owners, key=lambda name: name.partition(".")[0] not in symbols.exports)
    shown, also = _without_overlap(group.signals)
    parts = {"supported": math.log1p(len(group.signals)), "used": math.log1p(len(users))}
    return Candidate(
        key=_key("environment", group.signals[0], group.name),
        kind="environment",
        category=group.category,
        name=group.name,
        signals=shown[:MAX_CHECKS],
        also=also,
        recurs=tuple(signal.place for signal in shown[MAX_CHECKS:]),
        owners=tuple(known)[:MAX_OWNERS],
        reasons=(("environment", ENVIRONMENTS[group.category]), *weighed(parts)),
    )


def _without_overlap(signals: Sequence[Signal]) -> tuple[tuple[Signal, ...], tuple[Signal, ...]]:
    """The signals to show, and those on lines that are shown already; with the lines around, where one needs them."""
    shown: list[Signal] = []
    also: list[Signal] = []
    for signal in signals:
        there = [number for number, other in enumerate(shown) if signal.place.overlaps(other.place)]
        (also if there else shown).append(signal)
        if len(there) == 1 and signal.place.common(shown[there[0]].place) == len(shown[there[0]].place):
            shown[there[0]] = replace(shown[there[0]], place=signal.place)
    return tuple(shown), tuple(also)


def _key(kind: str, leader: Signal, name: str = "") -> str:
    said = name or f"{leader.symbol}|{leader.text}"
    return f"{kind[0]}-{hashlib.sha256(f'{kind}|{leader.place.path}|{said}'.encode()).hexdigest()[:12]}"
