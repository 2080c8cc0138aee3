"""The log of decisions, and what it tells."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from wikiagent.export.names import title_of
from wikiagent.review.statistics import statistics
from wikiagent.review.web.site import Site
from wikiagent.wiki.page import PageKind

PAGE = 200
"""Decisions on one page of the log."""


def log(site: Site, request: Request) -> Response:
    """The decisions, the newest first."""
    desk = site.desk
    given = request.query_params.get("before", "")
    before = int(given) if given.isascii() and given.isdigit() and len(given) < 16 else None
    made = [each for each in reversed(desk.ledger.log(desk.root)) if before is None or each.id < before]
    names = {
        draft.id: title_of((PageKind(draft.type), draft.name), site.name) for draft in desk.ledger.drafts(desk.root)
    }
    return site.page(
        request,
        "log.html",
        title="Log of decisions",
        current="/log",
        log=made[:PAGE],
        older=made[PAGE - 1].id if len(made) > PAGE else None,
        names=names,
        verified=desk.ledger.verify(),
    )


def figures(site: Site, request: Request) -> Response:
    """What the log tells."""
    desk = site.desk
    told = statistics(desk.ledger.log(desk.root), desk.ledger.drafts(desk.root))
    return site.page(request, "statistics.html", title="Statistics", current="/statistics", told=told)


def news(site: Site, request: Request) -> Response:
    """What came of drafts that are written again, for the page's script."""
    given = request.query_params.get("after", "0")
    number, told = site.redrafts.told(int(given) if given.isascii() and given.isdigit() and len(given) < 16 else 0)
    return JSONResponse({"number": number, "told": told, "running": site.redrafts.running})
