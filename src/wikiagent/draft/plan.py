"""The plan: a model says which candidates are worth a page, which belong together, their names, and what they apply to.

What it says is validated like everything else: a name that is none is not taken, a page that is not there is not
linked. Where no usable plan comes, the ranking stands as it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from pydantic import BaseModel, ConfigDict

from wikiagent.check.numbers import numbers_beyond
from wikiagent.draft.answer import Schema, read_answer
from wikiagent.draft.fence import fenced
from wikiagent.draft.llm import Model, ask
from wikiagent.draft.prompts import digest, prompt
from wikiagent.errors import AnswerError
from wikiagent.mine.candidates import Candidate
from wikiagent.wiki.graph import Wiki
from wikiagent.wiki.markup import folded
from wikiagent.wiki.page import Link, PageKind

#: Candidates that one call plans.
BATCH = 10
#: Existing pages that one call shows.
MAX_PAGES = 40
#: How often a plan is asked for.
_ATTEMPTS = 2
#: Characters of what a candidate says.
_LONG = 300
#: Places that candidates which belong together show at most.
_MOST_SIGNALS = 12
_NAME = re.compile(r"^[A-Z0-9][A-Za-z0-9]*(?:_[A-Za-z0-9]+){0,7}$")
_NONE = "none"
#: What the reason of a choice begins with that no model made.
AS_RANKED = "as ranked"


class Choice(BaseModel):
    """What the plan says of one candidate.

    Attributes:
        candidate: its key.
        worth: whether it gets a page.
        why: the model's reason for that.
        same_as: key of the candidate that it shares a page with, empty for a page of its own.
        name: the page's name, without the prefix of the repository.
        applies_to: the existing pages that it applies to, as `Kind:full_name`; None where the program chose.
    """

    model_config = ConfigDict(frozen=True)

    candidate: str
    worth: bool
    why: str
    same_as: str
    name: str
    applies_to: tuple[str, ...] | None


@dataclass(frozen=True)
class Known:
    """What a plan may refer to: the source's name, the wiki's pages, the names that are taken, and some as examples."""

    library: str
    pages: Sequence[tuple[PageKind, str]]
    taken: Collection[str]
    examples: Sequence[str]


def plan_prompt() -> str:
    """Name and digest of the planner's prompt."""
    return f"plan@{digest('plan.system', 'plan.user')}"


def as_ranked(candidate: Candidate, why: str) -> Choice:
    """The choice for a candidate that nobody planned."""
    return Choice(candidate=candidate.key, worth=True, why=why, same_as="", name=candidate.name, applies_to=None)


def plan(
    candidates: Sequence[Candidate],
    related: Sequence[tuple[Link, ...]],
    known: Known,
    model: Model,
    schema: bool,
) -> list[Choice]:
    """Plan one batch of candidates, in their order.

    Args:
        candidates: at most `BATCH`, in the order of the ranking.
        related: the pages that the program found each to apply to.
        known: what there is already.
        model: the model.
        schema: whether the endpoint takes a JSON schema.

    Raises:
        BudgetError, CallError, ConfigError: as `ask` says.
    """
    pages = _shown_pages(related, known)
    form = _schema(len(candidates), pages)
    messages: list[BaseMessage] = [
        SystemMessage(prompt("plan.system", library=known.library, examples=known.examples)),
        HumanMessage(prompt("plan.user", pages=pages, candidates=[_told(n, c) for n, c in enumerate(candidates, 1)])),
    ]
    model = model.about("plan", plan_prompt())
    for _ in range(_ATTEMPTS):
        try:
            rows = read_answer(ask(model, messages, form if schema else None), form)["pages"]
            return _choices(rows, candidates, pages, known)
        except AnswerError as error:
            messages = [*messages[:2], HumanMessage(prompt("repair", attempt=1, findings=[str(error)]))]
            problem = str(error)
    return [as_ranked(candidate, f"{AS_RANKED}: {problem}") for candidate in candidates]


def _shown_pages(related: Sequence[tuple[Link, ...]], known: Known) -> list[str]:
    """The pages that a batch is shown: those that the program relates it to, then others while there is room."""
    there = [f"{kind.value}:{name}" for kind, name in known.pages]
    first = [f"{link.kind.value}:{link.name}" for links in related for link in links]
    return [page for page in dict.fromkeys((*first, *there)) if page in set(there)][:MAX_PAGES]


def _told(number: int, candidate: Candidate) -> str:
    said = [f"{s.kind} in `{s.symbol or s.place.path}`: {s.text[:_LONG]}" for s in candidate.signals[:3]]
    label = f"{candidate.kind}; suggested name {candidate.name}"
    return fenced(f"c{number}", label, "\n".join(said))


def _schema(number: int, pages: Sequence[str]) -> Schema:
    ids = [f"c{n}" for n in range(1, number + 1)]
    row: Schema = {
        "candidate": {"type": "string", "enum": ids},
        "worth": {"type": "boolean"},
        "why": {"type": "string"},
        "same_as": {"type": "string", "enum": [_NONE, *ids]},
        "name": {"type": "string"},
        "applies_to": {
            "type": "array",
            "items": {"type": "string", "enum": list(pages) or [_NONE]},
            "maxItems": 4 if pages else 0,
        },
    }
    rows = {
        "type": "array",
        "items": {"type": "object", "properties": row, "required": list(row), "additionalProperties": False},
        "minItems": number,
        "maxItems": number,
    }
    return {"type": "object", "properties": {"pages": rows}, "required": ["pages"], "additionalProperties": False}


def _choices(
    rows: Sequence[Schema], candidates: Sequence[Candidate], pages: Sequence[str], known: Known
) -> list[Choice]:
    """The choices that the rows of an answer make.

    Raises:
        AnswerError: a candidate has no row.
    """
    found = {row["candidate"]: row for row in rows}
    missing = [f"c{n}" for n in range(1, len(candidates) + 1) if f"c{n}" not in found]
    if missing:
        raise AnswerError(f"the answer has no row for {', '.join(missing)}")
    taken = set(known.taken) - {candidate.name for candidate in candidates}
    suggested = {candidate.name for candidate in candidates}
    choices: list[Choice] = []
    for number, candidate in enumerate(candidates, 1):
        row = found[f"c{number}"]
        name = _name(row["name"], candidate, taken | (suggested - {candidate.name}))
        taken.add(name)
        choices.append(
            Choice(
                candidate=candidate.key,
                worth=row["worth"],
                why=folded(row["why"])[:_LONG],
                same_as=_same(row["same_as"], number, candidates, choices),
                name=name,
                applies_to=tuple(dict.fromkeys(page for page in row["applies_to"] if page in pages)) or None,
            )
        )
    return choices


def _same(named: str, number: int, candidates: Sequence[Candidate], before: Sequence[Choice]) -> str:
    """The key of the candidate that shares a page: an earlier one of the same kind with a page of its own."""
    other = int(named[1:]) if named != _NONE else number
    if other >= number or candidates[other - 1].kind != candidates[number - 1].kind:
        return ""
    first = before[other - 1]
    return first.same_as or (first.candidate if first.worth else "")


def _name(wanted: str, candidate: Candidate, taken: Collection[str]) -> str:
    """The planned name where it is one, is free, and has no number that the candidate lacks; else the program's."""
    name = re.sub(r"[\s-]+", "_", wanted.strip())
    said = " ".join((candidate.name, *(signal.text for signal in candidate.signals)))
    deprecated = candidate.signals[0].kind == "deprecation"
    fits = _NAME.match(name) and len(name) <= 60 and not numbers_beyond(name.replace("_", " "), said)
    if not fits or name in taken or deprecated != name.startswith("Warning_Deprecated_"):
        return candidate.name
    return name


def planned(candidates: Iterable[Candidate], choices: Iterable[Choice]) -> list[Candidate]:
    """The candidates that get a page, under their planned names, with what belongs to them; in their order."""
    chosen = {choice.candidate: choice for choice in choices}
    by_key = {candidate.key: candidate for candidate in candidates}
    out: list[Candidate] = []
    for key, candidate in by_key.items():
        choice = chosen[key]
        if not choice.worth or choice.same_as in by_key:
            continue
        others = [by_key[other.candidate] for other in chosen.values() if other.same_as == key]
        out.append(replace(_joined(candidate, others), name=choice.name))
    return out


def _joined(candidate: Candidate, others: Sequence[Candidate]) -> Candidate:
    """A candidate with the evidence of others."""
    signals = list(candidate.signals)
    recurs = list(candidate.recurs)
    for signal in (signal for other in others for signal in other.signals):
        fits = len(signals) < _MOST_SIGNALS and not any(signal.place.overlaps(s.place) for s in signals)
        (signals.append(signal) if fits else recurs.append(signal.place))
    owners = dict.fromkeys((*candidate.owners, *(owner for other in others for owner in other.owners)))
    return replace(candidate, signals=tuple(signals), recurs=tuple(recurs), owners=tuple(owners))


def links_of(choice: Choice, candidate: Candidate, related: tuple[Link, ...], wiki: Wiki) -> tuple[Link, ...]:
    """The links of a planned page: what the plan names and the wiki still has, else what the program found.

    A plan cannot take away the pages of a core requirement, and an Environment applies to Implementations alone.
    """
    environment = candidate.kind == "environment"
    if choice.applies_to is None or candidate.signals[0].kind == "requirement":
        return related
    edge = "requires_env" if environment else "uses_heuristic"
    named = [page.partition(":") for page in choice.applies_to]
    links = [Link(edge=edge, kind=PageKind(kind), name=name) for kind, _, name in named]
    there = [link for link in links if (link.kind, link.name) in wiki.pages]
    fitting = tuple(link for link in there if not environment or link.kind is PageKind.IMPLEMENTATION)
    return fitting or related
