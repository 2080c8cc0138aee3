"""SCH and NAM: whether a page has the parts that its type asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wikiagent.check.finding import Finding, Severity
from wikiagent.check.reading import Reading
from wikiagent.wiki.graph import LEAVES
from wikiagent.wiki.markup import blocks
from wikiagent.wiki.page import CATEGORIES, PageKind

_UPDATED = re.compile(r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2} GMT$")
_OPENING = ("Overview", "Description", "Usage")
#: The sections of a type, in their order.
SECTIONS: dict[PageKind, tuple[str, ...]] = {
    PageKind.HEURISTIC: (
        *_OPENING,
        "The Insight (Rule of Thumb)",
        "Reasoning",
        "Code Evidence",
        "Related Pages",
    ),
    PageKind.ENVIRONMENT: (
        *_OPENING,
        "System Requirements",
        "Dependencies",
        "System Packages",
        "Python Packages",
        "Credentials",
        "Quick Install",
        "Code Evidence",
        "Common Errors",
        "Compatibility Notes",
        "Related Pages",
    ),
    **dict.fromkeys((PageKind.WORKFLOW, PageKind.PRINCIPLE, PageKind.IMPLEMENTATION), ("Overview",)),
}
#: Sections that may be empty: `Dependencies` only holds others, a page may apply to none, and CIT007 tells of quotes.
_MAY_BE_EMPTY = ("Dependencies", "Related Pages", "Code Evidence")


def check_schema(reading: Reading, source: str = "") -> Iterator[Finding]:
    """Check sections, metadata and categories of a page; pages of others get warnings for what they lack.

    Args:
        reading: the page.
        source: the source that the page is checked against, with its revision; empty where there is none.
    """
    yield from _sections(reading)
    yield from _stale(reading, source)
    if reading.kind in LEAVES:
        yield from _metadata(reading)
        yield from _numbering(reading)
        yield from _category(reading)


def _finding(reading: Reading, code: str, offset: int | None, message: str) -> Finding:
    line, column = reading.position(offset) if offset is not None else (0, 0)
    severity = Severity.ERROR if reading.is_own else Severity.WARNING
    return Finding(code, reading.file, line, message, severity, column=column)


def _sections(reading: Reading) -> Iterator[Finding]:
    wanted = SECTIONS[reading.kind]
    found = [heading for heading in reading.headings if heading.title in wanted]
    titles = [heading.title for heading in found]
    for title in wanted:
        if title not in titles and not _has_lead(reading, title):
            yield _finding(reading, "SCH001", None, f"there is no section {title}.")
    for number, heading in enumerate(found):
        if heading.title in titles[:number]:
            yield _finding(reading, "SCH007", heading.start, f"the section {heading.title} stands there twice.")
        elif number and wanted.index(heading.title) < max(wanted.index(title) for title in titles[:number]):
            before = wanted[wanted.index(heading.title) + 1]
            yield _finding(reading, "SCH007", heading.start, f"the section {heading.title} belongs before {before}.")
        if heading.title not in _MAY_BE_EMPTY and not _has_content(reading, heading.start, heading.end, heading.title):
            yield _finding(reading, "SCH001", heading.start, f"the section {heading.title} is empty.")
    if reading.is_own and "The Insight (Rule of Thumb)" in titles and not _has_action(reading):
        yield _finding(reading, "SCH001", None, "The Insight has no Action.")


def _has_action(reading: Reading) -> bool:
    return any(statement.section == "Action" for statement in reading.statements)


def _has_lead(reading: Reading, title: str) -> bool:
    """Whether a page of others has its overview above the first heading."""
    return title == "Overview" and not reading.is_own and bool(re.search(r"^>\s*\S|^\w", reading.lead, re.M))


def _has_content(reading: Reading, start: int, end: int, title: str) -> bool:
    following = [heading for heading in reading.headings if heading.start == end]
    level = next(heading.level for heading in reading.headings if heading.start == start)
    if following and following[0].level > level and title not in _OPENING:
        return True  # it holds other sections
    begins = reading.text.find("\n", start, end)
    body = reading.text[begins:end] if begins >= 0 else ""
    if not reading.is_own:
        return bool(body.strip())
    if title == "Quick Install":
        return any(block.group("body") and block.group("body").strip() for block in blocks(body))
    if title == "Common Errors":
        return bool(body.strip())
    body = re.sub(r"<references\b.*?</references\s*>", "", body, flags=re.S)
    body = re.sub(r"^(?:\{\||\|\}|\|-|!|'''Source:''').*$", "", body, flags=re.M)
    return any(c.isalnum() for c in body)


def _stale(reading: Reading, source: str) -> Iterator[Finding]:
    """SCH003 for a page that was written from another revision of the source."""
    if source and reading.revision and _package(source) == _package(reading.revision) and source != reading.revision:
        at = reading.text.find("[[source_revision::")
        written = f"the page was written from {reading.revision}, not from {source}"
        yield _finding(reading, "SCH003", at, f"{written}; `wikiagent refresh` follows releases.")


def _metadata(reading: Reading) -> Iterator[Finding]:
    lead = reading.lead
    if not reading.revision:
        yield _finding(reading, "SCH003", None, "the metadata table has no Source Revision.")
    updated = re.search(r"\[\[last_updated::([^|\]\n]*)\]\]", lead)
    if not updated or not _UPDATED.match(updated[1]):
        place = updated.start() if updated else None
        yield _finding(reading, "SCH003", place, "Last Updated is not of the form 2026-11-21 20:00 GMT.")
    if not re.search(r"\[\[domain::[^\]|\n]+\]\]", lead):
        yield _finding(reading, "SCH003", None, "the metadata table names no domain.")


def _package(source: str) -> str:
    return source.partition("==")[0].rpartition("@")[0] or source.partition("==")[0]


def _numbering(reading: Reading) -> Iterator[Finding]:
    ids = reading.reference_ids
    if reading.is_own and list(ids) != [f"e{number}" for number in range(1, len(ids) + 1)]:
        at = reading.text.find("<references")
        message = f"exhibits are numbered {', '.join(ids)}; they must be e1, e2, … in order."
        yield _finding(reading, "SCH004", max(at, 0), message)


def _category(reading: Reading) -> Iterator[Finding]:
    names = {f"{category}_{reading.kind}" for category in CATEGORIES[reading.kind]}
    if not names & set(re.findall(r"\[\[Category:\s*([^|\]\n]+?)\s*(?:\|[^\]\n]*)?\]\]", reading.visible)):
        yield _finding(reading, "SCH005", None, f"the page has no category of its type, as {sorted(names)[0]}.")


def check_name(kind: PageKind, name: str, file: str, repo: str) -> Iterator[Finding]:
    """Check that the file's name, the page's name and the prefix of the wiki agree."""
    if file != f"{kind.folder}/{name}.md":
        yield Finding("NAM001", file, 0, f"the page {name} belongs into {kind.folder}/{name}.md.")
    if not name.startswith(f"{repo}_"):
        yield Finding("NAM001", file, 0, f"the name {name} does not begin with the prefix {repo}_ of this wiki.")
