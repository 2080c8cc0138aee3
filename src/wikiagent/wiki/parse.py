"""Reading pages: wikiagent's own exactly, anybody else's as far as they can be understood.

What cannot be placed in the schema is left out; no text makes this fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import count
from typing import TypeVar

from wikiagent.source.evidence import Place
from wikiagent.wiki.markup import Part, blocks, category_lines, mask, outline, plain, quoted, unescape
from wikiagent.wiki.page import (
    Bullet,
    Environment,
    EnvironmentCategory,
    ErrorRow,
    Exhibit,
    Heuristic,
    HeuristicCategory,
    Implementation,
    KnowledgeSource,
    Link,
    Metadata,
    Page,
    PageKind,
    Principle,
    Prose,
    Requirement,
    Section,
    Statement,
    Workflow,
)

_REFERENCES = re.compile(r'(?:<ref\s+name\s*=\s*"?[^"<>/]*"?\s*/>\s*)+', re.I)
_REFERENCE_NAME = re.compile(r'name\s*=\s*"?(e[1-9][0-9]*)"?\s*/>', re.I)
REFERENCE_TEXT = re.compile(
    r'<ref\s+name\s*=\s*"?(?P<id>e[1-9][0-9]*)"?\s*>(?:\[(?P<url>https?://\S+) (?P<linked>.*?)\]|(?P<bare>.*?))</ref>',
    re.I,
)
_RANGE = r":L?(?P<first>[0-9]{1,9})(?:\s*[-–]\s*L?(?P<last>[0-9]{1,9}))?"
CITATION = re.compile(rf"(?:`|<code>)(?P<path>[^`<>\n]+?){_RANGE}(?:`|</code>)")
_BARE_CITATION = re.compile(rf"(?<![\w/.\-])(?P<path>[\w.\-]+(?:/[\w.\-]+)*\.\w+){_RANGE}")
_BEFORE_CITATION = re.compile(r"(?:, from|^From| from| in)\s*$")
_BULLET_LABEL = re.compile(
    r"(?:'''|\*\*)(Action|Value|Trade-off|Compatibility)(?::(?:'''|\*\*)|(?:'''|\*\*):)(.*)", re.S
)
_LIST_ITEM = re.compile(r"^\s*(?:[*#:]+|-|\d+\.)\s+(.*)$")
_LINE_MARKS = re.compile(r"^\s*(?:[*#:;]+\s+|-\s+|>\s?|\d+\.\s+(?=\*\*))")
_TYPED_LINK = re.compile(r"\[\[\s*([A-Za-z]\w*)::(\w+):([A-Za-z0-9][\w.\-]*)\s*(?:\|[^\]\n]*)?\]\]", re.A)
_CELL = r"(?:(?!\[\[)[^|\]\n])*"
_KNOWLEDGE = re.compile(rf"\[\[source::({_CELL})\|({_CELL})\|({_CELL})\]\]")
SOURCE_LINE = "'''Source:'''"

_AUTHORED: dict[PageKind, type[Workflow] | type[Principle] | type[Implementation]] = {
    PageKind.WORKFLOW: Workflow,
    PageKind.PRINCIPLE: Principle,
    PageKind.IMPLEMENTATION: Implementation,
}

_Category = TypeVar("_Category", HeuristicCategory, EnvironmentCategory)


def parse(text: str, kind: PageKind, name: str) -> Page:
    """Read a page's file.

    Args:
        text: its text, of any origin.
        kind: its type, by its folder.
        name: its full name, by its file.
    """
    text = text.encode("utf-8", "replace").decode().replace("\r\n", "\n")
    lines = text.split("\n")
    categories = list(category_lines(lines))
    lead, parts = outline("\n".join(lines[: categories[0][0]] if categories else lines))
    reader = _Reader(lead, parts, tuple(category for _, category in categories))
    if kind is PageKind.HEURISTIC:
        return _heuristic(name, reader)
    if kind is PageKind.ENVIRONMENT:
        return _environment(name, reader)
    return _authored(_AUTHORED[kind], name, reader)


class _Reader:
    """A page cut up, with its sections by title."""

    def __init__(self, lead: str, parts: tuple[Part, ...], topics: tuple[str, ...]) -> None:
        self.lead = lead
        self.parts = parts
        self.topics = topics

    def find(self, *titles: str) -> Part | None:
        """The first part with one of the titles."""
        return next((part for part in self.parts if part.title.casefold() in titles), None)

    def text(self, *titles: str) -> str:
        part = self.find(*titles)
        return part.text if part else ""

    def last(self, title: str) -> Part | None:
        return next((part for part in reversed(self.parts) if part.title.casefold() == title), None)

    def evidence(self) -> str:
        """The section of quotes; where a page has none, all its text, for quotes may stand anywhere."""
        part = self.find("code evidence")
        return part.text if part else "\n\n".join(part.text for part in self.parts)

    def metadata(self) -> Metadata:
        sources = [
            KnowledgeSource(kind=unescape(kind), title=unescape(title), url=unescape(url))
            for kind, title, url in _KNOWLEDGE.findall(self.lead)
        ]
        revisions, updated = self._values("source_revision"), self._values("last_updated")
        return Metadata(
            sources=tuple(sources),
            domains=self._values("domain"),
            revision=revisions[0] if revisions else None,
            updated=updated[0] if updated else "",
        )

    def _values(self, prop: str) -> tuple[str, ...]:
        return tuple(unescape(value) for value in re.findall(rf"\[\[{prop}::({_CELL})\]\]", self.lead))

    def related(self) -> tuple[Link, ...]:
        part = self.last("related pages")
        found = _TYPED_LINK.findall(mask(part.text)) if part else []
        kinds = {kind.value: kind for kind in PageKind}
        return tuple(Link(edge=edge, kind=kinds[kind], name=name) for edge, kind, name in found if kind in kinds)


def _heuristic(name: str, reader: _Reader) -> Heuristic:
    insight = reader.find("the insight (rule of thumb)", "the insight", "insight", "rule of thumb")
    return Heuristic(
        name=name,
        metadata=reader.metadata(),
        overview=_prose(reader.text("overview")),
        description=_prose(reader.text("description")),
        usage=_plain_prose(reader.text("usage")),
        insight=tuple(_bullets(insight.text if insight else "")),
        reasoning=_prose(reader.text("reasoning")),
        evidence=_evidence(reader.evidence()),
        related=reader.related(),
        topics=reader.topics,
        category=_category(reader.topics, PageKind.HEURISTIC, HeuristicCategory),
    )


def _environment(name: str, reader: _Reader) -> Environment:
    install = next(blocks(reader.text("quick install")), None)
    return Environment(
        name=name,
        metadata=reader.metadata(),
        overview=_prose(reader.text("overview")),
        description=_prose(reader.text("description")),
        usage=_plain_prose(reader.text("usage")),
        requirements=tuple(
            Requirement(category=plain(category), requirement=_statements(requirement), notes=_statements(notes))
            for category, requirement, notes in _rows(reader.text("system requirements"))
        ),
        system_packages=_items(reader.text("system packages")),
        python_packages=_items(reader.text("python packages")),
        credentials=_items(reader.text("credentials")),
        quick_install=_code(install) if install else "",
        evidence=_evidence(reader.evidence()),
        errors=tuple(
            ErrorRow(message=_statements(message), cause=_statements(cause), solution=_statements(solution))
            for message, cause, solution in _rows(reader.text("common errors"))
        ),
        compatibility=_items(reader.text("compatibility notes")),
        related=reader.related(),
        topics=reader.topics,
        category=_category(reader.topics, PageKind.ENVIRONMENT, EnvironmentCategory),
    )


def _authored(
    page: type[Workflow] | type[Principle] | type[Implementation], name: str, reader: _Reader
) -> Workflow | Principle | Implementation:
    overview, description = reader.find("overview"), reader.find("description", "concept")
    owned = (overview, description, reader.last("related pages"))
    quotes = [line for line in reader.lead.split("\n") if line.startswith(">")]
    rest = [part for part in reader.parts if not any(part is other for other in owned)]
    return page(
        name=name,
        metadata=reader.metadata(),
        overview=_prose(overview.text if overview else "") or _prose("\n".join(quotes)),
        description=_prose(description.text if description else ""),
        source=_source(reader),
        sections=tuple(Section(level=part.level, title=part.title, text=part.text) for part in rest),
        related=reader.related(),
        topics=reader.topics,
    )


def _category(topics: Iterable[str], kind: PageKind, categories: type[_Category]) -> _Category | None:
    by_link = {f"{category}_{kind}": category for category in categories}
    return next((by_link[topic] for topic in topics if topic in by_link), None)


def _prose(text: str) -> Prose:
    """The running text of a section as one paragraph, without its tables, code, rules and list marks."""
    lines = []
    for line in mask(text).split("\n"):
        if not re.match(r"\s*(?:[|!]|\{\||-{3,}|'''Source:''')", line):
            lines.append(_LINE_MARKS.sub("", line))
    return _statements(" ".join(filter(None, lines)))


def _plain_prose(text: str) -> str:
    return " ".join(statement.text for statement in _prose(text))


def _statements(wikitext: str) -> Prose:
    """A paragraph cut behind each run of references."""
    out, end = [], 0
    for run in _REFERENCES.finditer(wikitext):
        refs = tuple(_REFERENCE_NAME.findall(run[0]))
        out.append(Statement(text=plain(wikitext[end : run.start()]), refs=refs))
        end = run.end()
    rest = plain(wikitext[end:])
    return (*out, Statement(text=rest)) if rest.strip() else tuple(out)


def _list(text: str) -> list[str]:
    """The items of a list, each with the lines that continue it."""
    items: list[str] = []
    for line in mask(text).split("\n"):
        if found := _LIST_ITEM.match(line):
            items.append(found[1])
        elif items and line.strip():
            items[-1] += f" {line.strip()}"
    return items


def _items(text: str) -> tuple[Prose, ...]:
    return tuple(_statements(item) for item in _list(text))


def _bullets(text: str) -> Iterable[Bullet]:
    for item in _list(text):
        if found := _BULLET_LABEL.match(item):
            yield Bullet.model_validate({"label": found[1], "prose": _statements(found[2])})


def _rows(text: str) -> list[tuple[str, str, str]]:
    """The rows of a table, of MediaWiki or Markdown, as three cells each, without the header."""
    rows: list[tuple[str, str, str]] = []
    for line in mask(text).split("\n"):
        if "||" not in line and "-" in line and re.fullmatch(r"\|[\s:|-]*\|\s*", line):
            rows = rows[:-1]
        elif line.startswith("|") and not line.startswith(("|-", "|+", "|}")):
            body = line.removeprefix("||").removeprefix("|")
            cells = body.split("||") if "||" in body else body.rstrip().removesuffix("|").split("|")
            first, second, third, *_ = [cell.strip() for cell in cells] + [""] * 3
            rows.append((first, second, third))
    return rows


def _evidence(text: str) -> tuple[Exhibit, ...]:
    """Each block of code whose caption names a place."""
    known = _references(text)
    taken = {ref for refs in known.values() for ref, _ in refs}
    free = (ref for number in count(1) if (ref := f"e{number}") not in taken)
    exhibits, end = [], 0
    for block in blocks(text):
        caption = text[end : block.start()].strip().rpartition("\n")[2]
        end = block.end()
        cited = list(CITATION.finditer(caption))
        if not cited:
            continue
        place = _place(cited[-1])
        given = known.get(str(place))
        ref, url = given.pop(0) if given else (next(free), None)
        exhibits.append(
            Exhibit(
                id=ref,
                caption=plain(_BEFORE_CITATION.sub("", caption[: cited[-1].start()])),
                path=place.path,
                first=place.first,
                last=place.last,
                code=_code(block),
                language=_language(block),
                url=url,
            )
        )
    return tuple(exhibits)


def _references(text: str) -> dict[str, list[tuple[str, str | None]]]:
    """The list-defined references, by the place that they name: id and link."""
    out: dict[str, list[tuple[str, str | None]]] = {}
    for found in REFERENCE_TEXT.finditer(mask(text)):
        place = unescape(found["linked"] if found["url"] else found["bare"])
        out.setdefault(place, []).append((found["id"], unescape(found["url"]) if found["url"] else None))
    return out


def _place(found: re.Match[str]) -> Place:
    first = int(found["first"])
    return Place(unescape(found["path"]), first, int(found["last"] or first))


def _source(reader: _Reader) -> tuple[Place, ...]:
    """Where the subject stands: wikiagent's own line of it, else what a foreign page's tables and lists name."""
    overview = reader.text("overview")
    for line in overview.split("\n"):
        if line.startswith(SOURCE_LINE):
            return tuple(map(_place, CITATION.finditer(line)))
    for text in (overview, reader.text("source location"), reader.text("code reference")):
        found = list(CITATION.finditer(mask(text))) or list(_BARE_CITATION.finditer(mask(text)))
        if found:
            return tuple(dict.fromkeys(map(_place, found)))
    return ()


def _code(block: re.Match[str]) -> str:
    return quoted(block["body"]) if block["tag"] else block["fenced"]


def _language(block: re.Match[str]) -> str:
    if block["tag"]:
        given = re.search(r'\blang\s*=\s*"?([\w+#.\-]+)', block["attributes"], re.A)
        return given[1] if given else "python"
    given = re.match(r"\s*([\w+#.\-]+)", block["info"], re.A)
    return given[1] if given else "text"
