"""The line that says what the last decision did, made from the log: a reload says it again, and nobody can forge it."""

from __future__ import annotations

from typing import NamedTuple

from starlette.requests import Request

from wikiagent.export.names import title_of
from wikiagent.ledger import Decision
from wikiagent.review.desk import Desk
from wikiagent.review.web.site import Site
from wikiagent.wiki.page import PageKind

_SAID = {
    "accepted": "Accepted",
    "rejected": "Rejected",
    "merged": "Merged",
    "skipped": "Skipped",
    "undone": "Took back the decision about",
}


class Done(NamedTuple):
    """What was decided: a sentence, the draft where it was one, the decision, and whether it can be taken back."""

    sentence: str
    draft: int | None
    decision: str
    can_undo: bool


def last_decision(desk: Desk, draft_id: int) -> int:
    """Number of the last decision about a draft, for the address of the page that comes next."""
    log = desk.ledger.decisions(draft_id)
    return log[-1].id if log else 0


def done_of(site: Site, request: Request) -> Done | None:
    """What the decision did that the browser comes from; None where it comes from none."""
    given = request.query_params.get("done", "")
    if not (given.isascii() and given.isdigit() and len(given) < 16):
        return None
    desk = site.desk_of(request)
    log = desk.ledger.log(desk.root, after=int(given) - 1)
    made = log[0] if log and log[0].id == int(given) else None
    if made is None or made.decision not in _SAID:
        return None
    batch = desk.ledger.log(batch=made.batch)
    together = [each for each in batch if each.decision == made.decision and not _beside(desk, each)]
    stands = made.decision != "undone" and not any(each.undoes == made.id for each in log)
    if len(together) > 1:
        return Done(f"{_SAID[made.decision]} {len(together)} drafts.", None, made.decision, stands)
    if made.decision == "skipped":
        newest = [each for each in log if each.who == desk.who][-1:] == [made]
        return Done(_sentence(site, made), made.draft, made.decision, stands and newest)
    return Done(_sentence(site, made), made.draft, made.decision, stands and made.who == desk.who)


def _beside(desk: Desk, made: Decision) -> bool:
    """Whether this takes back that a page was extended: it goes with the merge, which is what the reviewer decided."""
    undone = next((each for each in desk.ledger.decisions(made.draft) if each.id == made.undoes), None)
    return undone is not None and undone.decision == "extended"


def _sentence(site: Site, made: Decision) -> str:
    draft = site.desk.ledger.draft(made.draft)
    title = title_of((PageKind(draft.type), draft.name), site.name)
    changed = " as you changed it" if made.code == "fixed" else ""
    into = ""
    if made.decision == "merged":
        into = f", into {title_of((PageKind(draft.type), made.reason.removeprefix('merged into ')), site.name)}"
    why = f" ({made.code})" if made.decision == "rejected" and made.code != "other" else ""
    again = "; it waits again" if made.decision == "undone" else ""
    return f"{_SAID[made.decision]} {made.draft}, {title}{changed}{into}{why}{again}."
