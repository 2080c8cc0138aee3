"""Goldens and questions against a snapshot: are their quotes the text of their lines, and where do they stand now?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, NamedTuple, TypeVar

from wikiagent.check.numbers import numbers_beyond
from wikiagent.check.relocate import View, relocate
from wikiagent.code.symbols import Symbols, read_symbols
from wikiagent.evals.golden import Golden, GoldenEvidence, Proven
from wikiagent.source.snapshot import Snapshot

M = TypeVar("M", bound=Proven)


class Anchored(NamedTuple, Generic[M]):
    """What became of goldens or questions in another revision of their source.

    Attributes:
        held: those of which evidence is found again, each with that evidence, at the lines where it stands now.
        lost: the others, as they were.
    """

    held: tuple[M, ...]
    lost: tuple[M, ...]


@dataclass(frozen=True)
class Problem:
    """What is wrong with a golden or a question, in a sentence."""

    id: str
    message: str

    def __str__(self) -> str:
        return f"{self.id}: {self.message}"


def anchored(goldens: Iterable[M], snapshot: Snapshot, old: Snapshot | None = None) -> Anchored[M]:
    """Look for the evidence of goldens (or questions) in a snapshot.

    A golden is held while a piece of its evidence is: a quote that changed says that a fact may have changed, not
    that the insight is gone.

    Args:
        goldens: the goldens.
        snapshot: the source, at the revision at which they were reviewed or at any other.
        old: the source at the revision at which they were reviewed, where it is at hand: then what stands around a
            quote tells which of several equal places is meant.
    """
    new, before = View(snapshot), View(old) if old is not None else None
    held: list[M] = []
    lost: list[M] = []
    for golden in goldens:
        found = tuple(_found(golden.evidence, before, new))
        if found:
            held.append(golden.model_copy(update={"evidence": found}))
        else:
            lost.append(golden)
    return Anchored(tuple(held), tuple(lost))


def _found(evidence: Iterable[GoldenEvidence], old: View | None, new: View) -> Iterator[GoldenEvidence]:
    for each in evidence:
        relocation = relocate(each.place, each.quote, old, new)
        if relocation.fate.holds and (now := relocation.new):
            yield each.model_copy(update={"path": now.path, "first": now.first, "last": now.last})


def problems(members: Iterable[Proven], snapshot: Snapshot) -> list[Problem]:
    """What of goldens or questions is not true of a snapshot.

    Found are files and lines that are not there, quotes that are not the text of their lines, numbers that a golden
    states and that none of its quotes shows, and names that it applies to and that the source does not have.
    """
    view, names = View(snapshot), _Names(snapshot)
    found = []
    for member in members:
        for each in member.evidence:
            if not view.shows(each.place, each.quote):
                found.append(Problem(member.id, _wrong(each, view)))
        if isinstance(member, Golden):
            found.extend(_unshown(member))
            missing = (name for name in member.applies_to if not names.has(name))
            found.extend(Problem(member.id, f"{snapshot.source} has no {name}") for name in missing)
    return found


def _unshown(golden: Golden) -> Iterator[Problem]:
    """The numbers that a golden states and that its quotes do not show."""
    shown = "\n".join(each.quote for each in golden.evidence)
    for said in (golden.insight, *golden.facts):
        for number in numbers_beyond(said, shown):
            yield Problem(golden.id, f"no quote shows the number {number} of “{said}”")


def problems_elsewhere(members: Iterable[Proven], snapshot: Snapshot, old: Snapshot | None = None) -> list[Problem]:
    """What does not hold of goldens or questions in another revision of their source than theirs.

    Found are those of which no evidence is there any more, and names that the source does not have any more.
    """
    held, lost = anchored(members, snapshot, old)
    gone = [Problem(each.id, f"none of its quotes is found in {snapshot.source}") for each in lost]
    return [*gone, *problems(held, snapshot)]


def _wrong(each: GoldenEvidence, view: View) -> str:
    """What is wrong with a quote that is not the text of its lines."""
    if not view.snapshot.has(each.path):
        return f"{each.path} is no file of {view.snapshot.source}"
    known = len(view.lines(each.path))
    if each.last > known:
        return f"{each.place}: the file has {known} lines"
    now = relocate(each.place, each.quote, None, view).new
    return f"the quote is not the text of {each.place}" + (f"; see {now}" if now and now != each.place else "")


class _Names:
    """The names that a user of a source can write: modules, symbols, and what stands in classes."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def has(self, name: str) -> bool:
        """Whether the source has a name: a module, a symbol of one, or a word in a class or what that inherits from."""
        *owners, last = name.split(".")
        if not owners:
            return last in self._modules or last in self._symbols.by_simple
        owner = owners[-1]
        return (owner in self._modules and last in self._symbols.by_simple) or self._in_class(owner, last, set())

    def _in_class(self, owner: str, word: str, asked: set[str]) -> bool:
        asked.add(owner)
        for symbol in self._symbols.by_simple.get(owner, ()):
            lines = self._snapshot.lines(symbol.place.path)[symbol.place.first - 1 : symbol.place.last]
            if any(re.search(rf"\b{re.escape(word)}\b", line) for line in lines):
                return True
            if any(self._in_class(base, word, asked) for base in symbol.bases if base not in asked):
                return True
        return False

    @cached_property
    def _symbols(self) -> Symbols:
        return read_symbols(self._snapshot, self._snapshot.files)

    @cached_property
    def _modules(self) -> frozenset[str]:
        paths = (path.removesuffix(".py") for path in self._snapshot.files if path.endswith(".py"))
        return frozenset(part for path in paths for part in path.split("/"))
