"""What the ledger keeps, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    `evidence` is the digest of what its candidate rests on, `redrafts` the rejected draft that it answers to.
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
    evidence: str = ""
    redrafts: int | None = None


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
    evidence: str = ""
    redrafts: int | None = None


@dataclass(frozen=True)
class Kept:
    """A page that stays in the wiki, rewritten for another source: its draft as it reads from now on."""

    draft: int
    digest: str
    page: str


@dataclass(frozen=True)
class NewDecision:
    """A decision to record.

    Attributes:
        draft: id of the draft.
        decision: `accepted`, `rejected`, `merged` (into another page), `extended` (by a draft merged into its page),
            `skipped`, `undone`, `pending` (offered again) or `superseded`.
        state: the state that it brings the draft to.
        was: the state that the draft must be in.
        reason: why, in words.
        code: why, as one of a few codes; `fixed` where a person changed the page before it was accepted.
        undoes: the decision that is taken back; it must be the last one about the draft.
        page: the page of the draft from now on, as JSON; None where it stays.
        findings: its findings from now on; None where they stay.
        digest: digest of what is decided about, where that is not the draft as it was recorded.
        effect: what taking it back needs to know, as JSON.
    """

    draft: int
    decision: str
    state: str
    was: str = "pending"
    reason: str = ""
    code: str = ""
    undoes: int | None = None
    page: str | None = None
    findings: Sequence[RecordedFinding] | None = None
    digest: str = ""
    effect: str = "{}"


@dataclass(frozen=True)
class Decision:
    """What was decided about a draft, by whom (`policy:accept-valid` for a rule), when, and why.

    Attributes:
        id: number in the log, from 1.
        batch: number of the first of the decisions that were made together.
        digest, source: what it was about: the draft's page and the source with its revision.
        warnings: codes of the findings that the draft had, divided by commas.
        seconds: how long a person looked at it; None where nobody knows.
        hash: the chain up to this decision.
        code, undoes, effect: as in `NewDecision`.
    """

    id: int
    draft: int
    decision: str
    who: str
    at: str
    reason: str
    code: str
    batch: int
    digest: str
    source: str
    warnings: str
    seconds: float | None
    undoes: int | None
    effect: str
    hash: str

    @property
    def by_person(self) -> bool:
        """Whether a person made it, and no policy and no step of the program."""
        return not self.who.startswith("policy:") and self.who != "wikiagent"


#: The SHA-256 of a file before an edit (None: no file), and its text after (None: removed).
Change = tuple[str | None, str | None]


@dataclass
class Promise:
    """What a wiki is to become by decisions, filled while they are made.

    Attributes:
        wiki: the wiki's folder; empty where nothing is promised.
        changes: the changes of its files.
        effects: what taking each decision back needs to know, as JSON, by the draft's id.
        given_up: a wiki whose earlier promise these decisions take back.
    """

    wiki: str = ""
    given_up: str = ""
    changes: dict[str, Change] = field(default_factory=dict)
    effects: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Promised:
    """An edit of a wiki that a batch of decisions promises, or a refresh (batch 0): changes by file."""

    batch: int
    changes: Mapping[str, Change]
