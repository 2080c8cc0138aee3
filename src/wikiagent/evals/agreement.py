"""How far a judge agrees with people: its verdicts on labelled statements, as accuracy and Cohen's kappa."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from wikiagent.draft.evidence import Search
from wikiagent.draft.llm import Model
from wikiagent.draft.support import VERDICTS, Claim, Quote, judge
from wikiagent.errors import AnswerError, ConfigError, EvidenceError
from wikiagent.source.evidence import Place, cut
from wikiagent.source.secret import masked
from wikiagent.source.snapshot import Snapshot

__all__ = ["VERDICTS", "Agreement", "Labelled", "agreement", "as_json", "read_labels"]

#: Statements that one call judges.
BATCH = 5
#: Lines around the deciding line of a statement that was labelled for a whole repository.
_AROUND = 5
#: Pieces of code that are shown for a statement about which the source says nothing.
_NEAREST = 2
#: Most lines of a piece of evidence.
_MOST_LINES = 40

Label = Literal["supported", "partly", "not"]
#: Labels of the reference statements, as the judge words them.
_WORDED: dict[str, Label] = {"contradicted": "not", "unverified": "not"}


class _Span(BaseModel):
    path: str
    first: int
    last: int


class _Row(BaseModel):
    """A line of a file of labels: with `evidence`, or with the one place (`source`) that decides, empty for none."""

    model_config = ConfigDict(extra="ignore")

    statement: str
    verdict: Literal["supported", "partly", "not", "contradicted", "unverified"]
    evidence: list[_Span] = []
    source: str = ""


@dataclass(frozen=True)
class Labelled:
    """A statement, the places that are to be judged, and what a person said of it."""

    statement: str
    places: tuple[Place, ...]
    label: Label


@dataclass(frozen=True)
class Agreement:
    """How a judge's verdicts stand to labels.

    Attributes:
        pairs: how often each pair of label and verdict occurred.
        unanswered: statements on which the judge gave no usable answer; they count nowhere else.
    """

    pairs: Counter[tuple[str, str]]
    unanswered: int

    @property
    def judged(self) -> int:
        """How many statements were judged."""
        return self.pairs.total()

    @property
    def accuracy(self) -> float:
        """The share of verdicts that are the label."""
        return sum(n for (label, verdict), n in self.pairs.items() if label == verdict) / (self.judged or 1)

    @property
    def kappa(self) -> float:
        """Agreement beyond chance, 1 for perfect and 0 for none (Cohen, 1960)."""
        labels, verdicts = Counter[str](), Counter[str]()
        for (label, verdict), number in self.pairs.items():
            labels[label] += number
            verdicts[verdict] += number
        chance = sum(labels[word] * verdicts[word] for word in labels) / (self.judged**2 or 1)
        return (self.accuracy - chance) / (1 - chance) if chance < 1 else 0.0

    def binary(self) -> Agreement:
        """The same for the question whether a statement is wholly supported or not."""
        pairs: Counter[tuple[str, str]] = Counter()
        for (label, verdict), number in self.pairs.items():
            pairs[_binary(label), _binary(verdict)] += number
        return Agreement(pairs, self.unanswered)


def _binary(verdict: str) -> str:
    return "supported" if verdict == "supported" else "not"


def read_labels(file: Path, snapshot: Snapshot, search: Search) -> list[Labelled]:
    """Read labelled statements, one JSON object a line.

    A statement that names no evidence gets the line that decides with those around it, or, where no line does, what
    search finds for it.

    Raises:
        ConfigError: the file cannot be read, or a line is none of these, or names lines that the source does not have.
    """
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read: {error}.") from error
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = _Row.model_validate_json(line)
            places = tuple(_places(row, snapshot, search))
            for place in places:
                cut(snapshot, place)
        except (ValidationError, EvidenceError) as error:
            raise ConfigError(f"{file}, line {number}: {' '.join(str(error).split())}") from error
        found.append(Labelled(row.statement, places, _WORDED.get(row.verdict) or _label(row.verdict)))
    if not found:
        raise ConfigError(f"{file} holds no labelled statement.")
    return found


def _label(verdict: str) -> Label:
    return "supported" if verdict == "supported" else "partly" if verdict == "partly" else "not"


def _places(row: _Row, snapshot: Snapshot, search: Search) -> Iterator[Place]:
    if row.evidence:
        yield from (Place(span.path, span.first, span.last) for span in row.evidence)
    elif found := re.fullmatch(r"(.+):(\d+)(?:-(\d+))?", row.source):
        first, last = int(found[2]), int(found[3] or found[2])
        most = len(snapshot.lines(found[1]))
        yield Place(found[1], max(1, first - _AROUND), min(most, last + _AROUND, first + _MOST_LINES))
    else:
        yield from (hit.place for hit in search(row.statement, _NEAREST))


def agreement(
    labelled: Sequence[Labelled], snapshot: Snapshot, model: Model, tell: Callable[[str], None]
) -> tuple[Agreement, list[tuple[Labelled, str]]]:
    """Judge labelled statements, several in one call.

    Returns:
        The agreement, and each judged statement with its verdict.

    Raises:
        BudgetError, CallError, ConfigError: as the calls say.
    """
    pairs: Counter[tuple[str, str]] = Counter()
    judged: list[tuple[Labelled, str]] = []
    for start in range(0, len(labelled), BATCH):
        batch = labelled[start : start + BATCH]
        tell(f"Judging {start + 1} to {start + len(batch)} of {len(labelled)}")
        quotes: dict[Place, Quote] = {}
        for place in (place for each in batch for place in each.places):
            quotes.setdefault(place, Quote(f"e{len(quotes) + 1}", place.path, masked(cut(snapshot, place).text)))
        claims = [Claim(each.statement, tuple(quotes[place].id for place in each.places)) for each in batch]
        try:
            verdicts = judge(model, claims, list(quotes.values()))
        except AnswerError:
            continue  # counted below: they are not among the judged
        for each, verdict in zip(batch, verdicts, strict=True):
            pairs[each.label, verdict.verdict] += 1
            judged.append((each, verdict.verdict))
    return Agreement(pairs, len(labelled) - len(judged)), judged


def as_json(model: str, found: Agreement, judged: Sequence[tuple[Labelled, str]]) -> str:
    """An agreement as one JSON value."""
    return json.dumps(
        {
            "model": model,
            "judged": found.judged,
            "unanswered": found.unanswered,
            "accuracy": round(found.accuracy, 4),
            "kappa": round(found.kappa, 4),
            "binary": {"accuracy": round(found.binary().accuracy, 4), "kappa": round(found.binary().kappa, 4)},
            "statements": [{"statement": e.statement, "label": e.label, "verdict": verdict} for e, verdict in judged],
        }
    )
