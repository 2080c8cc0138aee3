"""`wikiagent model serve`: a model file of this machine as an endpoint."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from wikiagent.cli.app import Shell, app

models = typer.Typer(no_args_is_help=True, help="Serve a model of this machine.")
app.add_typer(models, name="model")


@models.callback()
def group() -> None:
    """Serve a model of this machine."""


@models.command()
def serve(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="GGUF", help="The model's file.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on loopback; 0 for any that is free.")] = 8080,
    size: Annotated[int | None, typer.Option("--context", min=512, help="Tokens of context.")] = None,
) -> None:
    """Serve a GGUF model on loopback, OpenAI-compatible, until it is stopped. Needs the extra `local`."""
    from wikiagent.draft.local import served

    shell: Shell = context.obj
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with served(file, size, port) as base_url:
        typer.echo(base_url)
        shell.console.print("Set this as [model] base_url or OPENAI_BASE_URL; stop with Ctrl-C.")
        while not stop.wait(0.5):
            pass
