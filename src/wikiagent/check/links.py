"""LNK: whether links lead somewhere, from both sides, between types that may be linked."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

from wikiagent.check.finding import Finding
from wikiagent.wiki.graph import EDGES, LEAVES, Wiki, WikiPage, edge_of
from wikiagent.wiki.page import PageKind

_KINDS = {kind.value: kind for kind in PageKind}
#: A link without a type: `[[repo_Name]]`, or in Markdown `[text](../principles/repo_Name.md)`.
_UNTYPED = re.compile(r"\[\[\s*([A-Za-z0-9][\w.-]*)\s*(?:\|[^\]\n]*)?\]\]|\]\((?![a-z]+:)([^)\s#]+\.md)(?:#[^)]*)?\)")
_EDGE_NAMES = {edge for _, edge, _ in EDGES}


def check_links(page: WikiPage, wiki: Wiki, is_public: Callable[[str], bool]) -> Iterator[Finding]:
    """Check the links of one page.

    Args:
        page: the page, which need not be in `wiki`.
        wiki: the pages that there are.
        is_public: whether a name (without the prefix) is a public symbol of the source, for which a page may be wanted.
    """
    yield from _untyped(page, wiki)
    for link in page.links:
        kind = _KINDS.get(link.kind)
        if kind is None and link.edge not in _EDGE_NAMES:
            continue  # a property of the page, such as its source or its domain
        if kind is None or edge_of(page.id, link) is None:
            # an Implementation's `implemented_by` may name its Principle: the foreign wikis write it from both sides
            if (page.kind, link.edge, kind) != (PageKind.IMPLEMENTATION, "implemented_by", PageKind.PRINCIPLE):
                message = f"{page.kind} pages have no edge {link.edge} with {link.kind} pages."
                yield Finding("LNK003", page.file, link.line, message, column=link.column)
            if kind is not None and (kind, link.name) not in wiki.pages:
                message = f"{link.kind}:{link.name} does not exist."
                yield Finding("LNK001", page.file, link.line, message, column=link.column)
            continue
        target = wiki.pages.get((kind, link.name))
        if target is None:
            local = link.name.removeprefix(f"{wiki.repo}_")
            if not (page.kind in LEAVES and kind is PageKind.IMPLEMENTATION and is_public(local)):
                message = f"{link.kind}:{link.name} does not exist, and no public symbol of that name wants it."
                yield Finding("LNK001", page.file, link.line, message, column=link.column)
        elif (page.kind in LEAVES) != (kind in LEAVES) and (page.kind.value, page.name) not in target.linked:
            back = f"[[{link.edge}::{page.kind}:{page.name}]]"
            message = f"{target.file} does not link back; add {back} to it."
            yield Finding("LNK002", page.file, link.line, message, fix=f"{target.file}: {back}", column=link.column)


def _untyped(page: WikiPage, wiki: Wiki) -> Iterator[Finding]:
    """LNK001 for links without a type, to pages of this wiki or to files."""
    for found in _UNTYPED.finditer(page.visible):
        name, file = found[1], found[2]
        if name is not None:
            exists = not name.startswith(f"{wiki.repo}_") or name in wiki.names
        else:
            beside = posixpath.normpath(posixpath.join(posixpath.dirname(page.file), file))
            exists = beside in wiki.files or posixpath.normpath(file.lstrip("/")) in wiki.files
        if not exists:
            line = page.visible.count("\n", 0, found.start()) + 1
            column = found.start() - page.visible.rfind("\n", 0, found.start())
            yield Finding("LNK001", page.file, line, f"{name or file} does not exist.", column=column)
