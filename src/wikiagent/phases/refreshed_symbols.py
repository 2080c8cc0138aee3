"""What becomes of the Implementation pages that phase 2 wrote, and of the repository map, when their source goes on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from wikiagent.check.citations import Standing, check_citations
from wikiagent.check.reading import Reading
from wikiagent.phases.phase0 import MARK, map_file, repository_map
from wikiagent.phases.phase2 import implementation_pages
from wikiagent.phases.refreshed_pages import Origin, Origins, stray_citations
from wikiagent.wiki.graph import Wiki, WikiPage
from wikiagent.wiki.mediawiki import render
from wikiagent.wiki.page import Implementation, Link, PageKind
from wikiagent.wiki.rewrite import with_source


@dataclass
class SymbolPages:
    """What is done about pages of symbols.

    Attributes:
        changes: new texts by file; None for a page that leaves.
        derived: names of the pages that are as phase 2 wrote them: derived anew.
        edited: those that a person edited: only the place and the signature of their symbol follow.
        gone: those whose symbol the new source does not export.
        lost: the texts of those of `gone` that a person had edited, by name.
        new: those that are made for symbols that had no page.
    """

    changes: dict[str, str | None] = field(default_factory=dict)
    derived: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    lost: dict[str, str] = field(default_factory=dict)
    new: list[str] = field(default_factory=list)


def refresh_symbols(
    wiki: Wiki, sources: Collection[str], origins: Origins, new: Origin, paths: Sequence[str]
) -> SymbolPages:
    """Derive anew what phases 0 and 2 wrote; a wiki whose Implementation pages are of others keeps them as they are."""
    done = SymbolPages()
    source = new.context.snapshot.source
    written = {p: p.page.metadata.revision for p in wiki.pages.values() if p.kind is PageKind.IMPLEMENTATION}
    own = {page: revision for page, revision in written.items() if revision and revision in sources}
    if not own:
        return done
    now = {page.name: page for page in implementation_pages(new.context)}
    before: dict[str, dict[str, Implementation]] = {}
    for page, revision in own.items():
        if revision == source:
            continue
        if revision not in before:
            old = origins(revision)
            before[revision] = {p.name: p for p in implementation_pages(old.context)} if old else {}
        _follow(page, before[revision].get(page.name), now.get(page.name), done, origins(revision), new)
    for name, derived in now.items():
        if (PageKind.IMPLEMENTATION, name) not in wiki.pages:
            done.new.append(name)
            done.changes[derived.file] = render(derived.model_copy(update={"related": _pointing(wiki, name)}))
    file = map_file(new.context.repo)
    if MARK in wiki.files.get(file, ""):
        context = new.context
        done.changes[file] = repository_map(context.snapshot, paths, context.symbols, context.repo)
    return done


def _follow(
    page: WikiPage,
    old: Implementation | None,
    new: Implementation | None,
    done: SymbolPages,
    origin: Origin | None,
    latest: Origin,
) -> None:
    """One page, with what phase 2 made of its symbol in the old source and makes of it in the new one."""
    said = page.page
    assert isinstance(said, Implementation)
    as_written = old is not None and render(_dated(old, said)) == page.text.replace("\r\n", "\n")
    if new is None:
        done.gone.append(page.name)
        done.changes[page.file] = None
        if not as_written:
            done.lost[page.name] = page.text
    elif as_written:
        done.derived.append(page.name)
        done.changes[page.file] = render(new.model_copy(update={"related": said.related}))
    else:
        done.edited.append(page.name)
        revision, updated = new.metadata.revision or "", new.metadata.updated
        places = (said.source or new.source)[0], new.source[0]
        text = with_source(page.text, *places, revision, updated)
        for mine, derived in zip(old.sections if old else (), new.sections, strict=False):
            text = text.replace(mine.text, derived.text)  # the signature, where nobody changed it
        done.changes[page.file] = text
        if _untrue(page, text, origin, latest):
            done.changes[page.file] = render(new.model_copy(update={"related": said.related}))
            done.lost[page.name] = page.text


def _untrue(page: WikiPage, text: str, old: Origin | None, new: Origin) -> bool:
    """Whether an edited page has a citation that does not hold in the new source, or has lost what it means."""
    reading = Reading(page.file, page.kind, page.name, text)
    refuted = any(v.standing is Standing.REFUTED for v in check_citations(reading, new.context.checked))
    return refuted or bool(stray_citations(page, old, new))


def _dated(page: Implementation, like: Implementation) -> Implementation:
    """A page as phase 2 makes it, with the links and the date of the one in the wiki."""
    metadata = page.metadata.model_copy(update={"updated": like.metadata.updated})
    return page.model_copy(update={"related": like.related, "metadata": metadata})


def _pointing(wiki: Wiki, name: str) -> tuple[Link, ...]:
    """Links back to the Environments and Heuristics that name a page which there was not."""
    id_ = (PageKind.IMPLEMENTATION, name)
    found = [edge for edge in wiki.edges if edge.source == id_ and edge.target in wiki.pages]
    return tuple(Link(edge=edge.edge, kind=edge.target[0], name=edge.target[1]) for edge in found)
