"""The data of the search that needs no server: a script that holds the titles and the text of all pages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from wikiagent.export.blocks import read
from wikiagent.export.document import Block, Categories, Document, Heading, References, Table, plain_text, text_of
from wikiagent.export.names import title_of
from wikiagent.source.inert import inert
from wikiagent.wiki.graph import PageId, WikiPage
from wikiagent.wiki.markup import folded

_HEADINGS = frozenset(
    {"overview", "description", "usage", "reasoning", "code evidence", "related pages", "the insight (rule of thumb)"}
)


class Entry(NamedTuple):
    """A page as the search knows it: title, type, text in one line."""

    page: PageId
    title: str
    text: str


def entry_of(page: WikiPage, repo: str | None = None) -> Entry:
    """What can be found of a page: its text and its code, without what stands on every page."""
    document = read(page.text)
    text = plain_text(Document(tuple(block for block in document.blocks if not _is_everywhere(block))))
    return Entry(page.id, title_of(page.id, repo), folded(inert(text)))


def _is_everywhere(block: Block) -> bool:
    if isinstance(block, Heading):
        return text_of(block.children).casefold() in _HEADINGS
    return isinstance(block, References | Categories) or (isinstance(block, Table) and block.infobox)


def search_data(entries: Iterable[tuple[Entry, str]]) -> str:
    """The script that `search.js` reads: `wikiPages`, with title, type, text and address of each page."""
    pages = [
        {"t": entry.title, "k": str(entry.page[0]), "x": f"{entry.text} {entry.page[1]}", "a": address}
        for entry, address in entries
    ]
    data = json.dumps(pages, ensure_ascii=False, separators=(",", ":"))
    # These two end a line in older scripts; the third would end a script element, if somebody put this into one.
    data = data.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("</", "<\\/")
    return f"window.wikiPages = {data};\n"
