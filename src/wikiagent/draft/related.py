"""Which pages of the wiki a candidate applies to."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wikiagent.code.symbols import Symbols
from wikiagent.mine import words
from wikiagent.mine.candidates import Candidate
from wikiagent.mine.naming import plain_name
from wikiagent.wiki.graph import Wiki, WikiPage
from wikiagent.wiki.page import Link, PageKind

#: Most Implementation pages that one heuristic links.
MAX_IMPLEMENTATIONS = 4


def related_pages(candidate: Candidate, wiki: Wiki, symbols: Symbols, repo: str) -> tuple[Link, ...]:
    """The links of a candidate's page: Implementations by symbol, and what leads to them.

    An Implementation page belongs where its name is one of the candidate's owners, or an identifier that the
    evidence names. A Principle belongs where it is implemented by the first of these; a Workflow where it takes that
    Principle as a step and its text names an identifier of the evidence. Without any, the page of the nearest public
    symbol is wanted.
    """
    edge = "requires_env" if candidate.kind == "environment" else "uses_heuristic"
    pages = {page.name: page for page in wiki.pages.values() if page.kind is PageKind.IMPLEMENTATION}
    if candidate.signals[0].kind == "requirement":
        return tuple(Link(edge=edge, kind=PageKind.IMPLEMENTATION, name=name) for name in sorted(pages))
    found = list(dict.fromkeys(_implementations(candidate, pages, repo)))[:MAX_IMPLEMENTATIONS]
    links = [Link(edge=edge, kind=PageKind.IMPLEMENTATION, name=name) for name in found]
    if candidate.kind == "heuristic" and found:
        links += [Link(edge=edge, kind=kind, name=name) for kind, name in _around(candidate, wiki, found[0])]
    if not links:
        wanted = next((o for o in candidate.owners if symbols.is_public(o) and o == plain_name(o)), None)
        links = [Link(edge=edge, kind=PageKind.IMPLEMENTATION, name=f"{repo}_{wanted}")] if wanted else []
    return tuple(links)


def _implementations(candidate: Candidate, pages: dict[str, WikiPage], repo: str) -> Iterable[str]:
    for owner in candidate.owners:
        for form in (owner.replace(".", "_"), owner.rpartition(".")[2]):
            if f"{repo}_{plain_name(form)}" in pages:
                yield f"{repo}_{plain_name(form)}"
    for name in _named(candidate):
        if f"{repo}_{name}" in pages:
            yield f"{repo}_{name}"


def _named(candidate: Candidate) -> list[str]:
    """The identifiers that the leading evidence names or stands in."""
    leader = candidate.signals[0]
    return [
        leader.symbol.rpartition(".")[2],
        *leader.symbol.split("."),
        *words.identifiers(f"{leader.text} {leader.condition}"),
    ]


def _around(candidate: Candidate, wiki: Wiki, implementation: str) -> Iterable[tuple[PageKind, str]]:
    target = (PageKind.IMPLEMENTATION, implementation)
    principles = [edge.source for edge in wiki.edges if edge.edge == "implemented_by" and edge.target == target]
    names = [n for n in (candidate.signals[0].subject, *_named(candidate)) if len(n) > 3]
    for principle in principles[:2]:
        yield principle
        for edge in wiki.edges:
            if edge.edge == "step" and edge.target == principle:
                text = wiki.pages[edge.source].text
                if any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in names):
                    yield edge.source
