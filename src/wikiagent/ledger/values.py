"""What the ledger keeps, as values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class RecordedFinding(NamedTuple):
    """A finding as the ledger keeps it; `line` is a line of the draft's text, `fix` is there where it is certain."""

    code: str
    severity: str
    line: int
    message: str
    cited: str
    fix: str | None = None


@dataclass(frozen=True)
class Run:
    """One enrichment: `wiki` is the wiki's folder, `digest` the snapshot's, `facts` what its report needs, as JSON."""

    id: int
    wiki: str
    source: str
    digest: str
    drafter: str
    started: str
    facts: str


@dataclass(frozen=True)
class NewDraft:
    """A draft to record; `page` is the page, `written` how it was written, as JSON.

    `replaces` is the page that left the wiki and that this draft stands for, as JSON; empty where there is none.
    """

    candidate: str
    type: str
    name: str
    drafter: str
    rank: int
    score: float
    digest: str
    page: str
    findings: Sequence[RecordedFinding]
    written: str = "{}"
    replaces: str = ""


@dataclass(frozen=True)
class Draft:
    """A recorded draft: `state` is pending, accepted, rejected or superseded."""

    id: int
    run: int
    wiki: str
    source: str
    candidate: str
    type: str
    name: str
    drafter: str
    rank: int
    score: float
    state: str
    digest: str
    page: str
    written: str
    replaces: str = ""


@dataclass(frozen=True)
class Kept:
    """A page that stays in the wiki, rewritten for another source: its draft as it reads from now on."""

    draft: int
    digest: str
    page: str


@dataclass(frozen=True)
class Decision:
    """What was decided about a draft, by whom (`policy:accept-valid` for a rule), when, and why."""

    draft: int
    decision: str
    who: str
    at: str
    reason: str
