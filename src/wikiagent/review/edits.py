"""What decisions do to the pages of a wiki: add one with its links, merge one into another, take either back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from pydantic import BaseModel

from wikiagent.errors import DraftError
from wikiagent.ledger import Draft, RecordedFinding
from wikiagent.review.merging import merged, whole_page
from wikiagent.review.standing import Standing, page_of, standing_beside
from wikiagent.wiki.edit import text_digest
from wikiagent.wiki.graph import LEAVES, PageId, Wiki, WikiPage, add_links, find_links, remove_links
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
    """Changes of a wiki that are being put together.

    Attributes:
        before: the wiki without them.
        changes: the changes by file; None where it goes.
    """

    def __init__(self, before: Wiki) -> None:
        self.before = before
        self.changes: Changes = {}

    @property
    def wiki(self) -> Wiki:
        """The wiki with all changes, put together anew."""
        return self.before.edited(self.changes)

    def set(self, changes: Mapping[str, str | None]) -> None:
        """Add changes."""
        self.changes.update(changes)

    def text(self, file: str) -> str | None:
        """The text of a file with all changes; None where there is no such file."""
        return self.changes[file] if file in self.changes else self.before.files.get(file)

    def page(self, kind: PageKind, name: str) -> WikiPage | None:
        """A page with all changes; None where there is none."""
        there = self.before.pages.get((kind, name))
        file = there.file if there else f"{kind.folder}/{name}.md"
        text = self.text(file)
        return None if text is None else WikiPage(kind, name, file, text)

    @cached_property
    def pointing(self) -> dict[PageId, list[Link]]:
        """Links back to the pages that name an Environment or Heuristic which does not exist yet, by what they name."""
        found: dict[PageId, list[Link]] = {}
        for edge in self.before.edges:
            if edge.target[0] in LEAVES and edge.source in self.before.pages:
                found.setdefault(edge.target, []).append(Link(edge=edge.edge, kind=edge.source[0], name=edge.source[1]))
        return found


def add_page(edit: Edit, draft: Draft) -> Effect:
    """Add the page of a draft with the links back; one that is there gets the links that it lacks.

    Raises:
        DraftError: a page of its name is there that says something else.
    """
    page = page_of(draft)
    there = standing_beside(edit.page(page.kind, page.name), page)
    if there is Standing.OTHER:
        raise DraftError(
            f"{page.file} is there already and says something else than draft {draft.id}. Merge the draft into that "
            f"page (`wikiagent merge {draft.id} --into {draft.name}`), or move the page away and accept again."
        )
    wanted: dict[str, list[Link]] = {page.file: list(page.related)}
    if there is Standing.ABSENT:
        wanted[page.file] = list(edit.pointing.get((page.kind, page.name), ()))
        edit.set({page.file: render(page)})
    _add_links_back(wanted, page, edit)
    return _linked(edit, wanted).model_copy(update={"created": there is Standing.ABSENT})


def merge_page(edit: Edit, draft: Draft, into: str) -> tuple[Environment | Heuristic, Effect]:
    """Merge the page of a draft into a page of the wiki, with the links back.

    Returns:
        The page as it becomes, and the effect.

    Raises:
        DraftError: there is no such page of the draft's type, or it cannot be read without losing words.
    """
    page = page_of(draft)
    there = edit.page(page.kind, into)
    if there is None:
        raise DraftError(f"The wiki has no {page.kind} page {into}; `wikiagent drafts` and the indexes list the names.")
    target = merged(whole_page(there.text, page.kind, into), page)
    text = render(target)
    edit.set({target.file: text})
    wanted: dict[str, list[Link]] = {}
    _add_links_back(wanted, target, edit)
    replaced = {target.file: (there.text, text_digest(text) or "")}
    return target, _linked(edit, wanted).model_copy(update={"text": replaced})


def take_back(edit: Edit, draft: Draft, effect: Effect) -> None:
    """Take back what a decision about a draft changed.

    Raises:
        DraftError: a page was changed since, so that taking back would lose what somebody wrote.
    """
    page = page_of(draft)
    for file, (before, after) in effect.text.items():
        if text_digest(edit.text(file)) != after:
            raise DraftError(f"{file} was changed since draft {draft.id} was merged into it; take that out by hand.")
        edit.set({file: before})
    there = edit.page(page.kind, page.name)
    if effect.created and there:
        if standing_beside(there, page) is Standing.OTHER:
            raise DraftError(
                f"{page.file} was changed by hand since draft {draft.id} was accepted. Remove the page yourself if it "
                f"is to go; the next `wikiagent enrich` offers the draft again."
            )
        edit.set({page.file: None})
    by_file: dict[str, list[Link]] = {}
    for file, edge, kind, name in effect.links:
        by_file.setdefault(file, []).append(Link(edge=edge, kind=kind, name=name))
    for file, links in by_file.items():
        if (text := edit.text(file)) is not None:
            edit.set({file: without_links(text, links, section_made=file in effect.sections)})


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
        text = edit.text(file) or ""
        there = {(found.edge, found.kind, found.name) for found in find_links(text)}
        added = [link for link in dict.fromkeys(links) if (link.edge, link.kind.value, link.name) not in there]
        if added:
            edit.set({file: add_links(text, added)})
            new += [(file, link.edge, link.kind, link.name) for link in added]
            sections += [] if any(map(is_related, outline(text.replace("\r\n", "\n"))[1])) else [file]
    return Effect(links=tuple(new), sections=tuple(sections))


def _add_links_back(wanted: dict[str, list[Link]], page: Environment | Heuristic, edit: Edit) -> None:
    for link in page.related:
        target = edit.page(link.kind, link.name)
        if target is not None:
            wanted.setdefault(target.file, []).append(Link(edge=link.edge, kind=page.kind, name=page.name))
