"""Rules that choose drafts: `drafter=agent and findings=0 and supported=all`."""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import NamedTuple

from wikiagent.errors import DraftError
from wikiagent.review.queue import Item

_TEST = re.compile(r"\s*(\w+)\s*(!=|<=|>=|=|<|>)\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s,\"'][^\s,]*))\s*")
_AND = re.compile(r"and\b|,", re.I)
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip

#: What a rule may ask about, and what that is.
FIELDS = {
    "id": "number of the draft",
    "state": "pending, accepted, rejected or superseded",
    "type": "Environment or Heuristic",
    "name": "name of the page; * and ? stand for any letters",
    "drafter": "extractive, agent or refresh",
    "model": "the model that wrote it",
    "category": "category of the page, as Warning",
    "rank": "place in the ranking, 1 the best",
    "score": "score of its candidate",
    "findings": "how many findings it has",
    "code": "code of a finding that it has",
    "supported": "all, partly or unjudged",
    "confidence": "high, medium or low",
    "file": "a file that it cites; * and ? stand for any letters",
    "new": "yes or no: whether it came since your last visit",
    "redrafted": "yes or no: whether it answers to a reject",
}
#: Fields that have a few values only; a slip of the pen there would choose no draft, or by `!=` all of them.
_VALUES = {
    "state": ("pending", "accepted", "rejected", "superseded"),
    "type": ("Environment", "Heuristic"),
    "drafter": ("extractive", "agent", "refresh"),
    "supported": ("all", "partly", "unjudged"),
    "confidence": ("high", "medium", "low"),
    "new": ("yes", "no"),
    "redrafted": ("yes", "no"),
}
_NUMBERS = frozenset(("id", "rank", "score", "findings"))


class Test(NamedTuple):
    """One condition of a rule."""

    field: str
    compare: str
    value: str

    def holds(self, item: Item) -> bool:
        """Whether a draft meets it."""
        if self.field in _NUMBERS:
            return _COMPARE[self.compare](float(getattr(item, self.field)), float(self.value))
        values = getattr(item, self.field)
        found = any(_meets(each, self.value) for each in _listed(values))
        return found == (self.compare == "=")


class Filter(NamedTuple):
    """A rule: all conditions have to hold; without any, every draft is chosen."""

    tests: tuple[Test, ...] = ()

    def holds(self, item: Item) -> bool:
        """Whether a draft is chosen."""
        return all(test.holds(item) for test in self.tests)


def read_filter(rule: str) -> Filter:
    """Read a rule.

    Args:
        rule: conditions joined by `and`, each a field of `FIELDS`, a comparison, and a value.

    Raises:
        DraftError: it cannot be read; the message says where.
    """
    tests, at = [], 0
    while rule[at:].strip():
        found = _TEST.match(rule, at)
        if not found:
            raise DraftError(
                f"The rule cannot be read at “{rule[at:].strip()[:40]}”. Write conditions like findings=0, joined by "
                f"and; a value with blanks in quotes."
            )
        tests.append(_test(found[1].lower(), found[2], next(v for v in found.groups()[2:] if v is not None)))
        at = found.end()
        joined = _AND.match(rule, at)
        if rule[at:].strip() and not joined:
            raise DraftError(f"The rule cannot be read at “{rule[at:].strip()[:40]}”: join conditions by and.")
        at = joined.end() if joined else at
        if joined and not rule[at:].strip():
            raise DraftError("The rule ends with “and”: a condition is missing.")
    return Filter(tuple(tests))


def _test(field: str, compare: str, value: str) -> Test:
    if field not in FIELDS:
        near = difflib.get_close_matches(field, FIELDS, 1)
        hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(FIELDS)}."
        raise DraftError(f"A draft has no {field!r}. {hint}")
    if field in _NUMBERS and not re.fullmatch(r"-?\d+(\.\d+)?", value):
        raise DraftError(f"{field} is a number, not {value!r}.")
    if field not in _NUMBERS and compare not in ("=", "!="):
        raise DraftError(f"{field} is no number: compare it with = or !=.")
    if field in _VALUES and not any(_meets(known, value) for known in _VALUES[field]):
        *most, last = _VALUES[field]
        raise DraftError(f"{field} is never {value!r}: it is {', '.join(most)} or {last}.")
    return Test(field, compare, value)


def _meets(value: str, pattern: str) -> bool:
    return fnmatchcase(value.casefold(), pattern.casefold())


def _listed(value: object) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    return ("yes" if value else "no",) if isinstance(value, bool) else (str(value),)
