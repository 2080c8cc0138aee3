"""One sitting of a reviewer: what is left, in which order, and what became of it. Knows nothing of the screen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from time import monotonic

from wikiagent.review.filters import Filter, Test, read_filter
from wikiagent.review.queue import Item

PENDING = "state=pending"
"""The rule that a sitting begins with."""


class Sitting:
    """What a reviewer has before them.

    Attributes:
        rule: which drafts they want to see, as they wrote it.
        items: all drafts for the wiki, as the ledger had them last, in the order of the queue.
        under_way: what is being done with a draft just now, as `accepting`, by its id.
        decided: the drafts decided in this sitting and not taken back.
        trouble: why a decision about a draft was not carried out, in lines, by its id.
    """

    def __init__(self) -> None:
        self.rule = PENDING
        self.items: list[Item] = []
        self.under_way: dict[int, str] = {}
        self.decided: set[int] = set()
        self.trouble: dict[int, tuple[str, ...]] = {}
        self._filter = read_filter(PENDING)
        self._spent: dict[int, float] = {}
        self._facing: tuple[int, float] | None = None

    # --- which drafts ---

    def choose(self, rule: str) -> None:
        """Have other drafts in the queue.

        Raises:
            DraftError: the rule cannot be read; nothing has changed.
        """
        self._filter = read_filter(rule)
        self.rule = rule.strip()

    def turned(self, field: str, values: Sequence[str]) -> str:
        """The rule with the next of some conditions on a field (as `=low`; empty for none) in place of those it has."""
        here = "".join(test.compare + test.value for test in self._filter.tests if test.field == field)
        following = values[(values.index(here) + 1) % len(values)] if here in values else values[0]
        tests = [test for test in self._filter.tests if test.field != field]
        words = [_written(test) for test in tests] + ([f"{field}{following}"] if following else [])
        return " and ".join(words)

    @property
    def chosen(self) -> list[Item]:
        """The drafts that the rule chooses, what needs a person most first, without those being decided."""
        return [item for item in self.items if item.id not in self.under_way and self._filter.holds(item)]

    @property
    def progress(self) -> str:
        """How many of the drafts that were to be decided are, as `17 of 52 done`; whatever their state was to be."""
        wanted = Filter(tuple(test for test in self._filter.tests if test.field != "state"))
        meant = [item for item in self.items if wanted.holds(item)]
        done = sum(item.id in self.decided for item in meant)
        left = sum(item.state == "pending" for item in meant)
        return f"{done} of {done + left} done"

    def item(self, draft_id: int) -> Item | None:
        """A draft as it stands in the queue."""
        return next((item for item in self.items if item.id == draft_id), None)

    def beside(self, draft_id: int, step: int = 1) -> int | None:
        """The draft that comes after one (before it, where `step` is -1), round the queue; None where no other is.

        What went wrong comes first, so that it is not left behind.
        """
        failed = [item.id for item in self.chosen if item.id in self.trouble and item.id != draft_id]
        if failed and step > 0:
            return failed[0]
        ids = [item.id for item in self.items]
        at = ids.index(draft_id) if draft_id in ids else -1
        chosen = {item.id for item in self.chosen}
        order = [*ids[at + 1 :], *ids[: max(at, 0)]]
        return next((each for each in order[::step] if each in chosen), None)

    def upcoming(self, draft_id: int, number: int) -> list[int]:
        """The next drafts after one, at most `number`."""
        ids = [item.id for item in self.chosen]
        at = ids.index(draft_id) + 1 if draft_id in ids else 0
        return ids[at : at + number]

    # --- what becomes of them ---

    def renew(self, items: Iterable[Item]) -> None:
        """Take the drafts as the ledger has them now."""
        self.items = list(items)
        pending = {item.id for item in self.items if item.state == "pending"}
        self.decided -= pending
        self.trouble = {each: why for each, why in self.trouble.items() if each in pending}

    # --- how long it takes ---

    def face(self, draft_id: int | None) -> None:
        """Say which draft is before the reviewer from now on."""
        if self._facing:
            before, since = self._facing
            self._spent[before] = self._spent.get(before, 0.0) + monotonic() - since
        self._facing = (draft_id, monotonic()) if draft_id is not None else None

    def seconds(self, draft_id: int) -> float:
        """How long a draft has been before the reviewer, in seconds."""
        if self._facing and self._facing[0] == draft_id:
            self.face(draft_id)
        return round(self._spent.get(draft_id, 0.0), 1)


def _written(test: Test) -> str:
    """A condition as it is written in a rule."""
    quote = "'" if '"' in test.value else '"'
    value = test.value if re.fullmatch(r"[^\s,'\"]+", test.value) else f"{quote}{test.value}{quote}"
    return f"{test.field}{test.compare}{value}"
