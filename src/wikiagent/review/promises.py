"""Promises: a decision that the ledger has is carried out in the wiki, or taken back, whatever comes between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from wikiagent.errors import DraftError, WikiError
from wikiagent.ledger import Decision, Ledger, NewDecision, Promise
from wikiagent.review.edits import Changes, Effect
from wikiagent.wiki.edit import apply, is_interrupted, recover, text_digest, writing
from wikiagent.wiki.graph import read_text


def settle(ledger: Ledger, root: Path, now: str) -> tuple[str, ...]:
    """Bring a wiki to what decisions promised; without a promise, only an interrupted edit is finished or undone.

    Returns:
        The files that were changed, sorted.

    Raises:
        WikiError: the edit cannot be made; the decisions that promised it are taken back. A refresh that promised it is
            to be run again. Where it got stuck half-way, the promise stays.
    """
    promised = ledger.promised(root)
    if promised is None:
        recover(root)
        return ()
    recover(root)
    try:
        with writing(root):
            files = _make(root, promised.changes)
    except WikiError as error:
        if is_interrupted(root):
            raise  # the next start goes on
        taken = ledger.log(batch=promised.batch) if promised.batch else []
        with ledger.deciding(undoing(ledger, taken, str(error)), "wikiagent", now) as promise:
            promise.given_up = str(root)
        raise
    ledger.kept(root)
    return files


def promise_edit(promise: Promise, root: Path, changes: Mapping[str, str | None], before: Mapping[str, str]) -> None:
    """Fill a promise with the changes of a wiki that had these texts before.

    Raises:
        WikiError: a file does not have the text that it had.
    """
    promise.wiki = str(root)
    promise.changes = {
        file: (text_digest(before.get(file)), text)
        for file, text in sorted(changes.items())
        if text != before.get(file)
    }
    for file, (was, _) in promise.changes.items():
        if text_digest(_text(root / file)) != was:
            raise WikiError(f"{file} changed while the edit was prepared; run the command again.")


def _make(root: Path, changes: Mapping[str, tuple[str | None, str | None]]) -> tuple[str, ...]:
    """Make an edit that was promised, or the rest of it."""
    missing: Changes = {}
    before: dict[str, str] = {}
    for file, (was, text) in changes.items():
        there = _text(root / file)
        if there == text:
            continue
        if text_digest(there) != was:
            raise WikiError(f"{file} was changed meanwhile, so that the edit was not made; run the command again.")
        missing[file] = text
        before |= {file: there} if there is not None else {}
    apply(root, missing, before)
    return tuple(changes)


def _text(path: Path) -> str | None:
    return read_text(path) if path.is_file() else None


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
