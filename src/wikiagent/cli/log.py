"""`wikiagent log`: who decided what, when and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from wikiagent.cli.app import Shell, app, say
from wikiagent.cli.desk import ledger_of
from wikiagent.errors import DraftError

if TYPE_CHECKING:
    from wikiagent.ledger import Decision, Ledger
    from wikiagent.review.statistics import Statistics


@app.command()
def log(
    context: typer.Context,
    wiki: Annotated[Path | None, typer.Option(help="Decisions for this wiki only.")] = None,
    draft: Annotated[int | None, typer.Option(help="Decisions about this draft only.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Say whether the log is as it was recorded.")] = False,
    head: Annotated[str, typer.Option(help="With --verify: a hash noted earlier, which must be there still.")] = "",
    statistics: Annotated[bool, typer.Option("--statistics", help="Accept rates, reasons, time, agreement.")] = False,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="json: one JSON value.")] = "text",
) -> None:
    """Print the log of decisions, the oldest first, or what it tells."""
    shell: Shell = context.obj
    ledger = ledger_of(shell)
    if verify:
        _verify(ledger, head, form)
        return
    if draft is not None:
        ledger.draft(draft)  # there is such a draft
    if wiki is not None and not ledger.drafts(wiki.resolve()):
        raise DraftError(f"The store has no drafts for {wiki}; `wikiagent drafts` lists those that it has.")
    made = ledger.log(wiki.resolve() if wiki else None, draft)
    if statistics:
        from wikiagent.review.statistics import statistics as count

        counted = count(made, ledger.drafts(wiki.resolve() if wiki else None))
        say(json.dumps(_as_json(counted)) if form == "json" else _as_text(counted))
        return
    names = {known.id: known.name for known in ledger.drafts()}
    if form == "json":
        typer.echo(json.dumps({"decisions": [_row(decision, names[decision.draft]) for decision in made]}))
        return
    for each in made:
        why = ": ".join(filter(None, (each.code, each.reason)))
        told = f"{each.id:5}  {each.at}  {each.who}  {each.decision}  {each.draft} {names[each.draft]}  {why}"
        say(told.rstrip())
    if not made:
        shell.console.print("No decisions yet.")


def _verify(ledger: Ledger, head: str, form: str) -> None:
    """Say whether the log is as it was recorded; exit status 1 where it is not."""
    found = ledger.verify(head)
    if form == "json":
        typer.echo(json.dumps({"ok": not found.problems, **found._asdict()}))
    else:
        for problem in found.problems:
            say(problem)
        number = len(found.problems)
        state = f"{number} problem{'' if number == 1 else 's'}" if number else "the log is as it was recorded"
        say(f"{found.decisions} decisions, last hash {found.head or 'none'}: {state}")
    if found.problems:
        raise typer.Exit(1)


def _row(decision: Decision, name: str) -> dict[str, object]:
    """A decision for scripts."""
    keys = ("id", "draft", "decision", "who", "at", "code", "reason", "digest", "source", "seconds", "batch", "undoes")
    told = {key: getattr(decision, key) for key in keys}
    return {**told, "name": name, "warnings": decision.warnings.split(", ") if decision.warnings else [],
            "hash": decision.hash}  # fmt: skip


def _as_json(counted: Statistics) -> dict[str, object]:
    return {
        "rates": {
            by: [{**rate._asdict(), "share": round(rate.share, 4)} for rate in counted.rates.get(by, ())]
            for by in ("drafter", "model", "prompts", "type", "reviewer")
        },
        "reasons": counted.reasons,
        "median_seconds": counted.seconds,
        "agreement": [pair._asdict() for pair in counted.agreement],
    }


def _as_text(counted: Statistics) -> str:
    lines = []
    for by, rates in counted.rates.items():
        lines += [f"By {by}"] + [
            f"  {r.group}: {r.accepted} of {r.accepted + r.rejected} accepted ({r.share:.0%}), {r.fixed} after a fix"
            for r in rates
        ]
    if counted.reasons:
        lines.append("Rejected as " + ", ".join(f"{code} {number}" for code, number in counted.reasons.items()))
    if counted.seconds is not None:
        lines.append(f"Median {counted.seconds:.0f} seconds a page")
    lines += [f"{a.one} and {a.other} agree on {a.alike} of {a.both}" for a in counted.agreement]
    return "\n".join(lines) or "No decisions yet."
