"""A wiki as a dump that MediaWiki's own importer takes (`importDump.php`, Special:Import).

Pages keep their text; only what plain MediaWiki has no meaning for is written otherwise: a typed link becomes the name
of its edge and a link, a property such as the domain becomes its value, a list of references moves behind its last use.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple
from xml.etree import ElementTree

from wikiagent.export.blocks import read
from wikiagent.export.cite import for_cite
from wikiagent.export.document import Categories
from wikiagent.export.listing import Listing, Row
from wikiagent.export.names import PURPOSES, plural, title_of
from wikiagent.wiki.graph import PageId, Wiki, WikiPage
from wikiagent.wiki.markup import escape, label, rewritten, unescape
from wikiagent.wiki.page import PageKind

SCHEMA = "http://www.mediawiki.org/xml/export-0.11/"

_CATEGORY_NAMESPACE = 14
_KEPT = r"`[^`\n]*`|<code>(?:(?!<code>).)*?</code>|<!--(?:(?!<!--).)*?-->"
_LINK = re.compile(rf"(?P<kept>{_KEPT})|\[\[(?P<link>[^\[\]\n]*::[^\[\]\n]*)\]\]", re.S | re.I)
_TYPED = re.compile(r"\s*(?P<edge>[\w ]+?)\s*::\s*(?P<kind>\w+)\s*:\s*(?P<name>[^|]+?)\s*(?:\|(?P<label>.*))?")
_PROPERTY = re.compile(r"\s*(?P<property>[\w ]+?)\s*::(?P<values>.*)")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_TITLE = re.compile(r"[#<>\[\]{}|\x00-\x1f\x7f]|%(?=[0-9A-Fa-f]{2})|~{3,}|&(?=\w+;)")
_KINDS = {kind.value: kind for kind in PageKind}


class Dump(NamedTuple):
    """The dump, how many pages it has, and how many characters XML does not allow were replaced by `�`."""

    content: bytes
    pages: int
    replaced: int


class _Entry(NamedTuple):
    title: str
    text: str
    namespace: int = 0


def dump_of(wiki: Wiki, name: str, now: datetime) -> Dump:
    """All pages, the lists of pages, and a page for each category.

    Args:
        wiki: the wiki.
        name: what it is called: the title of the page that leads to the lists.
        now: the time of the revisions; MediaWiki shows the latest one of a page.
    """
    ElementTree.register_namespace("", SCHEMA)
    root = ElementTree.Element(f"{{{SCHEMA}}}mediawiki", {"version": "0.11"})
    root.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
    writer = _Writer(root, now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    info = writer.below(root, "siteinfo")
    writer.below(info, "sitename", name)
    writer.below(info, "generator", "wikiagent")
    for entry in _entries(wiki, name):
        writer.page(entry)
    content = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return Dump(content + b"\n", writer.pages, writer.replaced)


def wiki_title(page: PageId) -> str:
    """The title of a page in MediaWiki: `Heuristic:NAME`, without characters that no title may have."""
    return f"{page[0]}:{_NOT_IN_TITLE.sub('-', page[1])}"


def titles_of(pages: Iterable[PageId]) -> dict[PageId, str]:
    """The title of each page; where MediaWiki takes two names for one, the later page gets a number."""
    titles: dict[PageId, str] = {}
    taken: set[str] = set()
    for page in pages:
        title, number = wiki_title(page), 1
        while (same := re.sub(r"[ _]+", " ", title).strip()) in taken:
            number += 1
            title = f"{wiki_title(page)} ({number})"
        taken.add(same)
        titles[page] = title
    return titles


def for_mediawiki(text: str, titles: Mapping[PageId, str] = MappingProxyType({})) -> str:
    """A page's text with typed links and properties as plain MediaWiki shows them; all else as it is.

    Args:
        text: the text.
        titles: of pages whose title is not `wiki_title`.
    """

    def linked(found: re.Match[str]) -> str:
        return found[0] if found["link"] is None else _linked(found["link"], titles)

    return rewritten(text, lambda block: block[0], lambda between: _LINK.sub(linked, between))


def _linked(inner: str, titles: Mapping[PageId, str]) -> str:
    found = _TYPED.fullmatch(inner)
    if found and found["kind"] in _KINDS:
        page = (_KINDS[found["kind"]], found["name"])
        title = titles.get(page) or wiki_title(page)
        return f"{found['edge'].replace('_', ' ')}: [[{title}{'|' + found['label'] if found['label'] else ''}]]"
    if not (found := _PROPERTY.fullmatch(inner)):
        return f"[[{inner}]]"
    values = [value.strip() for value in found["values"].split("|")]
    if found["property"] == "source" and len(values) == 3 and re.match(r"https?://\S+$", unescape(values[2])):
        return f"{values[0]}: [{values[2]} {values[1] or values[2]}]"
    return ", ".join(filter(None, values))


class _Writer:
    """Adds pages to the dump, and counts."""

    def __init__(self, root: ElementTree.Element, timestamp: str) -> None:
        self._root = root
        self._timestamp = timestamp
        self.pages = 0
        self.replaced = 0

    def below(self, parent: ElementTree.Element, tag: str, text: str | None = None) -> ElementTree.Element:
        element = ElementTree.SubElement(parent, f"{{{SCHEMA}}}{tag}")
        if text is not None:
            element.text, replaced = _NOT_IN_XML.subn("\ufffd", text)
            self.replaced += replaced
        return element

    def page(self, entry: _Entry) -> None:
        self.pages += 1
        page = self.below(self._root, "page")
        self.below(page, "title", entry.title)
        self.below(page, "ns", str(entry.namespace))
        revision = self.below(page, "revision")
        self.below(revision, "timestamp", self._timestamp)
        self.below(self.below(revision, "contributor"), "username", "wikiagent")
        self.below(revision, "comment", "Exported by wikiagent")
        self.below(revision, "model", "wikitext")
        self.below(revision, "format", "text/x-wiki")
        text = self.below(revision, "text", entry.text)
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _entries(wiki: Wiki, name: str) -> Iterator[_Entry]:
    listing, titles = Listing(wiki), titles_of(wiki.pages)
    yield _Entry(_NOT_IN_TITLE.sub("-", name), _home(listing))
    for kind in listing.kinds:
        yield _Entry(_index_title(kind, wiki.repo), _index(listing.rows(kind), kind, wiki.repo, titles))
    categories = set()
    for page in wiki.pages.values():
        yield _Entry(titles[page.id], _text(page, titles))
        categories |= _categories(page)
    for category in sorted(categories):
        yield _Entry(f"Category:{category}", _about(category), _CATEGORY_NAMESPACE)


def _text(page: WikiPage, titles: Mapping[PageId, str]) -> str:
    text = page.text.replace("\r\n", "\n").replace("\r", "\n")
    return for_cite(for_mediawiki(text, titles)).rstrip("\n")


def _categories(page: WikiPage) -> set[str]:
    """The categories of a page, as MediaWiki names them."""
    blocks = read(page.text).blocks
    names = [name for block in blocks if isinstance(block, Categories) for name in block.names]
    return {_NOT_IN_TITLE.sub("-", name).replace("_", " ") for name in names if name}


def _about(category: str) -> str:
    kind = _KINDS.get(category)
    return PURPOSES[kind] if kind else f"Pages about {escape(category)}."


def _index_title(kind: PageKind, repo: str | None) -> str:
    return _NOT_IN_TITLE.sub("-", f"{kind} Index: {repo}" if repo else f"{kind} Index")


def _home(listing: Listing) -> str:
    lines = [
        f"* [[{_index_title(kind, listing.wiki.repo)}|{plural(kind)}]] ({len(listing.pages(kind))}): {PURPOSES[kind]}"
        for kind in listing.kinds
    ]
    of = ", ".join(f"<code>{label(revision)}</code>" for revision in listing.revisions)
    return "\n".join([f"A wiki about the source code{' of ' + of if of else ''}.", "", *lines])


def _index(rows: Iterable[Row], kind: PageKind, repo: str | None, titles: Mapping[PageId, str]) -> str:
    def link(page: PageId) -> str:
        return f"[[{titles.get(page) or wiki_title(page)}|{label(title_of(page, repo))}]]"

    lines = [PURPOSES[kind], "", '{| class="wikitable sortable"', "! Page !! In short !! Linked with"]
    for row in rows:
        linked = "<br>".join(f"{words}: {', '.join(map(link, pages))}" for words, pages in row.linked)
        lines += ["|-", f"| {link(row.page)} || {escape(row.note, cell=True)} || {linked}"]
    return "\n".join([*lines, "|}"])
