"""Redraft: what a person rejected is written again, with the reason before whoever writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from wikiagent.draft import extractive
from wikiagent.errors import DraftError
from wikiagent.ledger import CallLog, Draft, Ledger
from wikiagent.phases.drafters import Drafted, Drafter
from wikiagent.phases.phase3 import Plan, Survey, facts_about, survey
from wikiagent.phases.publish import publish, whole_wiki
from wikiagent.phases.settled import history_of
from wikiagent.phases.usage import Row, stage_rows
from wikiagent.review.desk import FINAL
from wikiagent.review.promises import settle
from wikiagent.wiki.edit import writing


@dataclass(frozen=True)
class Redrafted:
    """What a redraft did.

    Attributes:
        source: the source.
        drafter: who wrote.
        drafts: new drafts that await review; each names the one that it answers to.
        dropped: new drafts that have errors.
        same: rejected drafts whose text came out again.
        gone: rejected drafts whose candidate the source no longer has.
        done: what the drafter made, and what failed or was left.
        files: the files that were changed.
        usage: what the calls cost, by stage.
    """

    source: str = ""
    drafter: str = ""
    drafts: tuple[Draft, ...] = ()
    dropped: tuple[Draft, ...] = ()
    same: tuple[Draft, ...] = ()
    gone: tuple[Draft, ...] = ()
    done: Drafted = field(default_factory=lambda: Drafted([]))
    files: tuple[str, ...] = ()
    usage: tuple[Row, ...] = ()

    def sentences(self) -> Iterator[str]:
        """What came of it, a sentence for each outcome."""
        if self.drafts:
            told = ", ".join(f"draft {draft.id} in place of {draft.redrafts}" for draft in self.drafts)
            yield f"Drafted again: {told}."
        for draft in self.dropped:
            yield (
                f"Draft {draft.id} in place of {draft.redrafts} has errors and was dropped; "
                f"`wikiagent show {draft.id}` prints them."
            )
        if self.same and self.drafter == extractive.NAME:
            yield f"The extractive drafter says the same again: {_stay(self.same)}; use --drafter agent."
        elif self.same:
            yield f"The model says the same again: {_stay(self.same)} ({', '.join(str(d.id) for d in self.same)})."
        if self.gone:
            yield f"{self.source} no longer has what {_named(self.gone)} told of: nothing to draft there."
        for failed in self.done.failed:
            yield f"{failed.name} was not written: {failed.why}"


def _named(drafts: Sequence[Draft]) -> str:
    return f"draft{'' if len(drafts) == 1 else 's'} {', '.join(str(draft.id) for draft in drafts)}"


def _stay(drafts: Sequence[Draft]) -> str:
    return f"{len(drafts)} draft{' stays' if len(drafts) == 1 else 's stay'} rejected"


def to_redraft(ledger: Ledger, root: Path, ids: Iterable[int] = ()) -> list[Draft]:
    """The rejected drafts to write again.

    Args:
        ledger: the record.
        root: the wiki's folder.
        ids: the drafts; none for all that wait for it.

    Raises:
        DraftError: one of them is not for this wiki, not rejected by a person, rejected for good, or answered already.
    """
    history = history_of(ledger, root)
    waiting = {draft.id: draft for draft in history.to_redraft()}
    for draft_id in ids:
        draft = ledger.draft(draft_id)
        made = history.last[draft.candidate][1] if draft.candidate in history.last else None
        if Path(draft.wiki) != root:
            raise DraftError(f"Draft {draft_id} is for {draft.wiki}. Pass --wiki {draft.wiki}.")
        if draft_id in waiting:
            continue
        if not history.was_rejected(draft):
            raise DraftError(f"Draft {draft_id} is {draft.state}; only what a person rejected is drafted again.")
        if made is not None and made.draft == draft_id and made.code in FINAL:
            raise DraftError(
                f"Draft {draft_id} was rejected as {made.code} for good; `wikiagent undo {draft_id}` takes that back."
            )
        answer = history.answer_to(draft)
        which = f"draft {answer.id} awaits review" if answer else "`wikiagent drafts` lists what came after it"
        raise DraftError(f"Draft {draft_id} is not the last word about its candidate: {which}.")
    return [waiting[draft_id] for draft_id in dict.fromkeys(ids)] or list(waiting.values())


def redraft(
    plan: Plan, drafter: Drafter, rejected: Sequence[Draft], ledger: Ledger, tell: Callable[[str], None]
) -> Redrafted:
    """Write rejected drafts again. All other drafts stay as they are; may run beside a reviewer who goes on.

    Args:
        plan: what to work on; `limit` and `accept_valid` do not count, for what comes out is for a person to decide.
        drafter: who writes.
        rejected: the drafts, as `to_redraft` gives them.
        ledger: where drafts are recorded.
        tell: told in one line what is being done.

    Raises:
        WikiError: the wiki cannot be read or changed.
    """
    found = survey(plan, tell)
    there = {candidate.key for candidate in found.candidates}
    wanted = {draft.candidate: draft for draft in rejected if draft.candidate in there}
    source = plan.snapshot.source
    result = Redrafted(source, drafter.name, gone=tuple(draft for draft in rejected if draft.candidate not in there))
    if not wanted:
        return result
    run = _start(plan, found, drafter, ledger)
    wiki = whole_wiki(plan.wiki, plan.repo)
    done = drafter.redraft(found.candidates, wanted.keys(), wiki, found.context, run, tell)
    history = history_of(ledger, plan.wiki)  # a reviewer may have taken a reject back meanwhile
    answers = [replace(new, redrafts=wanted[new.candidate].id) for new in done.drafts]
    recorded = ledger.record(
        run, plan.wiki, source, [new for new in answers if history.was_rejected(wanted[new.candidate])], None
    )
    with writing(plan.wiki):
        settle(ledger, plan.wiki, plan.now)
        files = publish(ledger, plan.wiki, plan.now)
    return replace(
        result,
        drafts=tuple(draft for draft in recorded if draft.state == "pending"),
        dropped=tuple(d for d in recorded if d.state == "rejected" and not history.was_rejected(d)),
        same=tuple(draft for draft in recorded if history.was_rejected(draft)),
        done=done,
        files=files,
        usage=tuple(stage_rows(CallLog(ledger.file).usage(run=run), drafter.price)),
    )


def _start(plan: Plan, found: Survey, drafter: Drafter, ledger: Ledger) -> int:
    """A run of its own, which knows what the last one over the same source found."""
    last, snapshot = ledger.last_run(plan.wiki), plan.snapshot
    if last is not None and last.digest == snapshot.digest:
        facts = last.facts
    else:
        facts = facts_about(plan.repo, found.signals, found.candidates, drafter.price).model_dump_json()
    return ledger.start_run(plan.wiki, snapshot.source, snapshot.digest, drafter.name, plan.now, facts)
