"""CLM: whether the statements of a page go beyond their evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from wikiagent.check.finding import Finding
from wikiagent.code.vocabulary import Vocabulary
from wikiagent.wiki.page import Environment, Heuristic, Prose, Statement

#: Phrases that the program itself writes where the source is silent; they need no evidence.
FIXED = re.compile(r"^(none stated in the source|not stated in the source|the source states no reason)\.?$", re.I)
_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?:\.\w+)*(?![\w])")
_WORD = re.compile(r"[A-Za-z_]\w{2,}")
_CODE = re.compile(r"`([^`]+)`")


def check_claims(page: Environment | Heuristic, vocabulary: Vocabulary, lines: Sequence[str]) -> Iterator[Finding]:
    """Check numbers, identifiers and references of all statements; `lines` are the lines of the page's text."""
    quotes = {exhibit.id: f"{exhibit.code}\n{exhibit.path}" for exhibit in page.evidence}
    free = f"{page.name} {page.metadata.revision or ''}"
    for section, prose, needs_evidence in statements(page):
        for statement in prose:
            evidence = (
                "\n".join(quotes.get(ref, "") for ref in statement.refs)
                if statement.refs
                else "\n".join(quotes.values())
            )
            for number in numbers_beyond(statement.text, f"{evidence}\n{free}"):
                message = f"{section}: the evidence that is named does not contain {number}."
                yield Finding("CLM001", page.file, _line(statement, lines), message)
            for name in unknown_identifiers(statement.text, vocabulary):
                yield Finding("CLM002", page.file, _line(statement, lines), f"{section}: the source has no {name}.")
            if needs_evidence and not statement.refs and not FIXED.match(statement.text):
                message = f"{section}: no evidence is named for “{statement.text[:80]}”."
                yield Finding("CLM003", page.file, _line(statement, lines), message)


def statements(page: Environment | Heuristic) -> Iterator[tuple[str, Prose, bool]]:
    """All prose of a page: the section, the paragraph, and whether its statements need evidence."""
    yield "Overview", page.overview, True
    yield "Description", page.description, True
    yield "Usage", (Statement(text=page.usage),), False
    if isinstance(page, Heuristic):
        for bullet in page.insight:
            yield bullet.label, bullet.prose, True
        yield "Reasoning", page.reasoning, True
        return
    for row in page.requirements:
        yield "System Requirements", row.requirement, not row.notes or not row.notes[-1].refs
        yield "System Requirements", row.notes, False
    for package in page.system_packages:
        yield "System Packages", package, True
    for package in page.python_packages:
        yield "Python Packages", package, not _is_own_package(package, page)
    for name in page.credentials:
        yield "Credentials", name, True
    for error in page.errors:
        row_has_evidence = any(s.refs for s in (*error.message, *error.cause, *error.solution))
        yield "Common Errors", error.message, not row_has_evidence
        yield "Common Errors", error.cause, not row_has_evidence
        yield "Common Errors", error.solution, False
    for note in page.compatibility:
        yield "Compatibility Notes", note, True


def _is_own_package(prose: Prose, page: Environment) -> bool:
    """Whether an entry names the repository's own package only, which needs no evidence."""
    name = re.sub(r"^(pypi:|path:|git\+\S*/)", "", page.metadata.revision or "").partition("=")[0].partition("@")[0]
    return len(prose) == 1 and prose[0].text.strip("`").lower() == name.lower().removesuffix(".git")


def numbers_beyond(text: str, evidence: str) -> list[str]:
    """The numbers of a statement that its evidence does not contain; numbers inside words and code names are none."""
    return [n for n in dict.fromkeys(_NUMBER.findall(text)) if not _contains_number(evidence, n)]


def _contains_number(evidence: str, number: str) -> bool:
    return re.search(rf"(?<!\d){re.escape(number)}(?!\d)", evidence) is not None


def unknown_identifiers(text: str, vocabulary: Vocabulary) -> list[str]:
    """The words of a statement's code that occur nowhere in the snapshot."""
    words = (word for code in _CODE.findall(text) for word in _WORD.findall(code))
    return [word for word in dict.fromkeys(words) if word not in vocabulary]


def _line(statement: Statement, lines: Sequence[str]) -> int:
    """Where a statement begins in the page's text: by its longest run of plain words."""
    run = max(re.split(r"[`<>&\[\]{}|']", statement.text), key=len).strip()
    return next((n for n, line in enumerate(lines, 1) if run and run in line), 0)
