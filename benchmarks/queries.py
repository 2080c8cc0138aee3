"""What the benchmarks search for and mine: goldens and questions, and who may tune to them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

from benchmarks.report import ROOT
from wikiagent.evals.golden import read_goldens, read_questions
from wikiagent.source.evidence import Place

EVALS = ROOT / "evals"


@dataclass(frozen=True)
class Query:
    """A text and the lines that it should find.

    Attributes:
        id: of the golden or question.
        text: what is searched for.
        places: the evidence.
        group: `seen`, `tuning` or `held out`.
    """

    id: str
    text: str
    places: tuple[Place, ...]
    group: str


def group_of(identity: str, seen: bool) -> str:
    """`seen`, or one of two halves by a hash, so that a golden stays where it is when others come."""
    if seen:
        return "seen"
    return "tuning" if hashlib.sha256(identity.encode()).digest()[0] % 2 else "held out"


@cache
def queries_of(name: str) -> dict[str, list[Query]]:
    """The queries about one source (`peft-0.18.1`), by kind."""
    goldens = read_goldens(EVALS / "golden" / f"{name}.yaml").goldens
    kinds: dict[str, list[Query]] = {"sentence": [], "title": []}
    for golden in goldens:
        group = group_of(f"{name}/{golden.id}", golden.seen)
        for kind, text in (("sentence", golden.insight), ("title", golden.title.replace("_", " "))):
            kinds[kind].append(Query(f"{name}/{golden.id}", text, golden.places, group))
    asked = EVALS / "questions" / f"{name}.yaml"
    if asked.exists():
        kinds["question"] = [
            Query(f"{name}/{each.id}", each.question, each.places, group_of(f"{name}/{each.id}", seen=False))
            for each in read_questions(asked).questions
        ]
    return kinds


def sources() -> dict[str, str]:
    """The sources that have goldens, by the names of the files."""
    files = sorted((EVALS / "golden").glob("*.yaml"), key=lambda file: (not file.name.startswith("peft"), file.name))
    return {file.stem: read_goldens(file).source for file in files}
