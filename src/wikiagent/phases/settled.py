"""What persons decided about candidates: what is settled is not drafted again, what was rejected comes back better."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wikiagent.draft.rejects import Reject
from wikiagent.ledger import Decision, Draft, Ledger
from wikiagent.mine.candidates import Candidate
from wikiagent.phases.drafters import Skipped
from wikiagent.phases.refreshed_pages import NOBODY
from wikiagent.review.desk import FINAL
from wikiagent.wiki.graph import Wiki
from wikiagent.wiki.page import PageKind


@dataclass(frozen=True)
class History:
    """What was decided about the drafts for a wiki.

    Attributes:
        drafts: all drafts, by id.
        last: by candidate its draft that was decided last, with that decision.
        rejects: by candidate all that persons had against its drafts, the newest last.
    """

    drafts: Mapping[int, Draft]
    last: Mapping[str, tuple[Draft, Decision]]
    rejects: Mapping[str, tuple[Reject, ...]]

    def answer_to(self, rejected: Draft) -> Draft | None:
        """The pending draft of the same candidate; None where there is none."""
        same = (d for d in self.drafts.values() if d.state == "pending" and d.candidate == rejected.candidate)
        return next(same, None)

    def was_rejected(self, draft: Draft) -> bool:
        """Whether a person rejected a draft, whatever was decided about others of its candidate since."""
        return any(reject.draft == draft.id for reject in self.rejects.get(draft.candidate, ()))

    def to_redraft(self) -> list[Draft]:
        """The drafts that wait to be written again: rejected last, not for good, and not answered yet."""
        return [
            draft
            for draft, made in self.last.values()
            if made.decision == "rejected" and made.by_person and made.code not in FINAL
            and draft.drafter != NOBODY and self.answer_to(draft) is None
        ]  # fmt: skip


def history_of(ledger: Ledger, root: Path) -> History:
    """What was decided about the drafts for a wiki, read at once."""
    drafts = {draft.id: draft for draft in sorted(ledger.drafts(root), key=lambda draft: draft.id)}
    last: dict[str, tuple[Draft, Decision]] = {}
    rejects: dict[str, tuple[Reject, ...]] = {}
    for made in ledger.in_force(root):
        draft = drafts[made.draft]
        last.pop(draft.candidate, None)  # in the order of the decisions that count
        last[draft.candidate] = (draft, made)
        if made.decision == "rejected" and made.by_person:
            earlier = rejects.get(draft.candidate, ())
            rejects[draft.candidate] = (*earlier, Reject(draft.id, made.code, made.reason))
    return History(drafts, last, rejects)


def unsettled(
    ledger: Ledger, root: Path, wiki: Wiki, source: str, candidates: Sequence[Candidate], repo: str
) -> tuple[list[Candidate], list[Skipped]]:
    """The candidates that may be drafted now, and the others with what a person decided about them.

    A decision holds for as long as the evidence stays as it was, and for candidates that were told on the same page.

    Args:
        ledger: the record.
        root: the wiki's folder.
        wiki: the wiki as it is, or as it will be when the drafts are recorded.
        source: the source with its revision.
        candidates: the candidates of that source.
        repo: prefix of the page names.
    """
    evidence = {candidate.key: candidate.evidence for candidate in candidates}
    history = history_of(ledger, root)
    why: dict[str, str] = {}
    for draft, said in _reasons(history, wiki, source):
        joined: dict[str, str] = json.loads(draft.written).get("joined", {})
        told = {key: of for key, of in joined.items() if key not in history.last} | {draft.candidate: draft.evidence}
        why |= {key: said for key, of in told.items() if key in evidence and of in ("", evidence[key])}
    free = [candidate for candidate in candidates if candidate.key not in why]
    return free, [Skipped(f"{repo}_{c.name}", why[c.key]) for c in candidates if c.key in why]


def _reasons(history: History, wiki: Wiki, source: str) -> Iterator[tuple[Draft, str]]:
    """The drafts that settle their candidates, and why."""
    for draft, made in history.last.values():
        if draft.state == "rejected" and made.by_person and made.code in FINAL:
            said = f": {made.reason}" if made.reason else ""
            yield draft, f"rejected as {made.code} by {made.who}{said}"
        changed = made.code == "fixed" or made.decision == "extended"
        if draft.state == "accepted" and changed and (PageKind(draft.type), draft.name) in wiki.pages:
            yield draft, f"its page stands as {made.who} changed it"
    for draft in history.drafts.values():
        if draft.state == "pending" and draft.redrafts is not None and draft.source == source:
            yield draft, f"draft {draft.id} answers to the reject of draft {draft.redrafts} and awaits review"
