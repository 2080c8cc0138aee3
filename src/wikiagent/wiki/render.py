"""Pages as MediaWiki text."""

from __future__ import annotations

from collections.abc import Iterable

from wikiagent.source.evidence import Place
from wikiagent.wiki.markup import escape, highlighted, label, section
from wikiagent.wiki.page import (
    NONE_STATED,
    Environment,
    ErrorRow,
    Exhibit,
    Heuristic,
    Implementation,
    KnowledgeSource,
    Link,
    Metadata,
    Page,
    Principle,
    Prose,
    Requirement,
    Workflow,
    gap,
)


def render(page: Page) -> str:
    """The text of a page's file, as MediaWiki takes it. `mediawiki.parse` reads the same page back from it."""
    if isinstance(page, Heuristic):
        body = _heuristic(page)
    elif isinstance(page, Environment):
        body = _environment(page)
    else:
        body = _authored(page)
    blocks = [_metadata(page.metadata), *body, _related(page.related), _categories(page)]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _heuristic(page: Heuristic) -> list[str]:
    insight = [f"* '''{bullet.label}:''' {prose(bullet.prose)}" for bullet in page.insight]
    return [
        *_opening(page),
        section(2, "The Insight (Rule of Thumb)", "\n".join(insight)),
        section(2, "Reasoning", prose(page.reasoning, line_start=True)),
        *_evidence(page.evidence),
    ]


def _environment(page: Environment) -> list[str]:
    requirements = _table(("Category", "Requirement", "Notes"), map(_requirement, page.requirements))
    install = f'<syntaxhighlight lang="bash">\n{highlighted(page.quick_install)}\n</syntaxhighlight>'
    return [
        *_opening(page),
        section(2, "System Requirements", requirements),
        section(2, "Dependencies"),
        section(3, "System Packages", _list(page.system_packages) or f"* {NONE_STATED}"),
        section(3, "Python Packages", _list(page.python_packages) or f"* {NONE_STATED}"),
        section(2, "Credentials", _list(page.credentials) or f"{NONE_STATED.capitalize()}."),
        section(2, "Quick Install", install if page.quick_install else ""),
        *_evidence(page.evidence),
        section(2, "Common Errors", _table(("Error Message", "Cause", "Solution"), map(_error_row, page.errors))),
        section(2, "Compatibility Notes", _list(page.compatibility) or f"* {NONE_STATED}"),
    ]


def _authored(page: Workflow | Principle | Implementation) -> list[str]:
    places = ", ".join(f"<code>{label(from_line(place))}</code>" for place in page.source)
    overview = [prose(page.overview, line_start=True), f"'''Source:''' {places or 'not stated'}"]
    return [
        section(2, "Overview", "\n\n".join(filter(None, overview))),
        section(2, "Description", prose(page.description, line_start=True)),
        *(section(part.level, part.title, part.text) for part in page.sections),
    ]


def from_line(place: Place) -> str:
    """A place as pages about a symbol write it: `path:Lfirst-last`."""
    return f"{place.path}:L{place.first}" + (f"-{place.last}" if place.last != place.first else "")


def _opening(page: Heuristic | Environment) -> list[str]:
    return [
        section(2, "Overview", prose(page.overview, line_start=True)),
        section(3, "Description", prose(page.description, line_start=True)),
        section(3, "Usage", escape(page.usage, line_start=True)),
    ]


def prose(statements: Prose, *, line_start: bool = False, cell: bool = False) -> str:
    """A paragraph as wiki text: each statement with its references behind it."""
    out = ""
    for statement in statements:
        text = escape(statement.text, line_start=line_start and not out, cell=cell)
        out += (gap(statement.text) if out else "") + text
        out += "".join(f'<ref name="{ref}" />' for ref in statement.refs)
    return out


def _list(items: Iterable[Prose]) -> str:
    return "\n".join(f"* {prose(item)}" for item in items)


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ['{| class="wikitable"', f"! {' !! '.join(columns)}"]
    for row in rows:
        lines += ["|-", f"| {' || '.join(row)}"]
    return "\n".join([*lines, "|}"])


def _requirement(row: Requirement) -> tuple[str, ...]:
    return escape(row.category, cell=True), prose(row.requirement, cell=True), prose(row.notes, cell=True)


def _error_row(row: ErrorRow) -> tuple[str, ...]:
    return prose(row.message, cell=True), prose(row.cause, cell=True), prose(row.solution, cell=True)


def _evidence(exhibits: tuple[Exhibit, ...]) -> list[str]:
    if not exhibits:
        return [section(2, "Code Evidence")]
    references = [f'<ref name="{exhibit.id}">{citation(exhibit)}</ref>' for exhibit in exhibits]
    return [
        section(2, "Code Evidence"),
        *map(_exhibit, exhibits),
        "\n".join(["<references>", *references, "</references>"]),
    ]


def _exhibit(exhibit: Exhibit) -> str:
    caption = f"{escape(exhibit.caption, line_start=True)}, from" if exhibit.caption else "From"
    tag = f'<syntaxhighlight lang="{exhibit.language}" line start="{exhibit.first}">'
    code = highlighted(exhibit.code)
    return f"{caption} <code>{label(str(exhibit.place))}</code>:\n{tag}\n{code}\n</syntaxhighlight>"


def citation(exhibit: Exhibit) -> str:
    """What a reference of the list says: the place, linked where there is an address."""
    place = label(str(exhibit.place))
    return f"[{label(exhibit.url)} {place}]" if exhibit.url else place


def _metadata(metadata: Metadata) -> str:
    sources = "".join(f"\n* {_knowledge_source(source)}" for source in metadata.sources)
    rows = {
        "Knowledge Sources": sources,
        "Domains": " " + ", ".join(f"[[domain::{label(domain)}]]" for domain in metadata.domains),
        "Source Revision": f" [[source_revision::{label(metadata.revision or '')}]]",
        "Last Updated": f" [[last_updated::{label(metadata.updated)}]]",
    }
    given = (metadata.sources, metadata.domains, metadata.revision, metadata.updated)
    lines = [f"|-\n! {name}\n|{cell}" for (name, cell), value in zip(rows.items(), given, strict=True) if value]
    if not lines:
        return ""
    style = 'class="wikitable" style="float:right; margin-left:1em; width:300px;"'
    return "\n".join([f"{{| {style}", *lines, "|}"])


def _knowledge_source(source: KnowledgeSource) -> str:
    return f"[[source::{label(source.kind)}|{label(source.title)}|{label(source.url)}]]"


def _related(links: Iterable[Link]) -> str:
    return section(2, "Related Pages", "\n".join(f"* {link_text(link)}" for link in links))


def link_text(link: Link) -> str:
    """A link as it stands in a page: `[[edge::Kind:name]]`."""
    return f"[[{link.edge}::{link.kind}:{link.name}]]"


def _categories(page: Page) -> str:
    names = [page.kind.value, *page.topics]
    if isinstance(page, Heuristic | Environment) and page.category:
        names.insert(1, f"{page.category}_{page.kind}")
    return "\n".join(f"[[Category:{label(name)}]]" for name in names)
