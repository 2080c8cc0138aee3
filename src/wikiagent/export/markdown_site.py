"""A wiki as a folder of Markdown for a code host, with the settings that let mkdocs build a site of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from wikiagent.export.blocks import read
from wikiagent.export.html import PageAddress
from wikiagent.export.listing import Listing, Row
from wikiagent.export.markdown import escape, link, to_markdown
from wikiagent.export.names import PURPOSES, plural, title_of
from wikiagent.export.site import untitled
from wikiagent.source.inert import inert
from wikiagent.wiki.graph import PageId, Wiki
from wikiagent.wiki.page import PageKind

REPOSITORY_MAP = "map.md"


def markdown_files(wiki: Wiki, name: str) -> Iterator[tuple[str, bytes]]:
    """The files of the folder, by path: `mkdocs.yml`, and the pages below `docs/`.

    Args:
        wiki: the wiki.
        name: what it is called.
    """
    listing = Listing(wiki)
    yield "mkdocs.yml", _settings(listing, name).encode("utf-8", "replace")
    for file, text in _texts(listing, name):
        yield f"docs/{file}", text.encode("utf-8", "replace")


def page_file(page: PageId) -> str:
    """Path of a page's file from the root of the documents."""
    return f"{page[0].folder}/{page[1]}.md"


def _texts(listing: Listing, name: str) -> Iterator[tuple[str, str]]:
    wiki = listing.wiki
    top, below = _addresses(wiki, ""), _addresses(wiki, "../")
    yield "index.md", _home(listing, name)
    for kind in listing.kinds:
        yield f"{kind.folder}.md", _index(listing.rows(kind), kind, top, wiki.repo)
    if listing.repository_map is not None:
        document = untitled(read(listing.repository_map))
        yield REPOSITORY_MAP, to_markdown(document, title="Repository map", address_of=top, repo=wiki.repo)
    for page in wiki.pages.values():
        document, title = untitled(read(page.text)), title_of(page.id, wiki.repo)
        text = to_markdown(document, title=title, page=page.id, address_of=below, repo=wiki.repo)
        yield page_file(page.id), text


def _addresses(wiki: Wiki, root: str) -> PageAddress:
    return lambda page: root + quote(page_file(page)) if page in wiki.pages else None


def _home(listing: Listing, name: str) -> str:
    source = " of " + ", ".join(f"`{revision}`" for revision in listing.revisions) if listing.revisions else ""
    proof = " Its pages quote the lines that prove what they say: the number behind a statement leads there."
    lines = [
        f"# {escape(name, heading=True)}",
        "",
        f"A wiki about the source code{source}.{proof if source else ''}",
        "",
    ]
    for kind in listing.kinds:
        shown = link(plural(kind), f"{kind.folder}.md")
        lines.append(f"- **{shown}** ({len(listing.pages(kind))}): {PURPOSES[kind]}")
    if listing.repository_map is not None:
        lines.append(f"- **{link('Repository map', REPOSITORY_MAP)}**")
    return "\n".join(lines) + "\n"


def _index(rows: Iterable[Row], kind: PageKind, address_of: PageAddress, repo: str | None) -> str:
    def shown(page: PageId) -> str:
        address, title = address_of(page), escape(title_of(page, repo))
        return link(title, address) if address is not None else title

    lines = [f"# {plural(kind)}", "", PURPOSES[kind], "", "| Page | In short | Linked with |", "| --- | --- | --- |"]
    for row in rows:
        linked = "<br>".join(f"{words}: {', '.join(map(shown, pages))}" for words, pages in row.linked)
        lines.append(f"| {shown(row.page)} | {escape(row.note)} | {linked} |")
    return "\n".join(lines) + "\n"


def _settings(listing: Listing, name: str) -> str:
    """`mkdocs.yml`: the lists are in its navigation, the pages are found from there; YAML takes a string of JSON."""
    lines = [f"site_name: {json.dumps(inert(name), ensure_ascii=False)}", "theme:", "  name: mkdocs"]
    lines += ["  user_color_mode_toggle: true", "  color_mode: auto", "validation:", "  anchors: warn"]
    lines += ["not_in_nav: |", *(f"  /{kind.folder}/" for kind in listing.kinds)]
    lines += ["nav:", "  - index.md", *(f"  - {kind.folder}.md" for kind in listing.kinds)]
    if listing.repository_map is not None:
        lines.append(f"  - {REPOSITORY_MAP}")
    return "\n".join(lines) + "\n"
