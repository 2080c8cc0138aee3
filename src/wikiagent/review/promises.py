"""Promises: a decision that the ledger has is carried out in the wiki, or taken back, whatever comes between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from wikiagent.errors import DraftError, WikiError
from wikiagent.ledger import Decision, Ledger, NewDecision
from wikiagent.review.edits import Changes, Effect
from wikiagent.wiki.edit import apply, recover, text_digest, writing
from wikiagent.wiki.graph import read_text


def settle(ledger: Ledger, root: Path, now: str) -> tuple[str, ...]:
    """Bring a wiki to what decisions promised; without a promise, only an interrupted edit is finished or undone.

    Returns:
        The files that were changed, sorted.

    Raises:
        WikiError: the edit cannot be made; the decisions that promised it are taken back.
    """
    promised = ledger.promised(root)
    if promised is None:
        recover(root)
        return ()
    try:
        with writing(root):
            recover(root)
            files = _make(root, promised.changes)
    except WikiError as error:
        taken = ledger.log(batch=promised.batch)
        with ledger.deciding(undoing(ledger, taken, str(error)), "wikiagent", now) as promise:
            promise.given_up = str(root)
        raise
    ledger.kept(root)
    return files


def _make(root: Path, changes: Mapping[str, tuple[str | None, str | None]]) -> tuple[str, ...]:
    """Make an edit that was promised, or the rest of it."""
    missing: Changes = {}
    before: dict[str, str] = {}
    for file, (was, text) in changes.items():
        path = root / file
        there = read_text(path) if path.is_file() else None
        if there == text:
            continue
        if text_digest(there) != was:
            raise WikiError(f"{file} was changed by hand meanwhile, so that the decision could not be carried out.")
        missing[file] = text
        before |= {file: there} if there is not None else {}
    apply(root, missing, before)
    return tuple(changes)


def undoing(ledger: Ledger, taken: Sequence[Decision], why: str = "") -> list[NewDecision]:
    """The decisions that take others back, the last one first.

    Raises:
        DraftError: one of them cannot be taken back.
    """
    made = []
    for decision in reversed(taken):
        if decision.decision not in ("accepted", "rejected", "merged", "extended"):
            raise DraftError(
                f"Decision {decision.id} says {decision.decision}, which cannot be taken back; decide about draft "
                f"{decision.draft} instead."
            )
        effect = Effect.model_validate_json(decision.effect)
        state = ledger.draft(decision.draft).state
        made.append(
            NewDecision(
                decision.draft,
                "undone",
                effect.state,
                state,
                why,
                undoes=decision.id,
                page=effect.page,
                findings=effect.findings,
            )
        )
    return made
