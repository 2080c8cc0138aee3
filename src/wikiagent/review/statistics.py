"""What the log of decisions tells: accept rates, reasons, time, and how far two reviewers agree."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import NamedTuple

from wikiagent.ledger import Decision, Draft

#: What counts as a decision about a draft's worth.
_ACCEPTS, _REJECTS = frozenset({"accepted"}), frozenset({"rejected", "merged"})


class Rate(NamedTuple):
    """How many of the decided drafts of a group were accepted, how many of those as a person changed them."""

    group: str
    accepted: int
    fixed: int
    rejected: int

    @property
    def share(self) -> float:
        """The share that was accepted, 0 to 1."""
        return self.accepted / (self.accepted + self.rejected)


class Agreement(NamedTuple):
    """Two persons who decided about the same text: how often, and how often alike."""

    one: str
    other: str
    both: int
    alike: int


@dataclass(frozen=True)
class Statistics:
    """What the decisions that stand tell; of a text that one person decided about several times, the last one counts.

    Attributes:
        rates: accept rates by what the drafts are grouped by: drafter, model, prompts, type, reviewer.
        reasons: how often each reason code was given.
        seconds: median seconds that a person looked at a draft; None where no decision was timed.
        agreement: by pairs of reviewers.
    """

    rates: Mapping[str, Sequence[Rate]]
    reasons: Mapping[str, int]
    seconds: float | None
    agreement: Sequence[Agreement]


def statistics(log: Sequence[Decision], drafts: Iterable[Draft]) -> Statistics:
    """Count what the log of decisions says about drafts."""
    known = {draft.id: draft for draft in drafts}
    undone = {decision.undoes for decision in log}
    decided = [d for d in log if d.decision in _ACCEPTS | _REJECTS and d.draft in known]
    standing = {d.draft: d for d in decided if d.id not in undone}.values()
    groups: dict[str, dict[str, list[Decision]]] = defaultdict(lambda: defaultdict(list))
    for decision in standing:
        for by, group in _groups(known[decision.draft], decision):
            groups[by][group].append(decision)
    timed = [d.seconds for d in log if d.seconds is not None and d.decision in _ACCEPTS | _REJECTS]
    return Statistics(
        rates={by: [_rate(name, made) for name, made in sorted(of.items())] for by, of in groups.items()},
        reasons=dict(Counter(d.code for d in standing if d.decision in _REJECTS and d.code).most_common()),
        seconds=median(timed) if timed else None,
        agreement=_agreement(_opinions(log, decided), known),
    )


def _groups(draft: Draft, decision: Decision) -> Iterable[tuple[str, str]]:
    """What a draft is counted under."""
    written = json.loads(draft.written)
    yield "drafter", draft.drafter.partition(":")[0]
    if "model" in written:
        yield "model", written["model"]
        yield "prompts", ", ".join(f"{name}@{digest}" for name, digest in sorted(written["prompts"].items()))
    yield "type", draft.type
    yield "reviewer", decision.who


def _rate(group: str, made: Sequence[Decision]) -> Rate:
    accepted = [decision for decision in made if decision.decision in _ACCEPTS]
    fixed = sum(decision.code == "fixed" for decision in accepted)
    return Rate(group, len(accepted), fixed, len(made) - len(accepted))


def _opinions(log: Sequence[Decision], decided: Iterable[Decision]) -> list[Decision]:
    """The decisions that those who made them did not take back themselves; what another took back was an opinion."""
    takers = {decision.undoes: decision.who for decision in log if decision.undoes}
    return [decision for decision in decided if takers.get(decision.id) != decision.who]


def _agreement(decided: Sequence[Decision], known: Mapping[int, Draft]) -> list[Agreement]:
    """Persons who decided about the same text."""
    by_text: dict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
    for decision in decided:
        if decision.by_person:
            draft = known[decision.draft]
            by_text[draft.candidate, draft.digest][decision.who] = decision.decision in _ACCEPTS
    pairs: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for said in by_text.values():
        for one, other in combinations(sorted(said), 2):
            pairs[one, other].append(said[one] == said[other])
    return [Agreement(*pair, len(alike), sum(alike)) for pair, alike in sorted(pairs.items())]
