"""What a draft proposes, how it stands to the wiki that it is for, and what may be decided about it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from pydantic import BaseModel

from wikiagent.errors import DraftError
from wikiagent.ledger import Draft, RecordedFinding
from wikiagent.wiki.graph import PageId, Wiki, WikiPage
from wikiagent.wiki.page import PAGE_TYPES, Environment, Heuristic, Page, PageKind


class Standing(StrEnum):
    """What the wiki has under the name of a page."""

    ABSENT = "no page"
    SAME = "this page, with all its links"
    FEWER_LINKS = "this page, without some of its links"
    OTHER = "a page that says something else"


def page_of(draft: Draft) -> Environment | Heuristic:
    """The page that a draft proposes.

    Raises:
        DraftError: another version of wikiagent recorded it, in a form that this one does not read.
    """
    try:
        return _page(draft.type, draft.page)
    except (ValueError, KeyError) as error:
        raise _unreadable(draft) from error


@lru_cache(maxsize=2048)  # each decision reads them all
def _page(kind: str, text: str) -> Environment | Heuristic:
    page = PAGE_TYPES[PageKind(kind)].model_validate_json(text)
    if not isinstance(page, Environment | Heuristic):
        raise ValueError(f"{kind} pages are not drafted")
    return page


class Citation(NamedTuple):
    """A citation of a page that left the wiki: its class, where it stood and stands, why, and how it differs."""

    fate: str
    old: str
    new: str | None
    why: str
    diff: str


class Replaced(BaseModel):
    """A page that left the wiki when its source went on, as the draft that stands for it keeps it.

    Attributes:
        type: type of the page.
        name: its full name.
        source: the source that it was written from.
        since: the source by which it does not hold any more.
        text: the page as it was.
        citations: what became of each of its citations.
        problems: what else is wrong with it in the new source, in sentences.
    """

    type: PageKind
    name: str
    source: str
    since: str
    text: str
    citations: tuple[Citation, ...]
    problems: tuple[str, ...] = ()


def replaced(draft: Draft) -> Replaced | None:
    """The page that left the wiki and that a draft stands for; None where there is none.

    Raises:
        DraftError: another version of wikiagent recorded it, in a form that this one does not read.
    """
    try:
        return Replaced.model_validate_json(draft.replaces) if draft.replaces else None
    except ValueError as error:
        raise _unreadable(draft) from error


def replaced_page(draft: Draft) -> PageId | None:
    """Type and name of the page that a draft stands for."""
    page = replaced(draft)
    return (page.type, page.name) if page else None


def _unreadable(draft: Draft) -> DraftError:
    return DraftError(
        f"Draft {draft.id} was recorded by another version of wikiagent and cannot be read by this one; "
        f"run `wikiagent enrich` again with another --store."
    )


def standing(wiki: Wiki, page: Environment | Heuristic) -> Standing:
    """What a wiki has under the name of a page; when and from which revision it was written does not count."""
    return standing_beside(wiki.pages.get((page.kind, page.name)), page)


def standing_of(wiki: Wiki, draft: Draft) -> Standing:
    """What a wiki has under the name of a draft's page.

    Raises:
        DraftError: as for `page_of`.
    """
    there = wiki.pages.get((PageKind(draft.type), draft.name))
    try:
        return _stands(there, draft.type, draft.page) if there else Standing.ABSENT
    except (ValueError, KeyError) as error:
        raise _unreadable(draft) from error


@lru_cache(maxsize=2048)  # each decision asks about all that are accepted
def _stands(there: WikiPage, kind: str, text: str) -> Standing:
    return standing_beside(there, _page(kind, text))


def standing_beside(there: WikiPage | None, page: Environment | Heuristic) -> Standing:
    """How a page stands to the one of its name that a wiki has."""
    if there is None:
        return Standing.ABSENT
    if said(there.page) != said(page):
        return Standing.OTHER
    links = {(link.edge, link.kind, link.name) for link in there.links}
    linked = all((link.edge, link.kind.value, link.name) in links for link in page.related)
    return Standing.SAME if linked else Standing.FEWER_LINKS


def said(page: Page) -> Page:
    """What a page says: without its links, and without when and from which revision it was written.

    Decisions follow this: where the source goes on and the lines that a page quotes do not, it is the same page.
    """
    metadata = page.metadata.model_copy(update={"updated": "", "revision": None})
    same = page.model_copy(update={"metadata": metadata, "related": ()})
    if not isinstance(page, Environment | Heuristic):
        return same
    return same.model_copy(update={"evidence": tuple(e.model_copy(update={"url": None}) for e in page.evidence)})


def digest_of(page: Environment | Heuristic) -> str:
    """SHA-256, in hex, of what a page says, quotes and links to, whichever lines that stands at.

    A decision about a page holds for as long as this stays: a README edited elsewhere brings no page back.
    """
    anywhere = tuple(e.model_copy(update={"first": 1, "last": 1, "url": None}) for e in page.evidence)
    same = said(page).model_copy(update={"evidence": anywhere, "related": page.related})
    return hashlib.sha256(same.model_dump_json().encode()).hexdigest()


def accepted_of(drafts: Iterable[Draft]) -> dict[str, list[Draft]]:
    """The accepted drafts by their candidates, as `conflict` asks for them."""
    found: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.state == "accepted":
            found.setdefault(draft.candidate, []).append(draft)
    return found


def conflict(draft: Draft, wiki: Wiki, accepted: Mapping[str, Sequence[Draft]]) -> str:
    """Why a pending draft waits for a person even where valid drafts are accepted, in a sentence; empty if it does not.

    Args:
        draft: the draft.
        wiki: the wiki that it is for.
        accepted: the accepted drafts for that wiki, by candidate.
    """
    named = (PageKind(draft.type), draft.name) in wiki.pages
    if named and standing_of(wiki, draft) is Standing.OTHER:
        return f"{draft.name}: the wiki has a page of this name that says something else; draft {draft.id} waits."
    for other in accepted.get(draft.candidate, ()):
        if other.name != draft.name and (PageKind(other.type), other.name) in wiki.pages:
            return f"{draft.name}: the wiki has a page of the same evidence, {other.name}; draft {draft.id} waits."
    return ""


def refuse_closed(
    drafts: Sequence[Draft], findings: Iterable[Sequence[RecordedFinding]], decision: str, who: Mapping[int, str]
) -> None:
    """Only pending drafts can be decided; a page that left the wiki and that nothing replaces can be rejected as well.

    Args:
        drafts: the drafts.
        findings: the findings of each.
        decision: what is to be decided.
        who: who decided last about those that are decided, by id.

    Raises:
        DraftError: one of them cannot be decided so; the message says why and what can be done.
    """
    for draft, found in zip(drafts, findings, strict=True):
        left = draft.state == decision == "rejected" and draft.replaces
        if draft.state != "pending" and not left:
            raise DraftError(f"Draft {draft.id} {_why_closed(draft, found, who.get(draft.id, ''))}")


def _why_closed(draft: Draft, findings: Sequence[RecordedFinding], who: str) -> str:
    by = f", by {who}" if who else ""
    errors = sorted({finding.code for finding in findings if finding.severity == "error"})
    if draft.state == "accepted":
        return f"is accepted already{by}; `wikiagent undo {draft.id}` takes that back."
    if draft.state == "superseded":
        return "was superseded by a later run; `wikiagent drafts --state pending` lists what can be decided."
    if errors:
        return (
            f"was rejected for error findings ({', '.join(errors)}), which cannot be overruled; "
            f"`wikiagent show {draft.id}` prints them."
        )
    return (
        f"was rejected already{by}; `wikiagent show {draft.id}` says why, `wikiagent undo {draft.id}` takes that back."
    )
