"""LNK: whether links lead somewhere, from both sides, between types that may be linked."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

from wikiagent.check.finding import Finding
from wikiagent.wiki.graph import LEAVES, Wiki, WikiPage, edge_of
from wikiagent.wiki.page import PageKind

_KINDS = {kind.value: kind for kind in PageKind}
#: A link without a type: `[[repo_Name]]`, or in Markdown `[text](../principles/repo_Name.md)`.
_UNTYPED = re.compile(r"\[\[\s*([A-Za-z0-9][\w.-]*)\s*(?:\|[^\]\n]*)?\]\]|\]\((?![a-z]+:)([^)\s#]+\.md)(?:#[^)]*)?\)")
#: What is written like a link and is a property of the page.
_PROPERTIES = frozenset(["source", "domain", "last_updated", "source_revision"])
#: Other wikis write this edge from its other end too.
_INVERSE = frozenset((PageKind.IMPLEMENTATION, edge, PageKind.PRINCIPLE) for edge in ("implemented_by", "implements"))


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
        if link.edge in _PROPERTIES:
            continue
        if kind is None or edge_of(page.id, link) is None:
            if (page.kind, link.edge, kind) not in _INVERSE:
                message = f"{page.kind} pages have no edge {link.edge} with {link.kind} pages."
                yield Finding("LNK003", page.file, link.line, message, column=link.column)
            missing = (kind, link.name) not in wiki.pages if kind else link.name.startswith(f"{wiki.repo}_")
            if missing and link.name not in (wiki.names if kind is None else ()):
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
    if ".md" not in page.text and f"[[{wiki.repo}_" not in page.text.replace("[[ ", "[["):
        return
    for found in _UNTYPED.finditer(page.visible):
        name, file = found[1], found[2]
        if name is not None:
            exists = not name.startswith(f"{wiki.repo}_") or name in wiki.names
        else:
            beside = posixpath.normpath(posixpath.join(posixpath.dirname(page.file), file))
            exists = beside in wiki.files or posixpath.normpath(file.lstrip("/")) in wiki.files
        if not exists:
            start = found.start() if name is not None else found.start(2)
            line = page.visible.count("\n", 0, start) + 1
            column = start - page.visible.rfind("\n", 0, start)
            near = [
                known.file for known in wiki.pages.values() if file and known.file.endswith(posixpath.basename(file))
            ]
            hint = f" Did you mean {near[0]}?" if near else ""
            yield Finding("LNK001", page.file, line, f"{name or file} does not exist.{hint}", column=column)
