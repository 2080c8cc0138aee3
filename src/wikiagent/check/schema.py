"""SCH and NAM: whether a page has the parts that its type asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wikiagent.check.claims import statements
from wikiagent.check.finding import Finding
from wikiagent.wiki.page import Environment, Heuristic, PageKind

_UPDATED = re.compile(r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2} GMT$")


def check_schema(page: Environment | Heuristic) -> Iterator[Finding]:
    """Check that no section is empty, the metadata is there, and references and exhibits belong together."""

    def finding(code: str, message: str) -> Finding:
        return Finding(code, page.file, 0, message)

    for title, content in _sections(page):
        if not content:
            yield finding("SCH001", f"the section {title} is empty.")
    if isinstance(page, Heuristic) and not any(bullet.label == "Action" for bullet in page.insight):
        yield finding("SCH001", "The Insight has no Action.")
    if not page.metadata.revision:
        yield finding("SCH003", "the metadata table has no Source Revision.")
    if not _UPDATED.match(page.metadata.updated):
        yield finding("SCH003", "Last Updated is not of the form 2026-11-21 20:00 GMT.")
    if not page.metadata.domains:
        yield finding("SCH003", "the metadata table names no domain.")
    ids = [exhibit.id for exhibit in page.evidence]
    if ids != [f"e{n}" for n in range(1, len(ids) + 1)]:
        yield finding("SCH004", f"exhibits are numbered {', '.join(ids)}; they must be e1, e2, … in order.")
    used = {ref for _, prose, _ in statements(page) for statement in prose for ref in statement.refs}
    for ref in sorted(used - set(ids)):
        yield finding("SCH004", f"the reference {ref} names no exhibit.")
    if page.category is None:
        yield finding("SCH005", f"the page has no category of a {page.kind.value}.")


def _sections(page: Environment | Heuristic) -> Iterator[tuple[str, object]]:
    yield "Overview", page.overview
    yield "Description", page.description
    yield "Usage", page.usage
    if isinstance(page, Heuristic):
        yield "The Insight", page.insight
        yield "Reasoning", page.reasoning
    else:
        yield "System Requirements", page.requirements
        yield "Quick Install", page.quick_install


def check_name(kind: PageKind, name: str, file: str, repo: str) -> Iterator[Finding]:
    """Check that the file's name, the page's name and the prefix of the wiki agree."""
    if file != f"{kind.folder}/{name}.md":
        yield Finding("NAM001", file, 0, f"the page {name} belongs into {kind.folder}/{name}.md.")
    if not name.startswith(f"{repo}_"):
        yield Finding("NAM001", file, 0, f"the name {name} does not begin with the prefix {repo}_ of this wiki.")
