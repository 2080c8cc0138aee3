"""What a page states, section by section."""

from __future__ import annotations

from collections.abc import Iterator

from wikiagent.wiki.page import Environment, Heuristic, Prose, Statement


def statements(page: Environment | Heuristic) -> Iterator[tuple[str, Prose]]:
    """All prose of a page: the section (for a bullet of the insight its label) and the paragraph."""
    yield "Overview", page.overview
    yield "Description", page.description
    yield "Usage", (Statement(text=page.usage),)
    if isinstance(page, Heuristic):
        for bullet in page.insight:
            yield bullet.label, bullet.prose
        yield "Reasoning", page.reasoning
        return
    for row in page.requirements:
        for cell in ((Statement(text=row.category),), row.requirement, row.notes):
            yield "System Requirements", cell
    for section, items in (
        ("System Packages", page.system_packages),
        ("Python Packages", page.python_packages),
        ("Credentials", page.credentials),
        ("Compatibility Notes", page.compatibility),
    ):
        for item in items:
            yield section, item
    for error in page.errors:
        for cell in (error.message, error.cause, error.solution):
            yield "Common Errors", cell
