"""What a reviewer decides, as forms send it. After each decision the browser is led on to the next draft."""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from wikiagent.check.finding import Finding, Severity
from wikiagent.errors import DraftError, WikiagentError
from wikiagent.export.names import title_of
from wikiagent.ledger import Draft
from wikiagent.review.desk import FINAL, Desk
from wikiagent.review.merging import whole_page
from wikiagent.review.web.done import last_decision
from wikiagent.review.web.draft_pages import evidence, fitting, known_draft, names_of, show
from wikiagent.review.web.queue_pages import MAX_RULE, rule_in
from wikiagent.review.web.refusals import why_refused, without_commands
from wikiagent.review.web.rounds import round_of
from wikiagent.review.web.site import Site, see_other, status_of
from wikiagent.wiki.page import PageKind

_DAY = 24 * 3600.0

Decide = Callable[[Desk, int, float | None], object]


def accept(site: Site, request: Request, form: FormData) -> Response:
    """Accept a draft."""
    return _decided(site, request, form, lambda desk, draft_id, seconds: desk.accept([draft_id], seconds))


def reject(site: Site, request: Request, form: FormData) -> Response:
    """Reject a draft, with a code and a note; one that may be drafted again is, where that is set."""
    code, reason = _text(form, "code") or "other", _text(form, "reason")
    draft_id = request.path_params["id"]

    def decide(desk: Desk, draft_id: int, seconds: float | None) -> None:
        if code == "other" and not reason.strip():
            raise DraftError("Choose a reason, or write a note: the next draft goes by it.")
        desk.reject([draft_id], code, reason, seconds)

    answer = _decided(site, request, form, decide)
    if answer.status_code == 303 and code not in FINAL:
        site.redrafts.start(draft_id)
    return answer


def merge(site: Site, request: Request, form: FormData) -> Response:
    """Merge a draft into a page of the wiki: one whose name was typed in part, or that was chosen from several."""
    typed = _text(form, "page") or _text(form, "into").strip()

    def decide(desk: Desk, draft_id: int, seconds: float | None) -> None:
        kind = desk.ledger.draft(draft_id).type
        names = fitting(names_of(site, PageKind(kind)), typed)
        if not names:
            raise DraftError(f"The wiki has no {kind} page {typed}; parts of the name of one that it has are enough.")
        if len(names) > 1:
            raise DraftError(f"“{typed}” is part of the names of {len(names)} {kind} pages; choose one of them below.")
        desk.merge(draft_id, names[0], seconds)

    return _decided(site, request, form, decide)


def skip(site: Site, request: Request, form: FormData) -> Response:
    """Leave a draft for later."""
    return _decided(site, request, form, lambda desk, draft_id, seconds: desk.skip(draft_id, seconds))


def undo(site: Site, request: Request, form: FormData) -> Response:
    """Take back the last decision about a draft, or what this reviewer did last; what was skipped is shown again."""
    desk, given, rule = site.desk_of(request), _text(form, "draft"), _text(form, "rule")[:MAX_RULE]
    if not given and (skipped := site.unskip(desk)) is not None:
        return see_other(f"/draft/{skipped}", rule=rule)
    ids = [known_draft(desk, int(given)).id] if given.isascii() and given.isdigit() else []
    try:
        with site.deciding:
            taken = desk.undo(ids)
    except WikiagentError as error:
        if ids:
            return show(site, request, ids[0], without_commands(str(error)), 409, {"rule": rule})
        return site.problem(status_of(error), without_commands(str(error)))
    drafts = list(dict.fromkeys(made.draft for made in taken if made.decision != "extended"))
    back = f"/draft/{drafts[0]}" if len(drafts) == 1 else "/"
    return see_other(back, rule=rule, done=last_decision(desk, drafts[0]))


def fix(site: Site, request: Request) -> Response:
    """The text of a draft, to be changed."""
    desk = site.desk_of(request)
    found = known_draft(desk, request.path_params["id"])
    return _editor(site, request, found, desk.view(found.id).text, rule=rule_in(request))


def fixed(site: Site, request: Request, form: FormData) -> Response:
    """Check a text, and accept it where it passes; else it comes back with its findings."""
    desk, text, rule = site.desk_of(request), _text(form, "text").replace("\r\n", "\n"), _text(form, "rule")[:MAX_RULE]
    found = known_draft(desk, request.path_params["id"])
    following = _following(site, desk, form, found.id)
    try:
        if _text(form, "action") == "check":
            findings = desk.check(found, whole_page(text, PageKind(found.type), found.name))
            return _editor(site, request, found, text, rule=rule, findings=findings, checked=True)
        with site.deciding:
            findings = desk.fix(found.id, text, _seconds(form))
    except WikiagentError as error:
        status = _status(desk, found, error)
        return _editor(site, request, found, text, rule=rule, problem=why_refused(desk, found.id, error), status=status)
    if any(finding.severity is Severity.ERROR for finding in findings):
        return _editor(site, request, found, text, rule=rule, findings=findings, checked=True, status=422)
    return _on(desk, found.id, following, rule)


def _editor(
    site: Site,
    request: Request,
    found: Draft,
    text: str,
    *,
    rule: str,
    findings: list[Finding] | None = None,
    checked: bool = False,
    problem: str = "",
    status: int = 200,
) -> Response:
    """The page in which a draft is changed: its text, and beside it findings and evidence."""
    desk = site.desk_of(request)
    view = desk.view(found.id)
    shown = findings if findings is not None else desk.ledger.findings(found.id)
    return site.page(
        request,
        "fix.html",
        title=f"Fix {title_of((PageKind(found.type), found.name), site.name)}",
        status=status,
        current="/",
        view=view,
        text=text,
        rule=rule,
        findings=shown,
        checked=checked,
        errors=sum(finding.severity == "error" for finding in shown),
        evidence=[evidence(site, view, number) for number in range(len(view.page.evidence))],
        problem=problem,
        opened=int(time.time()),
    )


def _decided(site: Site, request: Request, form: FormData, decide: Decide) -> Response:
    """Make one decision about the draft of the address, and lead on; or show why not, and lose nothing."""
    desk, rule = site.desk_of(request), _text(form, "rule")[:MAX_RULE]
    found = known_draft(desk, request.path_params["id"])
    following = _following(site, desk, form, found.id)
    try:
        with site.deciding:
            decide(desk, found.id, _seconds(form))
    except WikiagentError as error:
        typed = {name: _text(form, name) for name in ("code", "reason", "into")}
        problem, status = why_refused(desk, found.id, error), _status(desk, found, error)
        return show(site, request, found.id, problem, status, {**typed, "rule": rule})
    return _on(desk, found.id, following, rule)


def _following(site: Site, desk: Desk, form: FormData, draft_id: int) -> int | None:
    """The draft to lead on to: the one that the page named as next, where it waits still."""
    given = _text(form, "next")
    if given.isascii() and given.isdigit() and len(given) < 16:
        following = known_draft(desk, int(given))
        if following.state == "pending" and following.id != draft_id:
            return following.id
    return round_of(desk, site.visit(desk), _text(form, "rule")[:MAX_RULE]).after(draft_id)


def _on(desk: Desk, draft_id: int, following: int | None, rule: str) -> Response:
    """Lead on to the next draft, or to the queue after the last one."""
    done = last_decision(desk, draft_id)
    return see_other(f"/draft/{following}" if following else "/", rule=rule, done=done)


def _status(desk: Desk, before: Draft, error: WikiagentError) -> int:
    """The status of an error: 409 where somebody else decided, before this or meanwhile."""
    closed = desk.ledger.draft(before.id).state != "pending"
    return 409 if isinstance(error, DraftError) and closed else status_of(error)


def _seconds(form: FormData) -> float | None:
    """How long the draft was in front of the reviewer: as the page's script counted, else since it was opened."""
    try:
        given = float(_text(form, "seconds") or time.time() - float(_text(form, "opened")))
    except ValueError:
        return None
    return round(given, 1) if 0 <= given <= _DAY else None


def _text(form: FormData, name: str) -> str:
    """A field of a form as text."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
