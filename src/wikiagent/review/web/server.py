"""The servers: `wikiagent review --web` and `wikiagent serve`."""

from __future__ import annotations

import errno
import gc
import secrets
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import uvicorn
from starlette.types import ASGIApp

from wikiagent.errors import ConfigError, WikiagentError, WikiError
from wikiagent.review.desk import Desk
from wikiagent.review.standing import page_of
from wikiagent.review.web.app import review_app, wiki_app
from wikiagent.review.web.guard import Door, is_loopback, netloc
from wikiagent.wiki.graph import read_wiki

_EVERY = ("0.0.0.0", "::")  # noqa: S104 - what these mean is said to the user, and needs --expose


class Address(NamedTuple):
    """Where a server listens: `expose` allows others than this machine."""

    host: str
    port: int
    expose: bool = False


def serve_review(desk: Desk, address: Address, say: Callable[[str], None]) -> None:
    """Serve the reviewer's pages until Ctrl-C.

    Args:
        desk: the desk of the user who starts the server.
        address: where to listen; port 0 takes a free one.
        say: tells the user a line.

    Raises:
        ConfigError: others than this machine would be served and nobody said so, or the port is in use.
        WikiError: what earlier decisions promised to the wiki cannot be done.
    """
    desk.settle()
    with listening(address) as bound, desk.ledger.kept_open():
        door = Door(address.host, _port(bound), secrets.token_urlsafe(24))
        _warm(desk)
        say(f"Review at {_url(door)}")
        say("The address is for you alone: who has it can decide. Ctrl-C ends the server; nothing gets lost.")
        _run(review_app(desk, door), bound)


def serve_wiki(desk: Desk, address: Address, say: Callable[[str], None]) -> None:
    """Serve a wiki to be read until Ctrl-C; other machines need the token that is printed.

    Raises:
        ConfigError: as for `serve_review`.
        WikiError: there is no wiki.
    """
    if not desk.root.is_dir():
        raise WikiError(f"There is no wiki in {desk.root}; name one by --wiki.")
    with listening(address) as bound:
        token = "" if is_loopback(address.host) else secrets.token_urlsafe(24)
        door = Door(address.host, _port(bound), token)
        say(f"Read the wiki at {_url(door)}")
        say("Ctrl-C ends the server.")
        _run(wiki_app(desk, door), bound)


def _warm(desk: Desk) -> None:
    """Read once what each page and decision needs, so that the first one is as quick as the others.

    What was read stays: the collector of cycles need not look through it again, which took longer than a decision.
    """
    with suppress(WikiagentError):  # whoever opens a page is told
        for page in read_wiki(desk.root).pages.values():
            _ = page.page, page.linked
        for draft in desk.ledger.drafts(desk.root):
            page_of(draft)
        desk.queue()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


def listening(address: Address) -> socket.socket:
    """A socket that listens at an address."""
    host, port, expose = address
    if not is_loopback(host) and not expose:
        raise ConfigError(
            f"{host} can be reached from other machines. Add --expose if they are to be served, over a connection that "
            f"nobody else can read; or leave --host away."
        )
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(where)
        bound.listen()  # only now a port that is in use shows
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ConfigError(
                f"Port {port} of {host} is in use, by another wikiagent perhaps. Name another by --port, or --port 0 "
                f"for a free one."
            ) from error
        raise ConfigError(
            f"Nothing can be served at {netloc(host, port)}: {error}. Name another --host or --port."
        ) from error
    return bound


def _port(bound: socket.socket) -> int:
    return int(bound.getsockname()[1])


def _url(door: Door) -> str:
    host = socket.gethostname() if door.host in _EVERY else door.host
    return f"http://{netloc(host, door.port)}/" + (f"?token={door.token}" if door.token else "")


def _run(app: ASGIApp, bound: socket.socket) -> None:
    """Serve until Ctrl-C or SIGTERM, and end once what is being answered is answered."""
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        lifespan="off",
        ws="none",
    )
    try:
        uvicorn.Server(config).run(sockets=[bound])
    except KeyboardInterrupt:  # how uvicorn passes Ctrl-C on, after it has ended
        return
