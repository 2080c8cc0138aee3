"""`wikiagent review` and `serve`: the reviewer's loop in the terminal or the browser, and the wiki to read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wikiagent.cli.app import Shell, app, say
from wikiagent.cli.desk import desk_of, named_wiki
from wikiagent.errors import WikiError


@app.command()
def review(
    context: typer.Context,
    wiki: Annotated[Path | None, typer.Option(help="Folder of the wiki.")] = None,
    who: Annotated[str | None, typer.Option("--as", help="Name of the reviewer; default: the login.")] = None,
    web: Annotated[bool, typer.Option("--web", help="In the browser.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="With --web: the port; 0 for a free one.")] = 8787,
    host: Annotated[
        str, typer.Option(help="With --web: the address; others than loopback need --expose.")
    ] = "127.0.0.1",
    expose: Annotated[bool, typer.Option("--expose", help="With --web: serve other machines too.")] = False,
) -> None:
    """Go through the drafts one by one, with the evidence beside each statement."""
    shell: Shell = context.obj
    desk = desk_of(shell, named_wiki(shell, wiki), who)
    if not desk.root.is_dir():
        raise WikiError(f"There is no wiki in {desk.root}; name one by --wiki.")
    if web:
        from wikiagent.review.web.server import Address, serve_review

        serve_review(desk, Address(host, port, expose), say)
        return
    from wikiagent.review.terminal import run

    run(desk)


@app.command()
def serve(
    context: typer.Context,
    wiki: Annotated[Path | None, typer.Option(help="Folder of the wiki.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 for a free one.")] = 8788,
    host: Annotated[str, typer.Option(help="The address; others than loopback need --expose.")] = "127.0.0.1",
    expose: Annotated[bool, typer.Option("--expose", help="Serve other machines too.")] = False,
) -> None:
    """Read and search the wiki in the browser; nothing can be changed there."""
    from wikiagent.review.web.server import Address, serve_wiki

    shell: Shell = context.obj
    serve_wiki(desk_of(shell, named_wiki(shell, wiki)), Address(host, port, expose), say)
