"""The wiki as a value: its pages and the typed links between them."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from wikiagent.errors import WikiError
from wikiagent.wiki.edit import under_way
from wikiagent.wiki.markup import category_lines, mask, outline, section
from wikiagent.wiki.mediawiki import parse
from wikiagent.wiki.page import Link, Page, PageKind
from wikiagent.wiki.render import link_text

PageId = tuple[PageKind, str]
"""Type and full name: what a page is known by."""

EDGES: frozenset[tuple[PageKind, str, PageKind]] = frozenset(
    {
        (PageKind.WORKFLOW, "step", PageKind.PRINCIPLE),
        (PageKind.PRINCIPLE, "implemented_by", PageKind.IMPLEMENTATION),
        (PageKind.IMPLEMENTATION, "requires_env", PageKind.ENVIRONMENT),
        (PageKind.WORKFLOW, "uses_heuristic", PageKind.HEURISTIC),
        (PageKind.PRINCIPLE, "uses_heuristic", PageKind.HEURISTIC),
        (PageKind.IMPLEMENTATION, "uses_heuristic", PageKind.HEURISTIC),
    }
)
"""The edges that there are, as (from, edge, to)."""

LEAVES = frozenset({PageKind.ENVIRONMENT, PageKind.HEURISTIC})
"""The types that list the pages which point at them: only they need both sides of an edge."""

MAX_PAGE = 5_000_000
"""Bytes of a page, at most; a page of this size has some 50,000 lines."""

INDEX_FILES: dict[PageKind, str] = {kind: f"_{kind}Index.md" for kind in PageKind}

_LINK = re.compile(r"\[\[\s*([\w ]+?)\s*::\s*(\w+)\s*:\s*([^\[\]|\n]+?)\s*(?:\|[^\[\]\n]*)?\]\]")
_KINDS = {kind.value: kind for kind in PageKind}


class FoundLink(NamedTuple):
    """A typed link as it stands in a page; `kind` may be none of the page types. `line` and `column` are 1-based."""

    edge: str
    kind: str
    name: str
    line: int
    column: int = 0


class Edge(NamedTuple):
    """One edge in the direction of `EDGES`, whichever page writes it down."""

    source: PageId
    edge: str
    target: PageId


@dataclass(frozen=True)
class WikiPage:
    """A page of a wiki: its file (from the wiki's root), the file's text, and what that says."""

    kind: PageKind
    name: str
    file: str
    text: str

    @property
    def id(self) -> PageId:
        """Type and name."""
        return self.kind, self.name

    @cached_property
    def page(self) -> Page:
        """The text, parsed."""
        return parse(self.text, self.kind, self.name)

    @cached_property
    def links(self) -> tuple[FoundLink, ...]:
        """Its typed links, in order, as often as they stand there."""
        return tuple(_links_in(self.visible))

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """The edges that its links stand for."""
        return tuple(edge for link in self.links if (edge := edge_of(self.id, link)))

    @cached_property
    def visible(self) -> str:
        """Its text with blanks in place of code."""
        return mask(self.text)

    @cached_property
    def linked(self) -> frozenset[tuple[str, str]]:
        """The pages that it links to: type as it is written, and name."""
        return frozenset((link.kind, link.name) for link in self.links)


_FOLDERS = {kind.folder: kind for kind in PageKind}


@lru_cache(maxsize=2048)  # a wiki is read again for each edit, and most of its pages say the same as before
def _page_in(file: str, text: str) -> WikiPage | None:
    """The page that a file is, by its path; None where it is none."""
    folder, _, name = file.partition("/")
    if folder not in _FOLDERS or not name or "/" in name or name.startswith("_"):
        return None
    return WikiPage(_FOLDERS[folder], PurePosixPath(name).stem, file, text)


@dataclass(frozen=True)
class Wiki:
    """All Markdown files of a wiki folder, by path from its root, and the pages among them.

    Attributes:
        files: texts as they are on disk: line ends kept, bytes that are no UTF-8 as surrogate escapes.
        default_repo: the prefix of page names where the files show none.
    """

    files: Mapping[str, str]
    default_repo: str | None = None
    pages: dict[PageId, WikiPage] = field(init=False)

    def __post_init__(self) -> None:
        found = (_page_in(file, self.files[file]) for file in sorted(self.files))
        object.__setattr__(self, "pages", {page.id: page for page in found if page})

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all pages."""
        return frozenset(name for _, name in self.pages)

    def edited(self, changes: Mapping[str, str | None]) -> Wiki:
        """The wiki as it will be when `changes` (file to text, None to remove it) are applied."""
        files = {file: text for file, text in {**self.files, **changes}.items() if text is not None}
        return Wiki(files, self.default_repo)

    @cached_property
    def repo(self) -> str | None:
        """The prefix of all page names: from the indexes' titles, else what the names share, else the default."""
        for file in INDEX_FILES.values():
            if title := re.match(r"\s*#[^\n:]*Index:[ \t]*(\S+)", self.files.get(file, "")):
                return title[1]
        words = [name.split("_") for _, name in self.pages]
        shared = takewhile(lambda column: len(set(column)) == 1, zip(*words, strict=False)) if len(words) > 1 else ()
        return "_".join(column[0] for column in shared) or self.default_repo

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Every edge that a page writes down, from either end, once, in the order of the pages."""
        return tuple(dict.fromkeys(edge for page in self.pages.values() for edge in page.edges))

    @cached_property
    def missing(self) -> tuple[tuple[WikiPage, FoundLink], ...]:
        """Links to pages of this wiki's types that do not exist, with the page that has them."""
        return tuple(
            (page, link)
            for page in self.pages.values()
            for link in page.links
            if link.kind in _KINDS and (_KINDS[link.kind], link.name) not in self.pages
        )

    @property
    def wanted(self) -> tuple[tuple[WikiPage, FoundLink], ...]:
        """The missing pages that an Environment or a Heuristic names: candidates for pages to be written."""
        return tuple((page, link) for page, link in self.missing if page.kind in LEAVES)


def read_wiki(root: Path, repo: str | None = None) -> Wiki:
    """Read the Markdown files of a wiki folder; a folder that does not exist is an empty wiki.

    Where an edit was interrupted, the wiki is read as it will be when that is finished.

    Args:
        root: the wiki's folder.
        repo: prefix of page names for a wiki that shows none yet.

    Raises:
        WikiError: `root` is no folder, a file cannot be read or is no page, or the wiki changes while it is read.
    """
    if root.exists() and not root.is_dir():
        raise WikiError(f"{root} is a file; a wiki is a folder.")
    if not root.exists():
        return Wiki({}, repo)
    try:
        before = state_of(root)
        files = {file: _page_text(f"{root}/{file}", size) for file, _, size in before}
        for file, content in under_way(root).items():
            files.pop(file, None)
            if content is not None and file.endswith(".md"):
                files[file] = _decoded(content)
        after = state_of(root)
    except OSError as error:
        raise WikiError(f"The wiki cannot be read: {error}.") from error
    if after != before:
        raise WikiError(f"{root} changed while it was read. Run the command again when nobody writes to it.")
    return Wiki(dict(sorted(files.items())), repo)


def state_of(root: Path) -> list[tuple[str, int, int]]:
    """The Markdown files of a folder by path from it, each with the time of its last change, in ns, and its size.

    Raises:
        WikiError: a link in the folder leads back to a folder around it.
    """
    found = []
    for folder, folders, files in os.walk(root, onerror=_raise):
        for name in folders:
            path = Path(folder, name)
            if path.is_symlink() and Path(folder).resolve().is_relative_to(path.resolve()):
                raise WikiError(f"{path} is a link that leads back to a folder around it. Remove it.")
        inside = Path(folder).relative_to(root).as_posix()
        for name in files:
            if name.endswith(".md"):
                stat = os.stat(os.path.join(folder, name))  # noqa: PTH116, PTH118 - twice for each page of a reading
                found.append((name if inside == "." else f"{inside}/{name}", stat.st_mtime_ns, stat.st_size))
    return sorted(found)


def _raise(error: OSError) -> None:
    raise error


def _page_text(path: str, size: int) -> str:
    """The text of a page's file.

    Raises:
        WikiError: it is far too large for a page, or no text.
    """
    if size > MAX_PAGE:
        raise WikiError(f"{path} has {size // 1_000_000} MB; a page has at most {MAX_PAGE // 1_000_000}. Move it away.")
    with open(path, "rb") as file:  # noqa: PTH123 - each reading of a wiki opens hundreds
        text = _decoded(file.read())
    if "\0" in text:
        raise WikiError(f"{path} is no text, though it is named like a page. Move it away.")
    return text


def read_text(path: Path) -> str:
    """A file's text such that writing it back gives the same bytes: line ends stay, odd bytes become surrogates."""
    return _decoded(path.read_bytes())


def _decoded(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def find_links(text: str) -> tuple[FoundLink, ...]:
    """The typed links of a text, outside of its blocks of code."""
    return tuple(_links_in(mask(text)))


def _links_in(visible: str) -> Iterator[FoundLink]:
    line, counted = 1, 0
    for found in _LINK.finditer(visible):
        line, counted = line + visible.count("\n", counted, found.start()), found.start()
        column = found.start() - visible.rfind("\n", 0, found.start())
        yield FoundLink(found[1], found[2], found[3], line, column)


def edge_of(page: PageId, link: FoundLink) -> Edge | None:
    """The edge that a link on a page stands for, forward or as a backlink; None where there is no such edge."""
    kind = _KINDS.get(link.kind)
    if kind is None:
        return None
    other = (kind, link.name)
    if (page[0], link.edge, kind) in EDGES:
        return Edge(page, link.edge, other)
    if (kind, link.edge, page[0]) in EDGES:
        return Edge(other, link.edge, page)
    return None


def add_links(text: str, links: Iterable[Link]) -> str:
    """Add links to a page at the end of the list under Related Pages; nothing else changes.

    Links that the page has already, wherever they stand, are not added again. Where the section is absent, it is made
    before the categories. New lines end as those of the file do.
    """
    there = {(link.edge, link.kind, link.name) for link in find_links(text)}
    new = [f"* {link_text(link)}" for link in dict.fromkeys(links) if (link.edge, link.kind, link.name) not in there]
    if not new:
        return text
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    at = _end_of_related(text, len(lines))
    if at is None:
        at = _before_categories(lines)
        above = [""] if at and lines[at - 1].strip() else []
        new = [*above, section(2, "Related Pages"), *new, *([""] if at < len(lines) else [])]
    added = [line + newline for line in new]
    if at and not lines[at - 1].endswith("\n"):
        lines[at - 1] += newline
        added[-1] = new[-1]
    return "".join([*lines[:at], *added, *lines[at:]])


def remove_links(text: str, gone: Collection[PageId]) -> str:
    """A page without its links to some pages: a line that holds nothing else goes, in a sentence the name stays."""
    visible = mask(text)
    for found in reversed(list(_LINK.finditer(visible))):
        if (_KINDS.get(found[2]), found[3]) not in gone:
            continue
        first = text.rfind("\n", 0, found.start()) + 1
        last = text.find("\n", found.end()) + 1 or len(text)
        alone = re.fullmatch(r"\s*[*-]?\s*", text[first : found.start()] + text[found.end() : last])
        text = text[:first] + text[last:] if alone else text[: found.start()] + found[3] + text[found.end() :]
    return text


def _end_of_related(text: str, length: int) -> int | None:
    """Index of the line behind the list under the last Related Pages; None where there is no such section."""
    visible = text.replace("\r\n", "\n")
    headings = [(part.line, part.title.casefold()) for part in outline(visible)[1]]
    start = max((line for line, title in headings if title == "related pages"), default=None)
    if start is None:
        return None
    stop = min((line - 1 for line, _ in headings if line > start), default=length)
    lines = visible.split("\n")
    return max((index + 1 for index in range(start, stop) if re.match(r"\s*[*-] ", lines[index])), default=start)


def _before_categories(lines: list[str]) -> int:
    """Index of the first category link at the end, else of the blank lines that end the file."""
    first = next(category_lines(lines), None)
    if first:
        return first[0]
    return max((index + 1 for index, line in enumerate(lines) if line.strip()), default=0)
