"""The queue, what a rule would accept, and the reviewer's name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from wikiagent.errors import DraftError
from wikiagent.export.names import title_of
from wikiagent.review.desk import MAX_NAME, name_of
from wikiagent.review.filters import FIELDS, read_filter
from wikiagent.review.queue import Item
from wikiagent.review.web.done import done_of, last_decision
from wikiagent.review.web.rounds import round_of
from wikiagent.review.web.site import Site, see_other
from wikiagent.wiki.page import PageKind

PAGE = 200
"""Drafts on one page of the queue."""

MAX_RULE = 1000
"""Characters of a rule, at most."""


class Choice(NamedTuple):
    """A rule that one can follow instead of writing it, and how many drafts it chooses."""

    label: str
    rule: str
    drafts: int


def rule_in(request: Request) -> str:
    """The rule that a page was asked for with."""
    return request.query_params.get("rule", "").strip()[:MAX_RULE]


def queue(site: Site, request: Request) -> Response:
    """The queue of drafts."""
    desk, rule, problem = site.desk_of(request), rule_in(request), ""
    visit = site.visit(desk)
    try:
        found = round_of(desk, visit, rule)
    except DraftError as error:
        problem, found = str(error), round_of(desk, visit, "")
    page = _page_number(request)
    shown = found.shown[(page - 1) * PAGE : page * PAGE]
    return site.page(
        request,
        "queue.html",
        title="Drafts to review",
        status=422 if problem else 200,
        current="/",
        round=found,
        rule=rule,
        problem=problem,
        rows=[(item, title_of((PageKind(item.type), item.name), site.name)) for item in shown],
        choices=_choices(found.everything),
        fields=FIELDS,
        page=page,
        pages=-(-len(found.shown) // PAGE),
        done=done_of(site, request),
    )


def bulk(site: Site, request: Request) -> Response:
    """What a rule would accept, to look at before it counts."""
    return _preview(site, request, rule_in(request))


def accept_bulk(site: Site, request: Request, form: FormData) -> Response:
    """Accept the drafts that the preview showed, in one edit."""
    desk, rule = site.desk_of(request), str(form.get("rule", ""))[:MAX_RULE]
    ids = [int(value) for value in str(form.get("ids", "")).split(",") if value.isascii() and value.isdigit()]
    try:
        if not ids:
            raise DraftError("No draft was chosen; nothing was accepted.")
        with site.deciding:
            desk.accept(ids)
    except DraftError as error:
        return _preview(site, request, rule, f"{error} Nothing was accepted; below is what the rule chooses now.", 409)
    return see_other("/", done=last_decision(desk, ids[0]), rule="")


def _preview(site: Site, request: Request, rule: str, problem: str = "", status: int = 200) -> Response:
    desk = site.desk_of(request)
    chosen: list[Item] = []
    try:
        filtered = read_filter(rule)
        if rule:
            chosen = [item for item in desk.queue() if item.state == "pending" and filtered.holds(item)]
    except DraftError as error:
        problem, status = str(error), 422
    return site.page(
        request,
        "bulk.html",
        title="Accept by a rule",
        status=status,
        current="/bulk",
        rule=rule,
        problem=problem,
        rows=[(item, title_of((PageKind(item.type), item.name), site.name)) for item in chosen],
        fields=FIELDS,
        warnings=sum(item.warnings > 0 for item in chosen),
    )


def name(site: Site, request: Request) -> Response:
    """Who reviews in this browser."""
    return site.page(request, "name.html", title="Who reviews here", current="/name", problem="", most=MAX_NAME)


def set_name(site: Site, request: Request, form: FormData) -> Response:
    """Keep the reviewer's name in this browser."""
    given = str(form.get("name", ""))
    named = name_of(given)
    if given.strip() and not named:
        return site.page(
            request,
            "name.html",
            title="Who reviews here",
            status=422,
            current="/name",
            problem=f"“{given.strip()[:MAX_NAME]}” is a name that the program itself uses; take another.",
            most=MAX_NAME,
        )
    answer = see_other("/")
    if named:
        year = 365 * 24 * 3600
        answer.set_cookie(site.name_cookie, quote(named, safe=""), max_age=year, httponly=True, samesite="strict")
    else:
        answer.delete_cookie(site.name_cookie, httponly=True, samesite="strict")
    return answer


def _page_number(request: Request) -> int:
    given = request.query_params.get("page", "1")
    return max(1, int(given)) if given.isascii() and given.isdigit() and len(given) < 7 else 1


def _choices(everything: Sequence[Item]) -> list[Choice]:
    """Rules that one often wants; those that choose nothing are left out, but for the states."""
    waiting = [item for item in everything if item.state == "pending"]
    rules = [
        ("with findings", "findings>0"),
        ("partly supported", "supported=partly"),
        ("low confidence", "confidence=low"),
        ("high confidence", "confidence=high"),
        ("new", "new=yes"),
        ("redrafted", "redrafted=yes"),
    ]
    rules += [(kind, f"type={kind}") for kind in sorted({item.type for item in waiting})]
    drafters = sorted({item.drafter for item in waiting})
    rules += [(drafter, f"drafter={drafter}") for drafter in drafters if len(drafters) > 1]
    found = [Choice(label, rule, _count(waiting, rule)) for label, rule in rules]
    found = [choice for choice in found if choice.drafts]
    found += [
        Choice(state, f"state={state}", _count(everything, f"state={state}")) for state in ("accepted", "rejected")
    ]
    return [Choice("waiting", "", len(waiting)), *found]


def _count(items: Sequence[Item], rule: str) -> int:
    holds = read_filter(rule).holds
    return sum(holds(item) for item in items)
