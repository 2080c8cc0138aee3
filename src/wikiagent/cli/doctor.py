"""`wikiagent doctor`: whether what a run needs is there."""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from wikiagent.cli.app import Shell, app, say
from wikiagent.config import Settings
from wikiagent.errors import WikiagentError

if TYPE_CHECKING:
    from wikiagent.draft.llm import Model

#: Models of an endpoint that are named.
_MOST_NAMED = 8


class Check(NamedTuple):
    """One thing that was looked at: `state` is ok, none (not set, and not needed as it is) or wrong."""

    state: Literal["ok", "none", "wrong"]
    what: str
    said: str


@app.command()
def doctor(
    context: typer.Context,
    model: Annotated[str | None, typer.Option(help="The model to check, in place of that of the settings.")] = None,
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="json: one JSON value.")] = "text",
) -> None:
    """Check key, endpoint, model, embedder, store and wiki, and say how drafts would be written."""
    shell: Shell = context.obj
    settings = shell.settings(model={"name": model})
    checks = [*_guarded("store", _store, settings), *_guarded("wiki", _wiki, settings)]
    checks += [*_guarded("embedder", _embedder, settings), *_guarded("model", _model, settings)]
    if form == "json":
        typer.echo(json.dumps({"checks": [check._asdict() for check in checks]}))
    else:
        marks = {"ok": "✓", "none": "-", "wrong": "✗"}
        for check in checks:
            say(f"{marks[check.state]} {check.what:14} {check.said}")
    if any(check.state == "wrong" for check in checks):
        raise typer.Exit(1)


def _guarded(what: str, look: Callable[[Settings], Iterator[Check]], settings: Settings) -> Iterator[Check]:
    """What a look finds, and what stopped it."""
    try:
        yield from look(settings)
    except WikiagentError as error:
        yield Check("wrong", what, str(error))


def _store(settings: Settings) -> Iterator[Check]:
    from wikiagent.ledger import Ledger

    drafts = len(Ledger(settings.store / "ledger.sqlite").drafts())
    yield Check("ok", "store", f"{settings.store}, {drafts} drafts on record")


def _wiki(settings: Settings) -> Iterator[Check]:
    from wikiagent.wiki.graph import read_wiki

    if settings.wiki.path is None:
        yield Check("none", "wiki", "not set: pass --wiki, or set [wiki] path")
        return
    wiki = read_wiki(settings.wiki.path)
    prefix = wiki.repo or settings.wiki.repo or "that of the source"
    yield Check("ok", "wiki", f"{settings.wiki.path}, {len(wiki.pages)} pages, prefix {prefix}")


def _embedder(settings: Settings) -> Iterator[Check]:
    from wikiagent.index.embed import embedder_of

    vectors = embedder_of(settings.index.embedder).embed(["def merge(self, safe_merge=False): ..."])
    yield Check("ok", "embedder", f"{settings.index.embedder}, vectors of {vectors.shape[1]} numbers")


def _model(settings: Settings) -> Iterator[Check]:
    from wikiagent.cli.agent import model_in

    if settings.model.name is None:
        yield Check("none", "model", "not set: drafts are extractive. Name one with [model] name or --model")
        return
    key = "in the environment" if os.environ.get("OPENAI_API_KEY") else "not set; an endpoint of your own may need none"
    yield Check("ok" if os.environ.get("OPENAI_API_KEY") else "none", "key", f"OPENAI_API_KEY {key}")
    with model_in(settings, settings.store / "ledger.sqlite", cache=False) as model:
        yield from _asked(settings, model)


def _asked(settings: Settings, model: Model) -> Iterator[Check]:
    """What the endpoint shows when it is asked: small calls, which cost a few hundred tokens."""
    from wikiagent.draft.capability import capability_of, models_of
    from wikiagent.draft.local import PREFIX

    named = [str(row["id"]) for row in models_of(model)]
    if named:
        known = model.model_name in named or model.model_name.startswith(PREFIX)
        near = difflib.get_close_matches(model.model_name, named, 1)
        hint = f"; did you mean {near[0]}?" if near and not known else ""
        said = ", ".join(named[:_MOST_NAMED]) + (" …" if len(named) > _MOST_NAMED else "")
        yield Check("ok" if known else "wrong", "models", f"the endpoint has {said}{hint}")
    found = capability_of(model, settings.model.context)
    yield Check("ok", "model", f"{model.model_name} answers")
    yield Check("ok" if found.tools else "none", "tool calling", found.why)
    yield Check("ok" if found.schema == "followed" else "none", "JSON schema", f"{found.schema} by the endpoint")
    size = f"{found.context} tokens" if found.context else "not known; set [model] context if drafts fail for length"
    yield Check("ok" if found.context else "none", "context", size)
    mode, why = found.mode(settings.draft.mode)
    by = "" if settings.drafter == "agent" else "with --drafter agent; [draft] drafter says extractive: "
    yield Check("ok", "drafting", f"{by}{mode} mode: {why}")
