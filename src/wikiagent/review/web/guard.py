"""The guard before all pages: who may ask, how large a request may be, and what a browser is told to refuse.

A page that is open in the same browser may send requests here, with a name of its own that leads to this machine (DNS
rebinding) or as a form (CSRF). So the name that was asked for has to be one of this server's, a request that changes
something has to come from one of its own pages, and a secret that only those know who saw the printed address has to
be in a cookie that no other site's request carries.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wikiagent.export.shell import POLICY

MAX_BODY = 8_000_000
"""Bytes of a request, at most: a page has at most 5 MB."""

_HEADERS = {
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


def is_loopback(host: str) -> bool:
    """Whether an address is reached from this machine alone."""
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def netloc(host: str, port: int) -> str:
    """Host and port as they stand in an address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@dataclass(frozen=True)
class Door:
    """Whom a server lets in.

    Attributes:
        host: the address that it is bound to.
        port: its port.
        token: the secret of the address that was printed; empty where everybody on this machine may read.
    """

    host: str
    port: int
    token: str = ""

    @property
    def cookie(self) -> str:
        """Name of the cookie: browsers give those of one port to all others of the same host."""
        return f"wikiagent-{self.port}"

    def secret(self, purpose: str) -> str:
        """A secret that follows from the token and does not tell it: for the cookie, for forms."""
        return hmac.new(self.token.encode(), purpose.encode(), hashlib.sha256).hexdigest()

    def knows(self, host: str) -> bool:
        """Whether `Host` is one of this server's own names.

        Where it serves other machines, an address in numbers is: no name that leads somewhere else tomorrow.
        """
        try:
            parts = urlsplit(f"//{host}")
            name, port = parts.hostname or "", parts.port or 80
        except ValueError:
            return False
        if port != self.port or parts.netloc != host:
            return False
        own = {*_LOOPBACK_NAMES, self.host.strip("[]")}
        if not is_loopback(self.host):
            own |= {socket.gethostname().lower(), socket.getfqdn().lower()}
            if _is_number(name):
                return True
        return name in own

    def from_here(self, headers: Mapping[str, str]) -> bool:
        """Whether a request that changes something comes from one of this server's own pages, as the browser says."""
        site, origin = headers.get("sec-fetch-site"), headers.get("origin")
        if site is None and origin is None:
            return False
        scheme, _, host = (origin or "").partition("://")
        return site in (None, "same-origin") and (origin is None or (scheme == "http" and host == headers.get("host")))


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Guard:
    """Lets in what may come in, and gives every answer its headers."""

    def __init__(self, app: ASGIApp, door: Door, refuse: Callable[[int, str], Response]) -> None:
        """Stand before an application.

        Args:
            app: the application.
            door: whom to let in.
            refuse: makes the page that says why somebody is not let in, from the status and a sentence.
        """
        self._app = app
        self._door = door
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":  # nothing here speaks over a web socket
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answer = self._refused(Request(scope), headers)
        if answer is not None:
            await answer(scope, receive, self._with_headers(send, scope["path"]))
            return
        body = await _body(receive) if scope["method"] == "POST" else b""
        if body is None:
            answer = self._refuse(
                413, f"That is more than {MAX_BODY // 1_000_000} MB; nothing was changed. Go back and shorten the text."
            )
            await answer(scope, receive, self._with_headers(send, scope["path"]))
            return
        given = False

        async def again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, self._with_headers(send, scope["path"]))

    def _refused(self, request: Request, headers: Headers) -> Response | None:
        """Why a request is not let in; None where it is."""
        door = self._door
        if len(headers.getlist("host")) != 1 or not door.knows(headers["host"].lower()):
            return self._refuse(421, "This is not the server of that name. Use the address that wikiagent printed.")
        if door.token and (given := request.query_params.get("token")) is not None and request.method == "GET":
            if hmac.compare_digest(given.encode(), door.token.encode()):
                return self._welcome(request)
            return self._refuse(403, "The token in this address is not that of the server that runs now.")
        if door.token and not self._known(request) and not request.url.path.startswith("/assets/"):
            return self._refuse(
                401, "Open the address that wikiagent printed when it was started: its token lets you in."
            )
        if request.method in ("GET", "HEAD"):
            return None
        if request.method != "POST":
            return self._refuse(405, "This server answers to GET and POST only.")
        return None if door.from_here(headers) else self._refuse(403, "This was not sent from a page of this server.")

    def _known(self, request: Request) -> bool:
        given = request.cookies.get(self._door.cookie, "")
        return hmac.compare_digest(given.encode(), self._door.secret("cookie").encode())

    def _welcome(self, request: Request) -> Response:
        """The same page without the token in its address, and with the cookie."""
        rest = [(name, value) for name, value in parse_qsl(request.url.query) if name != "token"]
        path = "/" + request.url.path.lstrip("/\\")
        answer = RedirectResponse(path + (f"?{urlencode(rest)}" if rest else ""), 303)
        answer.set_cookie(self._door.cookie, self._door.secret("cookie"), httponly=True, samesite="strict")
        return answer

    def _with_headers(self, send: Send, path: str) -> Send:
        """Answers with the headers that every one has."""
        is_asset = path.startswith("/assets/")

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(_HEADERS)
                if self._door.token:
                    headers["Content-Security-Policy"] += "; connect-src 'self'"  # what came of redrafts
                # Forms need the origin; with `no-referrer`, browsers send none. Other sites learn as little.
                headers["Referrer-Policy"] = "same-origin" if self._door.token else "no-referrer"
                headers["Cache-Control"] = "private, max-age=300" if is_asset else "no-store"
            await send(message)

        return answer


async def _body(receive: Receive) -> bytes | None:
    """The body of a request; None where it is too long, or where the browser went away: half a form decides nothing.

    It is read to its end: a browser shows no answer before.
    """
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        size += len(part)
        if size <= MAX_BODY:
            parts.append(part)
        else:
            parts.clear()
        if not message.get("more_body", False):
            return b"".join(parts) if size <= MAX_BODY else None
