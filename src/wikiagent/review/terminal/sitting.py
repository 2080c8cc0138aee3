"""One sitting of a reviewer: what is left, in which order, and what became of it. Knows nothing of the screen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from time import monotonic

from wikiagent.review.filters import Filter, Test, read_filter
from wikiagent.review.queue import Item

PENDING = "state=pending"
"""The rule that a sitting begins with."""

SKIPPED = "skipped"


class Sitting:
    """What a reviewer has before them.

    Attributes:
        rule: which drafts they want to see, as they wrote it.
        items: all drafts for the wiki, as the ledger had them last, in the order of the queue.
        under_way: what is being done with a draft just now, as `accepting`, by its id.
        deeds: what was done in this sitting and not taken back, in its order: a draft, and `accepted`, `rejected`,
            `merged` or `skipped`.
        trouble: why a decision about a draft was not carried out, in lines, by its id.
    """

    def __init__(self) -> None:
        self.rule = PENDING
        self.items: list[Item] = []
        self.under_way: dict[int, str] = {}
        self.deeds: list[tuple[int, str]] = []
        self.trouble: dict[int, tuple[str, ...]] = {}
        self._filter = read_filter(PENDING)
        self._brought_back: list[int] = []
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
        here = self._condition(field)
        following = values[(values.index(here) + 1) % len(values)] if here in values else values[0]
        tests = [test for test in self._filter.tests if test.field != field]
        if following:
            compare = following[: len(following) - len(following.lstrip("<>!="))]
            tests.append(Test(field, compare, following[len(compare) :]))
        return " and ".join(map(_written, tests))

    def offered(self, field: str, values: Sequence[str]) -> list[str]:
        """Those of some conditions on a field that leave a draft, beside the one that the rule has."""
        others, here = self._without(field), self._condition(field)
        those = [item for item in self.items if others.holds(item)]

        def leaves(value: str) -> bool:
            condition = read_filter(f"{field}{value}")
            return any(condition.holds(item) for item in those)

        return [value for value in values if value in ("", here) or leaves(value)]

    def _condition(self, field: str) -> str:
        return "".join(test.compare + test.value for test in self._filter.tests if test.field == field)

    def _without(self, field: str) -> Filter:
        return Filter(tuple(test for test in self._filter.tests if test.field != field))

    @property
    def chosen(self) -> list[Item]:
        """The drafts that the rule chooses, what needs a person most first, without those being decided."""
        return [item for item in self.items if item.id not in self.under_way and self._filter.holds(item)]

    @property
    def progress(self) -> str:
        """How many drafts were decided in this sitting and how many are left, as `17 decided, 35 left (2 skipped)`.

        The rule narrows what is counted, but for the state that it asks for.
        """
        wanted = self._without("state")
        meant = [item for item in self.items if wanted.holds(item)]
        left = sum(item.state == "pending" for item in meant)
        became = [self._became[item.id] for item in meant if item.id in self._became]
        skipped = became.count(SKIPPED)
        done = len(became) - skipped
        return f"{done} decided, {left} left" + (f" ({skipped} skipped)" if skipped else "")

    @property
    def _became(self) -> dict[int, str]:
        """What drafts became in this sitting, by their ids; a decision that is under way has not come to be yet."""
        pending = {item.id: item.state == "pending" for item in self.items}
        return {each: kind for each, kind in dict(self.deeds).items() if pending.get(each) is (kind == SKIPPED)}

    @property
    def summary(self) -> str:
        """What was done in this sitting, in a sentence."""
        became = list(self._became.values())
        counts = [(became.count(kind), kind) for kind in ("accepted", "rejected", "merged", SKIPPED)]
        left = sum(item.state == "pending" for item in self.items)
        done = ", ".join(f"{number} {kind}" for number, kind in counts if number) or "nothing decided"
        return f"{done[0].upper()}{done[1:]}; {left} draft{'' if left == 1 else 's'} left to decide."

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
        """Take the drafts as the ledger has them now; a skip that was taken back does not count."""
        back = self._brought_back
        as_they_are = (replace(item, skipped=max(item.skipped - back.count(item.id), 0)) for item in items)
        self.items = sorted(as_they_are, key=lambda item: item.need)
        pending = {item.id for item in self.items if item.state == "pending"}
        self.trouble = {each: why for each, why in self.trouble.items() if each in pending}

    def forget(self, draft_id: int) -> None:
        """The last thing done with a draft was taken back, or could not be done."""
        at = next((n for n in reversed(range(len(self.deeds))) if self.deeds[n][0] == draft_id), None)
        if at is not None:
            del self.deeds[at]

    @property
    def last_skipped(self) -> int | None:
        """The draft that was skipped, where that was the last thing done and the draft still waits."""
        draft_id, kind = self.deeds[-1] if self.deeds else (0, "")
        item = self.item(draft_id)
        return draft_id if kind == SKIPPED and item and item.state == "pending" else None

    def bring_back(self, draft_id: int) -> None:
        """Have a draft that was skipped stand where it stood before, for this sitting."""
        self.forget(draft_id)
        self._brought_back.append(draft_id)

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
