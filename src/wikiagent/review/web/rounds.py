"""A round: the drafts that a reviewer goes through under a rule, what is decided of them, and which comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wikiagent.review.desk import Desk
from wikiagent.review.filters import Filter, read_filter
from wikiagent.review.queue import Item
from wikiagent.review.web.site import Visit


@dataclass(frozen=True)
class Round:
    """What a reviewer goes through.

    Attributes:
        rule: the rule, as it was written; empty for all.
        everything: all drafts for the wiki, what needs a person most first.
        shown: those that the rule chooses; where it says nothing of states, those that wait.
        waiting: those of them that can be decided.
        done: how many that the rule chooses this reviewer accepted, rejected or merged in this visit; what was skipped
            waits.
    """

    rule: str
    everything: Sequence[Item]
    shown: Sequence[Item]
    waiting: Sequence[Item]
    done: int

    @property
    def total(self) -> int:
        """How many drafts this visit is about."""
        return self.done + len(self.waiting)

    def after(self, draft_id: int) -> int | None:
        """The draft that comes next, the first one after the last; None where no other waits."""
        return self._beside(draft_id, 1)

    def before(self, draft_id: int) -> int | None:
        """The draft that came before."""
        return self._beside(draft_id, -1)

    def _beside(self, draft_id: int, step: int) -> int | None:
        ids = [item.id for item in self.waiting]
        if draft_id not in ids:
            return ids[0] if ids else None
        other = ids[(ids.index(draft_id) + step) % len(ids)]
        return other if other != draft_id else None


def round_of(desk: Desk, visit: Visit, rule: str) -> Round:
    """The round of a reviewer under a rule.

    Raises:
        DraftError: the rule cannot be read.
    """
    chosen = read_filter(rule)
    of_states = any(test.field == "state" for test in chosen.tests)
    apart = Filter(tuple(test for test in chosen.tests if test.field != "state"))
    everything = desk.queue(visit.seen)
    log = desk.ledger.log(desk.root, after=visit.decided)
    decided = {d.draft for d in log if d.who == desk.who and d.decision in ("accepted", "rejected", "merged")}
    shown = [item for item in everything if chosen.holds(item) and (of_states or item.state == "pending")]
    waiting = [item for item in shown if item.state == "pending"]
    done = sum(item.state != "pending" and item.id in decided and apart.holds(item) for item in everything)
    return Round(rule, everything, shown, waiting, done)
