"""What decisions do to the pages of a wiki: add one with its links, merge one into another, take either back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel

from wikiagent.errors import DraftError
from wikiagent.ledger import Draft, RecordedFinding
from wikiagent.review.merging import merged, whole_page
from wikiagent.review.standing import Standing, page_of, standing
from wikiagent.wiki.edit import text_digest
from wikiagent.wiki.graph import LEAVES, PageId, Wiki, add_links, find_links, remove_links
from wikiagent.wiki.markup import Part, category_lines, outline
from wikiagent.wiki.mediawiki import render
from wikiagent.wiki.page import Environment, Heuristic, Link, PageKind

Changes = dict[str, str | None]


class Effect(BaseModel):
    """What a decision changed, as taking it back needs to know.

    Attributes:
        created: whether it added the draft's page to the wiki.
        links: links that it added, each as file, edge, type and name.
        sections: files in which it made a section for them.
        text: text of the page that it merged the draft into, as it was, and the SHA-256 of what it became; by file.
        page: the draft's page as it was, as JSON, where a person changed it.
        findings: findings of that page.
        state: the draft's state before.
    """

    created: bool = False
    links: tuple[tuple[str, str, PageKind, str], ...] = ()
    sections: tuple[str, ...] = ()
    text: dict[str, tuple[str, str]] = {}
    page: str | None = None
    findings: tuple[RecordedFinding, ...] | None = None
    state: str = "pending"


class Edit:
    """Changes of a wiki that are being put together: `wiki` is the wiki with all of them."""

    def __init__(self, wiki: Wiki) -> None:
        self.wiki = wiki
        self.changes: Changes = {}

    def set(self, changes: Mapping[str, str | None]) -> None:
        """Add changes."""
        self.changes.update(changes)
        self.wiki = self.wiki.edited(changes)


def add_page(edit: Edit, draft: Draft) -> Effect:
    """Add the page of a draft with the links back; one that is there gets the links that it lacks.

    Raises:
        DraftError: a page of its name is there that says something else.
    """
    page, wiki = page_of(draft), edit.wiki
    there = standing(wiki, page)
    if there is Standing.OTHER:
        raise DraftError(
            f"{page.file} is there already and says something else than draft {draft.id}. Merge the draft into that "
            f"page (`wikiagent merge {draft.id} --into {draft.name}`), or move the page away and accept again."
        )
    wanted: dict[str, list[Link]] = {page.file: list(page.related)}
    if there is Standing.ABSENT:
        wanted[page.file] = _pointing(wiki, (page.kind, page.name))
        edit.set({page.file: render(page)})
    _add_links_back(wanted, page, wiki)
    return _linked(edit, wanted).model_copy(update={"created": there is Standing.ABSENT})


def merge_page(edit: Edit, draft: Draft, into: str) -> tuple[Environment | Heuristic, Effect]:
    """Merge the page of a draft into a page of the wiki, with the links back.

    Returns:
        The page as it becomes, and the effect.

    Raises:
        DraftError: there is no such page of the draft's type, or it cannot be read without losing words.
    """
    page, wiki = page_of(draft), edit.wiki
    there = wiki.pages.get((page.kind, into))
    if there is None:
        raise DraftError(f"The wiki has no {page.kind} page {into}; `wikiagent drafts` and the indexes list the names.")
    target = merged(whole_page(there.text, page.kind, into), page)
    text = render(target)
    edit.set({target.file: text})
    wanted: dict[str, list[Link]] = {}
    _add_links_back(wanted, target, wiki)
    replaced = {target.file: (there.text, text_digest(text) or "")}
    return target, _linked(edit, wanted).model_copy(update={"text": replaced})


def take_back(edit: Edit, draft: Draft, effect: Effect) -> None:
    """Take back what a decision about a draft changed.

    Raises:
        DraftError: a page was changed since, so that taking back would lose what somebody wrote.
    """
    page, wiki = page_of(draft), edit.wiki
    for file, (before, after) in effect.text.items():
        if text_digest(wiki.files.get(file)) != after:
            raise DraftError(f"{file} was changed since draft {draft.id} was merged into it; take that out by hand.")
        edit.set({file: before})
    if effect.created and page.file in wiki.files:
        if standing(wiki, page) is Standing.OTHER:
            raise DraftError(
                f"{page.file} was changed by hand since draft {draft.id} was accepted. Remove the page yourself if it "
                f"is to go; the next `wikiagent enrich` offers the draft again."
            )
        edit.set({page.file: None})
    by_file: dict[str, list[Link]] = {}
    for file, edge, kind, name in effect.links:
        by_file.setdefault(file, []).append(Link(edge=edge, kind=kind, name=name))
    for file, links in by_file.items():
        if file in edit.wiki.files:
            text = without_links(edit.wiki.files[file], links, section_made=file in effect.sections)
            edit.set({file: text})


def without_links(text: str, links: Sequence[Link], *, section_made: bool = False) -> str:
    """A page without links that `add_links` added.

    Args:
        text: the page.
        links: the links.
        section_made: whether the section was made for them, so that it goes with the last of its links.
    """
    less = remove_links(text, {(link.kind, link.name) for link in links})
    last = next((part for part in reversed(outline(less.replace("\r\n", "\n"))[1]) if is_related(part)), None)
    if not section_made or last is None or _without_categories(last.text).strip():
        return less
    lines = less.splitlines(keepends=True)
    for above, below in ((0, 1), (1, 1), (1, 0), (0, 0)):
        bare = "".join(lines[: last.line - 1 - above] + lines[last.line + below :])
        for whole in (bare, bare.removesuffix("\n")):
            if add_links(whole, links) == text:
                return whole
    return less


def _without_categories(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(lines[: next(category_lines(lines), (len(lines),))[0]])


def is_related(part: Part) -> bool:
    """Whether a section is the list of related pages."""
    return part.title.casefold() == "related pages"


def _linked(edit: Edit, wanted: Mapping[str, Iterable[Link]]) -> Effect:
    """Add links to files; the effect says which of them were not there."""
    new, sections = [], []
    for file, links in wanted.items():
        text = edit.wiki.files[file]
        there = {(found.edge, found.kind, found.name) for found in find_links(text)}
        added = [link for link in dict.fromkeys(links) if (link.edge, link.kind.value, link.name) not in there]
        if added:
            edit.set({file: add_links(text, added)})
            new += [(file, link.edge, link.kind, link.name) for link in added]
            sections += [] if any(map(is_related, outline(text.replace("\r\n", "\n"))[1])) else [file]
    return Effect(links=tuple(new), sections=tuple(sections))


def _add_links_back(wanted: dict[str, list[Link]], page: Environment | Heuristic, wiki: Wiki) -> None:
    for link in page.related:
        target = wiki.pages.get((link.kind, link.name))
        if target is not None:
            wanted.setdefault(target.file, []).append(Link(edge=link.edge, kind=page.kind, name=page.name))


def _pointing(wiki: Wiki, page: PageId) -> list[Link]:
    """Links back to the pages that name an Environment or Heuristic which does not exist yet."""
    return [
        Link(edge=edge.edge, kind=edge.source[0], name=edge.source[1])
        for edge in wiki.edges
        if edge.target == page and page[0] in LEAVES and edge.source in wiki.pages
    ]
