"""What a trial is scored on: a wiki that is written for it, or a copy of one that is there; with what is on record."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from wikiagent.draft.budget import Price
from wikiagent.errors import RemoteError, WikiError
from wikiagent.evals.overlap import MAX_QUOTES
from wikiagent.evals.rows import DraftRow, UnscoredRow
from wikiagent.ledger import Draft, Ledger
from wikiagent.phases.drafters import Drafter
from wikiagent.phases.phase3 import Plan, enrich, survey
from wikiagent.source.evidence import Place
from wikiagent.wiki.graph import Wiki


class Produced(BaseModel):
    """What is known of a trial besides its wiki.

    Attributes:
        ranks: rank of each page, by its full name, as far as it is on record.
        drafts: the drafts, those that were rejected as well.
        unscored: pages whose calls failed.
        lost: what these pages would have shown, by name.
        seconds: how long the run took; None where it was interrupted, or the wiki was there before.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    ranks: dict[str, int] = {}
    drafts: tuple[DraftRow, ...] = ()
    unscored: tuple[UnscoredRow, ...] = ()
    lost: dict[str, tuple[Place, ...]] = {}
    seconds: float | None = None


def fresh(trial: int, plan: Plan, drafter: Drafter, ledger: Ledger, tell: Callable[[str], None]) -> Produced:
    """Write a wiki: phase 3, in which drafts free of errors are accepted.

    Raises:
        RemoteError: the model or the network failed for good; what was written is kept, and the next call goes on.
        WikiagentError: as `enrich` says.
    """
    resumed = ledger.last_run(plan.wiki) is not None
    start = time.perf_counter()
    outcome = enrich(plan, drafter, ledger, tell)
    seconds = None if resumed else round(time.perf_counter() - start, 2)
    if isinstance(outcome.done.stopped, RemoteError):
        raise outcome.done.stopped
    failed = outcome.done.failed
    lost = _would_show(plan, {page.name for page in failed}, tell) if failed else {}
    return Produced(
        ranks=_ranks(outcome.drafts),
        drafts=tuple(draft_rows(trial, outcome.drafts, ledger, drafter.price)),
        unscored=tuple(UnscoredRow(trial=trial, what=page.name, why=page.why) for page in failed),
        lost=lost,
        seconds=seconds,
    )


def _would_show(plan: Plan, names: set[str], tell: Callable[[str], None]) -> dict[str, tuple[Place, ...]]:
    """The evidence of the candidates of some pages, as much of it as a page would quote."""
    found = {f"{plan.repo}_{candidate.name}": candidate for candidate in survey(plan, tell).candidates}
    return {
        name: tuple(signal.place for signal in found[name].signals[:MAX_QUOTES])
        for name in sorted(names & found.keys())
    }


def on_record(trial: int, wiki: Path, source: str, ledger: Path) -> Produced:
    """What a ledger knows about the pages of a wiki that is there; nothing where it does not know the wiki.

    Args:
        trial: number of the trial.
        wiki: the wiki's folder.
        source: the source with its revision; drafts from another one do not count.
        ledger: the ledger's file, which may not exist.
    """
    if not ledger.is_file():
        return Produced()
    known = Ledger(ledger)
    drafts = [draft for draft in known.drafts(wiki) if draft.source == source]
    return Produced(ranks=_ranks(drafts), drafts=tuple(draft_rows(trial, drafts, known, Price())))


def _ranks(drafts: Iterable[Draft]) -> dict[str, int]:
    return {draft.name: draft.rank for draft in drafts if draft.state == "accepted"}


def draft_rows(trial: int, drafts: Sequence[Draft], ledger: Ledger, price: Price) -> Iterable[DraftRow]:
    """A row for each draft that was not replaced by a later one."""
    for draft in drafts:
        if draft.state == "superseded":
            continue
        written = json.loads(draft.written)
        stands = written.get("stands", all(f.severity != "error" for f in ledger.findings(draft.id)))
        usage = written.get("usage")
        yield DraftRow(
            trial=trial,
            name=draft.name,
            rank=draft.rank,
            clean_at_first=written.get("clean_at_first", stands),
            stands=stands,
            tokens=usage["tokens_in"] + usage["tokens_out"] if usage else None,
            cost=price.cost(usage["tokens_in"], usage["tokens_out"]) if usage and price.known else None,
            seconds=usage["seconds"] if usage else None,
        )


def refuse_foreign(wiki: Wiki, root: Path, source: str) -> None:
    """A wiki is scored against the source that its pages were written from, and no other.

    Pages that name no revision, as those of other programs, count for none.

    Raises:
        WikiError: most of the pages that name a revision name another one, or there is no page.
    """
    named = [page.page.metadata.revision for page in wiki.pages.values()]
    other = [revision for revision in named if revision is not None and revision != source]
    if not wiki.pages:
        raise WikiError(f"{root} holds no page of a wiki. Name the folder of a wiki about {source}.")
    if 2 * len(other) > len([revision for revision in named if revision is not None]):
        most = max(set(other), key=other.count)
        raise WikiError(f"The pages of {root} were written from {most}, and the goldens are about {source}.")
