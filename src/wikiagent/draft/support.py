"""The judge: whether the named evidence supports each statement, asked of a model in a call of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from wikiagent.check.finding import Finding, Severity
from wikiagent.check.phrases import FIXED, UNJUDGED
from wikiagent.draft.answer import Schema, read_answer
from wikiagent.draft.fence import fenced, shown
from wikiagent.draft.llm import Model, ask
from wikiagent.draft.prompts import digest, prompt
from wikiagent.errors import AnswerError
from wikiagent.wiki.markup import folded
from wikiagent.wiki.page import Environment, Heuristic
from wikiagent.wiki.statements import statements

VERDICTS = ("supported", "partly", "not")
#: How often a judge is asked for an answer that can be used.
_ATTEMPTS = 2


@dataclass(frozen=True)
class Quote:
    """A piece of evidence as a judge sees it: its id, the path of its file, and its text."""

    id: str
    path: str
    text: str


@dataclass(frozen=True)
class Claim:
    """A statement to be judged: its text, and the ids of the quotes that it names."""

    text: str
    refs: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What a judge says of a claim: one of `VERDICTS`, why, and the lines of the evidence that decide."""

    verdict: str
    why: str
    words: tuple[str, ...]


PROMPT = "judge"


def judge_prompt() -> str:
    """Name and digest of the judge's prompt."""
    return f"{PROMPT}@{digest('judge.system', 'judge.user')}"


def judge(model: Model, claims: Sequence[Claim], quotes: Sequence[Quote], takes_schema: bool = True) -> list[Verdict]:
    """Judge claims, in order. Where no line of the evidence is named that a claim rests on, it is `partly` at best.

    Raises:
        AnswerError: the model gave no answer that can be used, though it was asked twice.
        BudgetError, CallError, ConfigError: as `ask` says.
    """
    lines = {f"{quote.id}.{n}": line for quote in quotes for n, line in enumerate(quote.text.split("\n"), 1)}
    schema = _schema([f"s{number}" for number in range(1, len(claims) + 1)], list(lines))
    messages: list[BaseMessage] = [
        SystemMessage(prompt("judge.system")),
        HumanMessage(
            prompt(
                "judge.user",
                evidence=[fenced(quote.id, quote.path, quote.text, 1, f"{quote.id}.") for quote in quotes],
                statements=[{"id": f"s{n}", "refs": c.refs, "text": shown(c.text)} for n, c in enumerate(claims, 1)],
            )
        ),
    ]
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return _verdicts(ask(model, messages, schema if takes_schema else None), schema, claims, lines)
        except AnswerError as error:
            if attempt == _ATTEMPTS:
                raise
            messages.append(HumanMessage(prompt("repair", attempt=1, findings=[str(error)])))
    raise AssertionError("the last attempt returns or raises")


def _schema(ids: Sequence[str], lines: Sequence[str]) -> Schema:
    fields: Schema = {
        "statement": {"type": "string", "enum": list(ids)},
        "lines": {"type": "array", "items": {"type": "string", "enum": list(lines)}, "maxItems": 3},
        "why": {"type": "string"},
        "verdict": {"type": "string", "enum": list(VERDICTS)},
    }
    row = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    rows = {"type": "array", "items": row, "minItems": len(ids), "maxItems": len(ids)}
    return {"type": "object", "properties": {"verdicts": rows}, "required": ["verdicts"], "additionalProperties": False}


def _verdicts(text: str, schema: Schema, claims: Sequence[Claim], lines: Mapping[str, str]) -> list[Verdict]:
    rows = {row["statement"]: row for row in read_answer(text, schema)["verdicts"]}
    missing = [f"s{n}" for n in range(1, len(claims) + 1) if f"s{n}" not in rows]
    if missing:
        raise AnswerError(f"the answer has no verdict for {', '.join(missing)}")
    return [_grounded(rows[f"s{number}"], claim, lines) for number, claim in enumerate(claims, 1)]


def _grounded(row: Schema, claim: Claim, lines: Mapping[str, str]) -> Verdict:
    """The verdict of a row, but `partly` for `supported` where it names no line of the evidence of its claim."""
    named = tuple(lines[line] for line in row["lines"] if line.partition(".")[0] in claim.refs)
    verdict = "partly" if row["verdict"] == "supported" and not any(named) else row["verdict"]
    return Verdict(verdict, " ".join(row["why"].split()), named)


def claims_of(page: Environment | Heuristic) -> list[tuple[str, Claim]]:
    """What a page says, with its sections: statements with the evidence that they name, and Usage with all of it."""
    told = [
        (section, Claim(statement.text, statement.refs))
        for section, prose in statements(page)
        for statement in prose
        if statement.refs and not FIXED.match(statement.text)
    ]
    usage = Claim(page.usage, tuple(exhibit.id for exhibit in page.evidence))
    return [*told, ("Usage", usage)] if page.usage else told


def check_support(page: Environment | Heuristic, model: Model, takes_schema: bool = True) -> list[Finding]:
    """CLM004 for each statement of a page that its evidence does not support (an error) or only partly (a warning).

    Where the judge gives no usable answer, that is one warning: nobody has judged the page.

    Raises:
        BudgetError, CallError, ConfigError: as `ask` says.
    """
    told = claims_of(page)
    quotes = [Quote(exhibit.id, exhibit.path, exhibit.code) for exhibit in page.evidence]
    try:
        verdicts = judge(model, [claim for _, claim in told], quotes, takes_schema)
    except AnswerError as error:
        return [Finding("CLM004", page.file, 0, f"{UNJUDGED}: {error}.", Severity.WARNING)]
    return [
        _finding(page.file, section, claim, verdict)
        for (section, claim), verdict in zip(told, verdicts, strict=True)
        if verdict.verdict != "supported"
    ]


def _finding(file: str, section: str, claim: Claim, verdict: Verdict) -> Finding:
    how = "does not support" if verdict.verdict == "not" else "supports only in part"
    why = f": {shown(folded(verdict.why))[:200]}" if verdict.why else ""
    lines = next((f" Its lines: “{shown(folded(line))[:100]}”." for line in verdict.words if line.strip()), "")
    message = f"{section}: the evidence that is named ({', '.join(claim.refs)}) {how} “{claim.text[:160]}”{why}{lines}"
    return Finding("CLM004", file, 0, message, Severity.ERROR if verdict.verdict == "not" else Severity.WARNING)
