"""The queue: the drafts for a wiki as they stand before a reviewer, what needs a person most first."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from wikiagent.check.phrases import UNJUDGED
from wikiagent.ledger import Draft, Ledger, RecordedFinding


@dataclass(frozen=True)
class Item:
    """A draft as it stands in the queue.

    Attributes:
        id, state, type, name, rank, score: as the ledger has them.
        drafter: `extractive`, `agent` or `refresh`.
        model: the model that wrote it; empty where none did.
        category: category of its page; empty where it has none.
        file: the files that it cites.
        code: codes of its findings.
        errors, warnings: how many findings of each kind it has.
        supported: `all` (every statement, as a judge says or as it is made of the source's own words), `partly`, or
            `unjudged`.
        new: whether it came since the reviewer's last visit.
        redrafted: whether it answers to a draft that was rejected.
        skipped: how often this reviewer has put it off.
    """

    id: int
    state: str
    type: str
    name: str
    rank: int
    score: float
    drafter: str
    model: str
    category: str
    file: tuple[str, ...]
    code: tuple[str, ...]
    errors: int
    warnings: int
    supported: str
    new: bool
    redrafted: bool
    skipped: int

    @property
    def findings(self) -> int:
        """How many findings it has."""
        return self.errors + self.warnings

    @property
    def confidence(self) -> str:
        """`high` without findings and with every statement supported, `low` with an error or a statement in doubt."""
        if self.errors or self.supported == "partly":
            return "low"
        return "medium" if self.warnings or self.supported == "unjudged" else "high"

    @property
    def need(self) -> tuple[object, ...]:
        """What the queue is ordered by: what needs a person most comes first, what was put off comes last."""
        doubts = self.supported == "partly", self.warnings + self.errors
        return (self.skipped, not self.redrafted, *(-doubt for doubt in doubts), not self.new, -self.rank, self.id)


def items(ledger: Ledger, wiki: Path, who: str = "", seen: int = 0) -> list[Item]:
    """All drafts for a wiki, what needs a person most first.

    Args:
        ledger: the record.
        wiki: the wiki's folder.
        who: the reviewer, whose skipped drafts come last.
        seen: the newest draft that the reviewer's last visit saw.
    """
    findings = ledger.all_findings(wiki)
    skipped = Counter(d.draft for d in ledger.log(wiki) if d.decision == "skipped" and d.who == who)
    found = (_item(draft, findings.get(draft.id, []), seen, skipped[draft.id]) for draft in ledger.drafts(wiki))
    return sorted(found, key=lambda item: item.need)


def _item(draft: Draft, findings: Sequence[RecordedFinding], seen: int, skipped: int) -> Item:
    (category, files), written = _read(draft.page), json.loads(draft.written)
    errors = sum(finding.severity == "error" for finding in findings)
    return Item(
        id=draft.id,
        state=draft.state,
        type=draft.type,
        name=draft.name,
        rank=draft.rank,
        score=draft.score,
        drafter=draft.drafter.partition(":")[0],
        model=written.get("model", ""),
        category=category,
        file=files,
        code=tuple(dict.fromkeys(finding.code for finding in findings)),
        errors=errors,
        warnings=len(findings) - errors,
        supported=_supported(draft, findings, written),
        new=draft.id > seen,
        redrafted=draft.redrafts is not None,
        skipped=skipped,
    )


@lru_cache(4096)  # the queue is asked for after each decision
def _read(page: str) -> tuple[str, tuple[str, ...]]:
    """Category and cited files of a page."""
    read = json.loads(page)
    return read.get("category") or "", tuple(dict.fromkeys(exhibit["path"] for exhibit in read.get("evidence", ())))


def _supported(draft: Draft, findings: Sequence[RecordedFinding], written: Mapping[str, object]) -> str:
    """How far the evidence supports a draft: what no model wrote is made of the source's own words."""
    judged = [finding for finding in findings if finding.code == "CLM004"]
    if any(not finding.message.startswith(UNJUDGED) for finding in judged):
        return "partly"
    return "unjudged" if judged or ("model" in written and not written.get("judged", True)) else "all"
