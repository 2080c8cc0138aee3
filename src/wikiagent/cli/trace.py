"""`wikiagent trace`: how the agent wrote a draft, call by call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from wikiagent.cli.app import app, say

if TYPE_CHECKING:
    from wikiagent.ledger import Call


@app.command()
def trace(
    context: typer.Context,
    draft_id: Annotated[int, typer.Argument(metavar="DRAFT", help="Id of a draft that the agent wrote.")],
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="json: one JSON value.")] = "text",
) -> None:
    """Print how the agent wrote a draft: each prompt, call of a tool, answer and finding, in order."""
    from pathlib import Path

    from wikiagent.cli.desk import ledger_of
    from wikiagent.errors import DraftError
    from wikiagent.ledger import CallLog

    ledger = ledger_of(context.obj)
    draft = ledger.draft(draft_id)
    calls = CallLog(ledger.file).about(draft.candidate, Path(draft.wiki))
    if not calls:
        raise DraftError(f"Draft {draft_id} was written without a model ({draft.drafter}); nothing was asked.")
    if form == "json":
        typer.echo(json.dumps({"draft": draft_id, "calls": [_as_json(call) for call in calls]}))
        return
    seen: list[Any] = []
    for call in calls:
        where = "answered from the ledger" if call.reused else f"{call.seconds:.1f} s"
        tokens = f"{call.tokens_in} tokens in, {call.tokens_out} out"
        say(f"== call {call.id}: {call.stage}, {call.model}, {call.prompt}, {tokens}, {where}", bold=True)
        for message in json.loads(call.request)["messages"]:
            if message not in seen:
                seen.append(message)
                _tell(f"-- {message['role']}", message)
        if call.answer is None:
            _tell("-- failed", {"content": call.error})
        else:
            _tell("-- answer", json.loads(call.answer)["data"])
    say(f"== draft {draft.id}: {draft.state}", bold=True)
    for finding in ledger.findings(draft_id):
        say(f"{finding.severity}: {finding.code} {finding.message}")


def _tell(title: str, message: dict[str, Any]) -> None:
    say(title, bold=True)
    if text := _text(message):
        say(text)
    for name, given in _calls(message):
        say(f"calls {name}({given})")


def _as_json(call: Call) -> dict[str, Any]:
    kept = (
        "id",
        "run",
        "stage",
        "prompt",
        "model",
        "tokens_in",
        "tokens_out",
        "tokens_cached",
        "seconds",
        "at",
        "error",
    )
    answer = json.loads(call.answer)["data"] if call.answer else None
    return {
        **{key: getattr(call, key) for key in kept},
        "reused": call.reused is not None,
        "messages": [_message(message) for message in json.loads(call.request)["messages"]],
        "answer": _message({"role": "assistant", **answer}) if answer else None,
    }


def _message(message: dict[str, Any]) -> dict[str, Any]:
    return {
        "role": message["role"],
        "text": _text(message),
        "calls": [{"name": name, "arguments": given} for name, given in _calls(message)],
    }


def _text(message: dict[str, Any]) -> str:
    """What a message says; where a model refused to answer, that is its refusal."""
    return str(message["content"] or message.get("additional_kwargs", {}).get("refusal") or "")


def _calls(message: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and arguments, as JSON, of the tools that a message calls, as it was sent or as it came back."""
    for call in message.get("tool_calls") or ():
        given = call.get("function") or {"name": call["name"], "arguments": json.dumps(call["args"])}
        yield given["name"], given["arguments"]
