"""What the pages of one server share: the desk, the wiki as it is now, and the frame around every page."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote, unquote

from jinja2 import PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from wikiagent.errors import ConfigError, DraftError, WikiagentError
from wikiagent.export.names import plural
from wikiagent.export.shell import NavLink, Shell, environment, render
from wikiagent.review.desk import Desk, name_of
from wikiagent.review.web.guard import Door
from wikiagent.review.web.library import Library, address_of_kind, is_map
from wikiagent.review.web.redrafts import Redrafts
from wikiagent.review.web.text import with_code
from wikiagent.source.inert import inert


@dataclass(frozen=True)
class Visit:
    """A reviewer's session: the newest draft and the last decision that there were when it began."""

    seen: int
    decided: int


@dataclass(frozen=True)
class Site:
    """A server's wiki and, where it is for review, its desk.

    Attributes:
        desk: the desk of the user who started the server.
        door: whom the server lets in.
        reviews: whether drafts can be decided here; else the wiki can be read, and nothing changed.
        library: the wiki and its search.
        redrafts: what is being drafted again.
        deciding: held while a decision is made: one after the other needs no waiting for files.
    """

    desk: Desk
    door: Door
    reviews: bool
    library: Library
    redrafts: Redrafts

    _visits: dict[str, Visit] = field(default_factory=dict, repr=False, compare=False)
    _unskipped: dict[str, int] = field(default_factory=dict, repr=False, compare=False)
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)
    deciding: Lock = field(default_factory=Lock, repr=False, compare=False)

    # --- who reviews ---

    def desk_of(self, request: Request) -> Desk:
        """The desk of the person at this browser."""
        return replace(self.desk, who=self.who(request))

    def who(self, request: Request) -> str:
        """The name of the person at this browser: the one that was given in it, else that of who started the server."""
        return name_of(unquote(request.cookies.get(self.name_cookie, ""))) or self.desk.who

    @property
    def name_cookie(self) -> str:
        """Name of the cookie that keeps a reviewer's name."""
        return f"{self.door.cookie}-name"

    def visit(self, desk: Desk) -> Visit:
        """The visit of a reviewer, which begins when the first page is asked for."""
        with self._lock:
            if desk.who not in self._visits:
                desk.settle()
                log = desk.ledger.log(desk.root)
                seen = desk.ledger.visit(desk.root, desk.who)
                self._visits[desk.who] = Visit(seen, log[-1].id if log else 0)
            return self._visits[desk.who]

    def unskip(self, desk: Desk) -> int | None:
        """The draft that a reviewer skipped, where they did nothing since in this visit; once for each skip."""
        since = self.visit(desk).decided
        own = [made for made in desk.ledger.log(desk.root, after=since) if made.who == desk.who]
        with self._lock:
            if not own or own[-1].decision != "skipped" or self._unskipped.get(desk.who) == own[-1].id:
                return None
            self._unskipped[desk.who] = own[-1].id
        return own[-1].draft

    # --- pages ---

    def page(
        self,
        request: Request,
        template: str,
        *,
        title: str,
        status: int = 200,
        current: str = "",
        reading: bool = False,
        **values: Any,
    ) -> HTMLResponse:
        """A page of the site.

        Args:
            request: what was asked.
            template: its template.
            title: its title.
            status: its HTTP status.
            current: the address in the navigation that it stands under.
            reading: whether it is one of the wiki, with the wiki's navigation beside it.
            **values: what the template shows.
        """
        values = {"csrf": self.csrf, "who": self.who(request), "rule": "", "reviews": self.reviews, **values}
        values |= {"redrafting": self.redrafts.running if self.reviews else 0, "current": current}
        shell = self._reading_shell(request, current) if reading else _plain(self.name)
        text = render(shell, template, title=inert(title), templates=_TEMPLATES, **values)
        return HTMLResponse(text.encode("utf-8", "replace"), status)

    @staticmethod
    def problem(status: int, sentence: str) -> HTMLResponse:
        """A page that says in a sentence why there is no other."""
        title = _TITLES.get(status, "That did not work")
        text = render(
            _plain("wikiagent"),
            "problem.html",
            title=title,
            templates=_TEMPLATES,
            sentence=inert(sentence),
            status=status,
        )
        return HTMLResponse(text.encode("utf-8", "replace"), status)

    @property
    def csrf(self) -> str:
        """The secret that forms carry."""
        return self.door.secret("form")

    @property
    def name(self) -> str:
        """What the wiki is called."""
        return self.library.name

    def _reading_shell(self, request: Request, current: str) -> Shell:
        """The frame around a page of the wiki."""
        listing = self.library.listing()
        nav = [NavLink("Start", "/wiki", None, current == "/wiki")]
        for kind in listing.kinds:
            address = address_of_kind(kind)
            nav.append(NavLink(plural(kind), address, len(listing.pages(kind)), current == address))
        nav.append(NavLink("Link graph", "/graph", None, current == "/graph"))
        reports = list(self.library.reports())
        for name in filter(is_map, reports):
            nav.append(NavLink("Repository map", f"/reports/{quote(name)}", None, current == f"/reports/{name}"))
        if self.library.snapshot() is not None:
            nav.append(NavLink("Source", "/source", None, current == "/source"))
        if not all(map(is_map, reports)):
            nav.append(NavLink("Reports", "/reports", None, current == "/reports"))
        more = [NavLink("Review", "/"), NavLink("Log", "/log"), NavLink("Statistics", "/statistics")]
        return Shell(
            name=self.name,
            home="/wiki",
            assets="/assets/",
            search="/search",
            nav=tuple(nav),
            more=tuple(more) if self.reviews else (),
            query=inert(request.query_params.get("q", "")) if request.url.path == "/search" else "",
            note="You can read and search here; nothing can be changed." if not self.reviews else "",
        )


def _plain(name: str) -> Shell:
    """The frame of a page that has its own navigation."""
    return Shell(name=name, home="/", assets="/assets/", search="/search")


class MissingError(Exception):
    """What was asked for is not there; a sentence that says so."""


def see_other(path: str, **query: str | int) -> RedirectResponse:
    """Lead the browser on after a form, so that a reload sends nothing again."""
    return RedirectResponse(address(path, **query), 303)


def address(path: str, **query: str | int) -> str:
    """An address with what follows its question mark; what is empty is left out."""
    said = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in query.items() if value != "")
    return path + (f"?{said}" if said else "")


def status_of(error: WikiagentError | MissingError) -> int:
    """The HTTP status of an error: what was asked cannot be as things stand, or makes no sense as it was put."""
    if isinstance(error, MissingError):
        return 404
    return 422 if isinstance(error, DraftError | ConfigError) else 409


_TEMPLATES = environment(PackageLoader("wikiagent.review.web", "templates"))
_TEMPLATES.filters |= {"with_code": with_code, "inert": inert}
_TEMPLATES.globals["address"] = address

_TITLES = {401: "Not let in", 403: "Not let in", 404: "Not found", 413: "Too long", 421: "Not this server"}
ASSETS = Path(__file__).parent / "assets"
