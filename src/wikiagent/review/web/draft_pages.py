"""A draft: its statements on one side, the evidence of the one in focus on the other, and what can be decided."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from tree_sitter import Node

from wikiagent.code.syntax import parse, quotes_around
from wikiagent.errors import DraftError
from wikiagent.export.blocks import read
from wikiagent.export.highlight import code_lines
from wikiagent.export.html import external_link, to_html
from wikiagent.export.names import title_of
from wikiagent.export.site import untitled
from wikiagent.ledger import Decision, Draft
from wikiagent.review.desk import REJECT_CODES, Desk
from wikiagent.review.view import Span, Stated, View
from wikiagent.review.web.done import done_of
from wikiagent.review.web.library import address_of_source
from wikiagent.review.web.queue_pages import rule_in
from wikiagent.review.web.rounds import Round, round_of
from wikiagent.review.web.site import MissingError, Site
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.page import PageKind

#: What the codes of a reject say, beside their names.
CODES = {
    "wrong": "a statement is not true",
    "unsupported": "the evidence does not say it",
    "trivial": "no reader needs it; it is not drafted again",
    "duplicate": "another page says it; it is not drafted again",
    "unclear": "hard to understand",
    "wrong-type": "belongs on another type of page",
    "wrong-links": "linked with the wrong pages",
    "other": "the note says why",
}


class Evidence(NamedTuple):
    """A piece of evidence: its lines as HTML, their address here, whether that is known, and on the code host."""

    span: Span
    code: Markup
    address: str
    host: Markup | None
    known: bool


def known_draft(desk: Desk, draft_id: int) -> Draft:
    """A draft for this wiki.

    Raises:
        MissingError: there is none.
    """
    try:
        found = desk.ledger.draft(draft_id) if draft_id < 2**63 else None
    except DraftError:
        found = None
    if found is None or found.wiki != str(desk.root):
        raise MissingError(f"There is no draft {draft_id} for this wiki; the queue lists those that there are.")
    return found


def draft(site: Site, request: Request) -> Response:
    """A draft, as a reviewer reads it."""
    return show(site, request, request.path_params["id"])


def show(
    site: Site, request: Request, draft_id: int, problem: str = "", status: int = 200, typed: Mapping[str, str] = {}
) -> Response:
    """A draft, with what went wrong about a decision and what was typed for it."""
    desk = site.desk_of(request)
    found = known_draft(desk, draft_id)
    rule = typed.get("rule", rule_in(request))
    history = desk.ledger.decisions(draft_id)
    going, wiki = round_of(desk, site.visit(desk), rule), site.library.wiki()
    view = desk.view(draft_id, wiki)
    return site.page(
        request,
        "draft.html",
        title=title_of((PageKind(found.type), found.name), site.name),
        status=status,
        current="/",
        view=view,
        round=going,
        rule=rule,
        item=next((item for item in going.everything if item.id == draft_id), None),
        parts_of=_parts(view),
        evidence=[evidence(site, view, number) for number in range(len(view.page.evidence))],
        history=history,
        names=(names := names_of(site, view.page.kind)),
        fitting=fitting(names, typed["into"]) if typed.get("into") else [],
        codes=[(code, CODES[code]) for code in REJECT_CODES],
        can=can(view, history),
        problem=problem,
        typed=typed,
        opened=int(time.time()),
        done=done_of(site, request),
        neighbours=_neighbours(going, draft_id),
    )


def names_of(site: Site, kind: PageKind) -> list[str]:
    """The names of the wiki's pages of a type, sorted."""
    return sorted(name for each, name in site.library.wiki().pages if each == kind)


def fitting(names: Sequence[str], typed: str) -> list[str]:
    """The names that what somebody typed may mean: the one that it is, else those that have all its words in them."""
    if typed in names:
        return [typed]
    parts = typed.casefold().replace("_", " ").split()
    return [name for name in names if parts and all(part in name.casefold() for part in parts)]


def can(view: View, history: Sequence[Decision]) -> frozenset[str]:
    """What can be decided about a draft as it stands; the desk has the last word."""
    if view.draft.state == "pending":
        return frozenset(("accept", "fix", "reject", "merge", "skip"))
    undone = {made.undoes for made in history}
    stands = [made for made in history if made.decision in ("accepted", "rejected", "merged") and made.id not in undone]
    if view.draft.state == "rejected" and not stands:  # for its findings alone
        return frozenset(("fix", "reject") if view.left else ("fix",))
    return frozenset(("undo",) if stands and view.draft.state != "superseded" else ())


def as_page(site: Site, request: Request) -> Response:
    """The page that a draft would become."""
    desk = site.desk_of(request)
    found = known_draft(desk, request.path_params["id"])
    view = desk.view(found.id)
    address_of = site.library.addresses()
    body = to_html(
        untitled(read(view.text)),
        page=(view.page.kind, view.page.name),
        address_of=address_of,
        repo=site.name,
        place_of=site.library.places(view.draft.source),
    )
    return site.page(
        request,
        "draft_as_page.html",
        title=title_of((view.page.kind, view.page.name), site.name),
        current="/",
        draft=found,
        kind=view.page.kind,
        name=view.page.name,
        body=body,
        rule=rule_in(request),
    )


def evidence(site: Site, view: View, number: int) -> Evidence:
    """A piece of evidence of a draft in its file."""
    sources = site.desk.sources
    assert sources is not None, "whoever reviews has the sources"
    span = sources.span(view.page.evidence[number], view.draft.source)
    snapshot = sources.snapshot(view.draft.source)
    code = code_lines(
        "\n".join(span.lines),
        span.language,
        start=span.start,
        name=f"evidence-{span.id}",
        marked=range(span.first, span.last + 1),
        within=_quotes_around(snapshot, span) if snapshot else "",
    )
    here = site.library.snapshot()
    known = snapshot is not None and here is not None and here.source == snapshot.source and here.has(span.path)
    host = external_link(span.url, Markup("code host")) if span.url else None
    return Evidence(span, code, address_of_source(span.path, span.first), host, known)


def _quotes_around(snapshot: Snapshot, span: Span) -> str:
    """The quotes of the string that the lines of a piece of evidence begin within."""
    python = span.path.endswith(".py") and snapshot.has(span.path)
    return quotes_around(_tree(snapshot.read(span.path)), span.start) if python else ""


@lru_cache(64)
def _tree(code: bytes) -> Node:
    return parse(code).root_node


def _parts(view: View) -> list[tuple[str, list[tuple[int, Stated]]]]:
    """The statements by section, each with its number, from 1."""
    numbered = enumerate(view.statements, 1)
    return [(section, list(group)) for section, group in groupby(numbered, key=lambda each: each[1].section)]


def _neighbours(going: Round, draft_id: int) -> Mapping[str, Any]:
    return {"next": going.after(draft_id), "before": going.before(draft_id)}
