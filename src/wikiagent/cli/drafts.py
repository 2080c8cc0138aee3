"""`wikiagent drafts` and `show`: the queue and what is in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from wikiagent.cli.app import app, say
from wikiagent.cli.desk import chosen_by, ledger_of, reviewer

if TYPE_CHECKING:
    from wikiagent.ledger import Draft, Ledger
    from wikiagent.review.standing import Replaced
    from wikiagent.review.view import Answered

State = Literal["pending", "accepted", "rejected", "superseded"]


@app.command()
def drafts(
    context: typer.Context,
    state: Annotated[State | None, typer.Option(help="Drafts in this state only.")] = None,
    wiki: Annotated[Path | None, typer.Option(help="Drafts for this wiki only.")] = None,
    where: Annotated[str, typer.Option(help="Drafts for which this rule holds only, as `findings=0`.")] = "",
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="json: one JSON value.")] = "text",
) -> None:
    """List drafts, the highest ranked first."""
    ledger = ledger_of(context.obj)
    found = ledger.drafts(wiki.resolve() if wiki else None, state)
    if where:
        chosen = {item.id for item in chosen_by(where, ledger, {Path(d.wiki) for d in found}, reviewer(context.obj))}
        found = [draft for draft in found if draft.id in chosen]
    if form == "json":
        typer.echo(json.dumps({"drafts": [_as_json(draft, ledger) for draft in found]}))
        return
    for draft in found:
        codes = ", ".join(sorted({finding.code for finding in ledger.findings(draft.id)}))
        say(f"{draft.id:5}  {draft.state:10}  {draft.type:11}  {draft.name}  {codes}".rstrip())
    if not found:
        where = context.obj.settings().store
        context.obj.console.print(f"No such drafts in {where}. `wikiagent enrich --phase 3` makes some.")


@app.command()
def show(
    context: typer.Context,
    draft_id: Annotated[int, typer.Argument(metavar="ID", help="Id of a draft.")],
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="json: one JSON value.")] = "text",
) -> None:
    """Print a draft: its page, its findings, what was decided about it, and how its evidence changed."""
    from wikiagent.review.standing import page_of, replaced
    from wikiagent.review.view import answered_by
    from wikiagent.wiki.mediawiki import render

    ledger = ledger_of(context.obj)
    draft = ledger.draft(draft_id)
    text = render(page_of(draft))
    left = replaced(draft)
    answered = answered_by(ledger, draft)
    decisions = [
        {"decision": d.decision, "who": d.who, "at": d.at, "code": d.code, "reason": d.reason}
        for d in ledger.decisions(draft_id)
    ]
    if form == "json":
        say(
            json.dumps(
                {
                    **_as_json(draft, ledger),
                    "wiki": draft.wiki,
                    "text": text,
                    "decisions": decisions,
                    "written": _written(draft),
                    "replaces": _left_as_json(left) if left else None,
                    "redrafts": draft.redrafts,
                    "rejected": {"code": answered.code, "reason": answered.note} if answered else None,
                }
            )
        )
        return
    say(f"Draft {draft.id}, {draft.state}, rank {draft.rank}, for {draft.wiki}", bold=True)
    for line in _history(draft):
        say(line)
    for finding in ledger.findings(draft_id):
        say(f"{finding.severity}: {finding.code} line {finding.line}: {finding.message}")
    for made in decisions:
        say(f"{made['decision']} by {made['who']} at {made['at']} {made['code']} {made['reason']}".rstrip())
    for line in _evidence_of(left) if left else ():
        say(line)
    for line in _against(answered, draft, text) if answered else ():
        say(line)
    say(f"\n{text}")


def _written(draft: Draft) -> dict[str, Any]:
    """How a model wrote a draft; an older ledger does not say all of it. Empty where none did."""
    written: dict[str, Any] = json.loads(draft.written)
    if "model" in written:
        written.setdefault("judged", written["parameters"]["judge"] and written["stands"])
        written.setdefault("joined", {})
    return written


def _history(draft: Draft) -> Iterator[str]:
    """How a draft was written, where a model did it."""
    written = json.loads(draft.written)
    if "model" in written:
        parameters = ", ".join(f"{name} {value}" for name, value in written["parameters"].items())
        prompts = ", ".join(f"{name}@{digest}" for name, digest in written["prompts"].items())
        usage = written["usage"]
        spent = f"{usage['calls']} calls, {usage['tokens_in']} tokens in, {usage['tokens_out']} out"
        yield f"written by {written['model']} ({parameters}), prompts {prompts}"
        yield f"{written['repairs']} repairs, {spent}, {usage['seconds']} s; `wikiagent trace {draft.id}` shows them"


def _against(answered: Answered, draft: Draft, text: str) -> Iterator[str]:
    """What a draft answers to, and how it differs from that."""
    from wikiagent.review.standing import page_of
    from wikiagent.review.view import difference
    from wikiagent.wiki.mediawiki import render

    old = answered.draft
    yield f"answers to draft {old.id}, rejected as {answered.said or 'other'}"
    yield from difference(render(page_of(old)), text, f"draft {old.id}", f"draft {draft.id}")


def _evidence_of(left: Replaced) -> Iterator[str]:
    """What became of the evidence of a page that left the wiki, and how it differs."""
    yield f"stands for {left.name}, which left the wiki: it is from {left.source} and does not hold in {left.since}"
    yield from (f"  {problem}" for problem in left.problems)
    for citation in left.citations:
        yield f"  {citation.fate}: {citation.old}" + (f" -> {citation.new}" if citation.new else "")
        if citation.why:
            yield f"    {citation.why}"
        yield from (f"    {line}" for line in citation.diff.split("\n") if citation.diff)


def _left_as_json(left: Replaced) -> dict[str, Any]:
    citations = [{"class": c.fate, "old": c.old, "new": c.new, "why": c.why, "diff": c.diff} for c in left.citations]
    kept = {"type": left.type.value, "name": left.name, "source": left.source, "since": left.since}
    return {**kept, "text": left.text, "citations": citations, "problems": list(left.problems)}


def _as_json(draft: Draft, ledger: Ledger) -> dict[str, Any]:
    from wikiagent.wiki.page import PageKind

    kept = {key: getattr(draft, key) for key in ("id", "state", "type", "name", "drafter", "rank")}
    path = f"{PageKind(draft.type).folder}/{draft.name}.md"
    return {**kept, "findings": [{**found._asdict(), "path": path} for found in ledger.findings(draft.id)]}
