"""The application: which page stands under which address, and what becomes of errors."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from mimetypes import guess_type

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from wikiagent.errors import WikiagentError
from wikiagent.export import shell
from wikiagent.review.desk import Desk
from wikiagent.review.web import decisions, draft_pages, log_pages, queue_pages, wiki_pages
from wikiagent.review.web.guard import MAX_BODY, Door, Guard
from wikiagent.review.web.library import Library
from wikiagent.review.web.redrafts import Redrafts
from wikiagent.review.web.site import ASSETS, MissingError, Site, status_of

Show = Callable[[Site, Request], Response]
Take = Callable[[Site, Request, FormData], Response]

_READING: dict[str, Show] = {
    "/wiki": wiki_pages.home,
    "/wiki/{folder}": wiki_pages.index,
    "/wiki/{folder}/{name}": wiki_pages.page,
    "/graph": wiki_pages.graph,
    "/reports": wiki_pages.reports,
    "/reports/{name}": wiki_pages.report,
    "/search": wiki_pages.search,
    "/source": wiki_pages.sources,
    "/source/{path:path}": wiki_pages.source,
}
_REVIEWING: dict[str, Show] = {
    "/": queue_pages.queue,
    "/bulk": queue_pages.bulk,
    "/name": queue_pages.name,
    "/draft/{id:int}": draft_pages.draft,
    "/draft/{id:int}/page": draft_pages.as_page,
    "/draft/{id:int}/fix": decisions.fix,
    "/log": log_pages.log,
    "/statistics": log_pages.figures,
    "/news": log_pages.news,
}
_DECIDING: dict[str, Take] = {
    "/bulk": queue_pages.accept_bulk,
    "/name": queue_pages.set_name,
    "/draft/{id:int}/accept": decisions.accept,
    "/draft/{id:int}/fix": decisions.fixed,
    "/draft/{id:int}/reject": decisions.reject,
    "/draft/{id:int}/merge": decisions.merge,
    "/draft/{id:int}/skip": decisions.skip,
    "/undo": decisions.undo,
}


def review_app(desk: Desk, door: Door) -> ASGIApp:
    """The reviewer's pages, and the wiki beside them.

    Args:
        desk: the desk of the user who starts the server.
        door: whom to let in; it needs a token.
    """
    assert door.token, "whoever may decide has to know the token"
    site = _site(desk, door, reviews=True)
    routes = [Route(path, _shown(site, show)) for path, show in (_REVIEWING | _READING).items()]
    routes += [Route(path, _taken(site, take), methods=["POST"]) for path, take in _DECIDING.items()]
    return _guarded(site, routes)


def wiki_app(desk: Desk, door: Door) -> ASGIApp:
    """The wiki to read; nothing can be changed."""
    site = _site(desk, door, reviews=False)
    routes = [Route(path, _shown(site, show)) for path, show in _READING.items()]
    routes.append(Route("/", lambda request: RedirectResponse("/wiki", 303)))
    return _guarded(site, routes)


def _site(desk: Desk, door: Door, *, reviews: bool) -> Site:
    library = Library(desk.root, desk.ledger, desk.sources)
    return Site(desk, door, reviews, library, Redrafts(desk.redraft if reviews else None))


def _guarded(site: Site, routes: list[Route]) -> ASGIApp:
    routes.append(Route("/assets/{name}", _asset))

    def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        told = {404: "There is no page at this address.", 405: "This address does not take what was sent."}
        return site.problem(error.status_code, told.get(error.status_code, str(error.detail)))

    def failed(request: Request, error: Exception) -> Response:
        logging.getLogger(__name__).error("%s failed", request.url.path, exc_info=error)
        return site.problem(500, "This page failed; what you decided before is kept. The terminal says more.")

    app = Starlette(routes=routes, exception_handlers={HTTPException: refused, 500: failed})
    return Guard(app, site.door, site.problem)


def _shown(site: Site, show: Show) -> Callable[[Request], object]:
    """The endpoint of a page that shows something."""

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(_answer, site, request, lambda: show(site, request))

    return endpoint


def _taken(site: Site, take: Take) -> Callable[[Request], object]:
    """The endpoint of a form; one that carries another secret than this server's changes nothing."""

    async def endpoint(request: Request) -> Response:
        async with request.form(max_part_size=MAX_BODY) as form:
            given = form.get("csrf", "")
            if not isinstance(given, str) or not hmac.compare_digest(given.encode(), site.csrf.encode()):
                told = (
                    "This form was made by a server that has been started anew. Go back, reload the page, and send it."
                )
                return site.problem(403, told)
            return await run_in_threadpool(_answer, site, request, lambda: take(site, request, form))

    return endpoint


def _answer(site: Site, request: Request, make: Callable[[], Response]) -> Response:
    """An answer, or the page that says in a sentence why there is none."""
    try:
        return make()
    except (WikiagentError, MissingError) as error:
        return site.problem(status_of(error), str(error))


async def _asset(request: Request) -> Response:
    """A style sheet, script or picture."""
    name = request.path_params["name"]
    if name in shell.ASSETS:
        content = shell.asset(name)
    elif name in ("review.css", "review.js"):
        content = (ASSETS / name).read_bytes()
    else:
        raise HTTPException(404)
    return Response(content, media_type=guess_type(name)[0])
