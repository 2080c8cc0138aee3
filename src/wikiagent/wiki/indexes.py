"""The five indexes: derived from the pages, never authored.

An index that is there keeps its text, its other tables, the order of its rows and the notes that others wrote; what the
pages contradict is put right. A page with a source revision is wikiagent's own: its row is derived whole. A page that
left the wiki and awaits review keeps its row, which says so, until it is decided.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

from wikiagent.wiki.graph import INDEX_FILES, LEAVES, PageId, Wiki, WikiPage
from wikiagent.wiki.page import CATEGORIES, PageKind, Prose, gap

NOTE_WIDTH = 100
"""Characters of a note, at most."""

_KNOWN = 4096
"""Pages whose notes and rows are kept between one edit and the next, at most."""

LEGEND = "**Legend:** `✅Type:Name` = page exists | `⬜Type:Name` = page needs creation"

AWAITING = "⬜ awaiting review since "
"""How the notes begin of a page that left the wiki when its source went on; the source follows."""

_COLUMNS = "| Page | File | Connections | Notes |\n|------|------|-------------|-------|"
_TRACKS = {
    PageKind.WORKFLOW: "Workflow pages and their connections to Principles, etc.",
    PageKind.PRINCIPLE: "Principle pages and their connections to Implementations, Workflows, etc.",
    PageKind.IMPLEMENTATION: "Implementation pages and their connections to Principles, Environments, etc.",
    PageKind.ENVIRONMENT: "Environment pages and which pages require them.",
    PageKind.HEURISTIC: "Heuristic pages and which pages they apply to.",
}
_ORDER = (
    PageKind.IMPLEMENTATION,
    PageKind.WORKFLOW,
    PageKind.PRINCIPLE,
    PageKind.ENVIRONMENT,
    PageKind.HEURISTIC,
)
"""In which order a derived row names its connections."""

_SHORT = {kind.short: kind for kind in PageKind} | {kind.value: kind for kind in PageKind}
_HEADER = re.compile(r"\|\s*Page\s*\|\s*File\s*\|\s*Connections\s*\|(.*)")
_CONNECTION = re.compile(r"(✅|⬜)\s*(\w+):(.+)")
_TOTAL = re.compile(r"\|\s*\*\*(Total)\*\*\s*\|\s*\*{0,2}(\d+)\*{0,2}\s*\|$")
_FILE_LINK = re.compile(r"\]\((?:\./)?([a-z]+/[^)\s/]+\.md)\)")
_COUNT = re.compile(r"[-*]\s+\*\*(.+?):\*\*\s*(\d+)")


class Connection(NamedTuple):
    """An entry such as `✅Impl:huggingface_peft_LoraConfig`; `kind` is its prefix as written."""

    exists: bool
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{'✅' if self.exists else '⬜'}{self.kind}:{self.name}"


class Row(NamedTuple):
    """A row of an index; `file` is the link's target from the root of the wiki, `line` 1-based."""

    page: str
    file: str
    connections: tuple[Connection, ...]
    notes: str
    line: int

    @property
    def awaits(self) -> bool:
        """Whether its page left the wiki and waits in the queue."""
        return self.notes.startswith(AWAITING)

    @property
    def name(self) -> str:
        """Full name of the page: that of the file, for some wikis shorten the name that they show."""
        return _stem(self.file) or self.page


@lru_cache(4 * _KNOWN)
def _stem(file: str) -> str:
    return PurePosixPath(file).stem


@dataclass(frozen=True)
class Index:
    """What an index says.

    Attributes:
        rows: its rows, in order.
        counts: the counts of its summary, by label.
        links: every page's file that it links to, from the root of the wiki, with its line; other tables too.
    """

    rows: tuple[Row, ...]
    counts: dict[str, int]
    links: dict[str, int]


def read_index(text: str) -> Index:
    """Read an index of any wiki: all tables that begin with Page, File and Connections."""
    rows = [row for number, line in _table_lines(_lines(text)) if (row := _read_row(line, number + 1))]
    counts = (_COUNT.match(line.strip()) or _TOTAL.match(line.strip()) for line in _lines(text))
    return Index(tuple(rows), {found[1]: int(found[2]) for found in counts if found}, _links(_lines(text)))


def _links(lines: Iterable[str]) -> dict[str, int]:
    return {file: number for number, line in enumerate(lines, 1) for file in _FILE_LINK.findall(line)}


def derive_indexes(wiki: Wiki) -> dict[str, str]:
    """The texts of the five indexes, by file, as the pages of a wiki make them.

    An index that is true already comes back as it is, to the letter.
    """
    joined = _connections(wiki)
    return {file: _derive(wiki, kind, joined) for kind, file in INDEX_FILES.items()}


def mark_awaiting(wiki: Wiki, since: Mapping[PageId, str | None]) -> dict[str, str]:
    """The indexes in which the rows of some pages say that they await review, by file.

    Args:
        wiki: the wiki, whose indexes have rows for these pages.
        since: the source by which the page no longer holds; None where it waits no more, and its row goes.
    """
    changed = {}
    for kind, file in INDEX_FILES.items():
        names = {name: source for (of, name), source in since.items() if of is kind}
        if not names:
            continue
        lines: list[str | None] = list(wiki.files.get(file, "").split("\n"))
        for number, line in _table_lines(_lines(wiki.files.get(file, ""))):
            row = _read_row(line, number + 1)
            name = next((n for n in (row.name, f"{wiki.repo}_{row.name}") if n in names), None) if row else None
            if row is None or name is None or (names[name] is None and not row.awaits):
                continue
            end = "\r" if str(lines[number]).endswith("\r") else ""
            cells = line.split("|")
            lines[number] = "|".join([*cells[:4], f" {AWAITING}{names[name]} |{end}"]) if names[name] else None
        changed[file] = "\n".join(line for line in lines if line is not None)
    return changed


def resolve(wiki: Wiki, connection: Connection) -> PageId | None:
    """The page that a connection means, whether it exists or not; None for an unknown prefix."""
    kind = _SHORT.get(connection.kind)
    if kind is None:
        return None
    full = f"{wiki.repo}_{connection.name}"
    return (kind, full) if (kind, full) in wiki.pages else (kind, connection.name)


@lru_cache(_KNOWN)  # a page that stays keeps its note
def note(page: WikiPage) -> str:
    """The Overview of a page as a note: one line without markup, cut at a word."""
    return textwrap.shorten(_plain(page.page.overview), NOTE_WIDTH, placeholder="…")


def _plain(prose: Prose) -> str:
    text = "".join(gap(statement.text) + statement.text for statement in prose)
    return text.replace("`", "").replace("|", "/")


def _connections(wiki: Wiki) -> dict[PageId, list[PageId]]:
    """For every page the pages at the other end of its edges, in the order of the links."""
    joined: dict[PageId, list[PageId]] = {}
    for edge in wiki.edges:
        for one, other in ((edge.source, edge.target), (edge.target, edge.source)):
            if other not in joined.setdefault(one, []):
                joined[one].append(other)
    return joined


def _derive(wiki: Wiki, kind: PageKind, joined: Mapping[PageId, list[PageId]]) -> str:
    file = INDEX_FILES[kind]
    existing = wiki.files.get(file, "")
    lines = _lines(existing) if existing.strip() else _empty_index(wiki, kind)
    if not any(_HEADER.match(line) for line in lines):
        lines += ["## Pages", "", *_COLUMNS.split("\n"), ""]
    pages = {name: page for (of, name), page in wiki.pages.items() if of is kind}
    lines = _summed_up(_with_rows(lines, wiki, pages, joined), kind, pages.values(), wiki.repo)
    return ("\r\n" if "\r\n" in existing else "\n").join(lines)


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n")


def _empty_index(wiki: Wiki, kind: PageKind) -> list[str]:
    article = "an" if kind.value[0] in "EI" else "a"
    return [
        f"# {kind} Index: {wiki.repo or ''}".rstrip(),
        "",
        f"> Tracks {_TRACKS[kind]}",
        f"> **Update IMMEDIATELY** after creating or modifying {article} {kind} page.",
        "",
        "## Pages",
        "",
        *_COLUMNS.split("\n"),
        "",
        "---",
        "",
        LEGEND,
        "",
    ]


def _table_lines(lines: list[str]) -> Iterable[tuple[int, str]]:
    """Index and text of the lines in the tables of pages, below their headers."""
    inside = False
    for number, line in enumerate(lines):
        if _HEADER.match(line):
            inside = True
        elif not line.startswith("|"):
            inside = False
        elif inside and not re.fullmatch(r"[|\s:-]+", line):
            yield number, line


@lru_cache(4 * _KNOWN)  # most rows stay in an edit, and each is read by several
def _read_row(line: str, number: int) -> Row | None:
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    if len(cells) < 3:
        return None
    link = re.search(r"\]\((?:\./)?([^)]*)\)", cells[1])
    found = (_CONNECTION.match(entry.strip()) for entry in cells[2].split(","))
    connections = tuple(Connection(entry[1] == "✅", entry[2], entry[3].strip()) for entry in found if entry)
    return Row(cells[0], link[1] if link else "", connections, " | ".join(cells[3:]), number)


def _with_rows(
    lines: list[str], wiki: Wiki, pages: Mapping[str, WikiPage], joined: Mapping[PageId, list[PageId]]
) -> list[str]:
    """The lines with one true row for each page; new rows stand sorted among sorted ones, else at the end."""
    rows: dict[int, tuple[str, str] | None] = {}
    for number, line in _table_lines(lines):
        row = _read_row(line, number + 1)
        page = (pages.get(row.name) or pages.get(f"{wiki.repo}_{row.name}")) if row else None
        rows[number] = None
        if row and page:
            rows[number] = page.name, _corrected(line, row, page, wiki, joined)
        elif row and row.awaits:
            rows[number] = row.name, _with_marks(line, row, wiki)
    listed = [row[0] for row in rows.values() if row]
    new = {name: _derived_row(page, wiki, joined) for name, page in pages.items() if name not in listed}
    start = min(rows, default=next(n + 2 for n, line in enumerate(lines) if _HEADER.match(line)))
    end = max(rows, default=start - 1) + 1
    if listed == sorted(listed) and len(rows) == end - start:
        body = sorted([*filter(None, rows.values()), *new.items()], key=lambda row: row[0])
        return [*lines[:start], *(line for _, line in body), *lines[end:]]
    kept = []
    for number, line in enumerate(lines[:end]):
        if number not in rows:
            kept.append(line)
        elif known := rows[number]:
            kept.append(known[1])
    return [*kept, *(new[name] for name in sorted(new)), *lines[end:]]


def _derived_row(page: WikiPage, wiki: Wiki, joined: Mapping[PageId, list[PageId]]) -> str:
    others = sorted(joined.get(page.id, []), key=lambda other: _ORDER.index(other[0]))
    connections = ", ".join(str(_connection(wiki, other)) for other in others)
    return f"| {page.name} | [→](./{page.file}) | {connections} | {note(page)} |"


def _connection(wiki: Wiki, page: PageId) -> Connection:
    return Connection(page in wiki.pages, page[0].short, page[1])


def _corrected(line: str, row: Row, page: WikiPage, wiki: Wiki, joined: Mapping[PageId, list[PageId]]) -> str:
    """The line of a row that is there, changed only where the pages contradict it.

    Somebody else's row keeps its notes, and its choice of connections among Workflow, Principle and Implementation.
    """
    if page.page.metadata.revision is not None or row.awaits:
        return _derived_row(page, wiki, joined)
    others = joined.get(page.id, [])
    targets = [resolve(wiki, connection) for connection in row.connections]
    connections = []
    for connection, target in zip(row.connections, targets, strict=True):
        exists = target in wiki.pages if target else connection.exists
        if exists or not connection.exists or target in others:
            connections.append(connection._replace(exists=exists))
    added = (other for other in others if other not in targets and LEAVES & {page.kind, other[0]})
    connections += [_connection(wiki, other) for other in added]
    if tuple(connections) == row.connections:
        return line
    cells = line.split("|")
    cells[3] = f" {', '.join(map(str, connections))} "
    return "|".join(cells)


def _with_marks(line: str, row: Row, wiki: Wiki) -> str:
    """The line of a row without a page, its connections marked as they exist."""
    marked = [c._replace(exists=resolve(wiki, c) in wiki.pages) for c in row.connections]
    cells = line.split("|")
    cells[3] = f" {', '.join(map(str, marked))} " if marked else cells[3]
    return "|".join(cells)


def _summed_up(lines: list[str], kind: PageKind, pages: Iterable[WikiPage], repo: str | None) -> list[str]:
    """The lines with true counts: the total wherever it is stated, the categories where pages have them."""
    total = re.compile(rf"([-*]\s+\*\*Total {kind}(?: Pages|s)?:\*\*\s*)(\d+)(.*)")
    names = [page.name for page in pages]
    short = {name: name.removeprefix(f"{repo}_").replace("_", " ") for name in names}
    categories = [
        f"- **{category} {kind}s:** {len(of)} ({', '.join(short[page.name] for page in of)})"
        for category, of in by_category(kind, pages).items()
        if of
    ]
    stated = next((number for number, line in enumerate(lines) if total.match(line)), None)
    if stated is None:
        counts = [f"- **Total {kind} Pages:** {len(names)}", *categories]
        return _before_legend(lines, ["## Summary", "", *counts, ""]) if categories else lines
    lines = [*lines[:stated], total.sub(rf"\g<1>{len(names)}\g<3>", lines[stated]), *lines[stated + 1 :]]
    if names and not categories:
        return lines
    counted = tuple(f"- **{category} {kind}s:**" for category in CATEGORIES.get(kind, ()))
    rest = [line for line in lines[stated + 1 :] if not (counted and line.startswith(counted))]
    return [*lines[: stated + 1], *categories, *rest]


def by_category(kind: PageKind, pages: Iterable[WikiPage]) -> dict[str, list[WikiPage]]:
    """The pages of each category of a type, as their links say, wherever on the page somebody put those."""
    pages = list(pages)
    return {
        str(category): [page for page in pages if f"[[Category:{category}_{kind}" in page.text]
        for category in CATEGORIES.get(kind, ())
    }


def _before_legend(lines: list[str], block: list[str]) -> list[str]:
    """The lines with a block, between rules, above the legend; at the end where there is none."""
    legend = next((number for number, line in enumerate(lines) if line.startswith("**Legend:**")), None)
    if legend is None:
        return [*lines, "---", "", *block]
    return [*lines[:legend], *block, "---", "", *lines[legend:]]
