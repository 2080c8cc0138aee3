"""CLM: whether the statements of a page go beyond their evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from wikiagent.check.finding import Finding
from wikiagent.code.vocabulary import Vocabulary
from wikiagent.wiki.page import Environment, Heuristic, Prose, Statement

#: Phrases that the program itself writes where the source is silent; they need no evidence.
FIXED = re.compile(r"^(none stated in the source|not stated in the source|the source states no reason)\.?$", re.I)
#: A number that stands by itself, with its exponent or what makes it a version, before a unit: `4` of `4-bit`, `7` of
#: `7B`, `0.5.0.dev0` of `v0.5.0.dev0`; none in `fp16` and `3rd`.
_NUMBER = re.compile(
    r"(?<![\w.])v?(?P<number>(?>\d+(?:,\d{3})*(?:_\d+)*(?:\.\d+)*(?:e[+-]?\d+)?(?:[.-]?(?:dev|post|rc|a|b)\d+)*))"
    r"(?:x|k|bits?|[KMGT]i?B?|B|ms|s)?(?!\w)",
    re.I,
)
_GROUPED = re.compile(r"(?<=\d)[,_](?=\d{3}(?!\d))")
#: Characters of a statement that a finding quotes.
_EXCERPT = 80
_WORD = re.compile(r"[A-Za-z_]\w{2,}", re.A)
_CODE = re.compile(r"`([^`]+)`")
#: A name in plain text: `MissConfig`, `init_weights`. Words in capitals alone are mostly no names of the source.
_NAME = re.compile(r"(?<![\w.-])(?:[A-Za-z]+[a-z][A-Z]\w*|[A-Za-z]\w*_\w+)(?![\w.-]*/)", re.A)


def check_claims(page: Environment | Heuristic, vocabulary: Vocabulary, lines: Sequence[str]) -> Iterator[Finding]:
    """Check numbers, identifiers and references of all statements; `lines` are the lines of the page's text."""
    quotes = {exhibit.id: f"{exhibit.code}\n{exhibit.path}" for exhibit in page.evidence}
    free = f"{page.name} {page.metadata.revision or ''}"
    for section, prose, needs_evidence in (*statements(page), *_captions(page), *_install(page)):
        for statement in prose:
            named = statement.refs or quotes
            evidence = "\n".join(quotes.get(ref, "") for ref in named)
            for number in numbers_beyond(statement.text, f"{evidence}\n{free}"):
                said = _excerpt(statement, number)
                message = f"{section}: the evidence that is named does not contain {number}, as in {said}."
                yield Finding("CLM001", page.file, _line(statement, lines), message)
            for name in unknown_identifiers(statement.text, vocabulary, evidence):
                yield Finding(
                    "CLM002",
                    page.file,
                    _line(statement, lines),
                    f"{section}: the source has no {name}, as in {_excerpt(statement, name)}.",
                )
            if needs_evidence and not statement.refs and not FIXED.match(statement.text):
                message = f"{section}: no evidence is named for {_excerpt(statement)}."
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
        proven = any(statement.refs for statement in (*row.requirement, *row.notes))
        yield "System Requirements", (Statement(text=row.category),), False
        yield "System Requirements", row.requirement, not proven
        yield "System Requirements", row.notes, not proven
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


def _captions(page: Environment | Heuristic) -> Iterator[tuple[str, Prose, bool]]:
    """What the captions say, each about its own exhibit."""
    for exhibit in page.evidence:
        if exhibit.caption:
            yield "Code Evidence", (Statement(text=exhibit.caption, refs=(exhibit.id,)),), False


def _install(page: Environment | Heuristic) -> Iterator[tuple[str, Prose, bool]]:
    """The command, whose versions are claims."""
    if isinstance(page, Environment) and page.quick_install:
        yield "Quick Install", (Statement(text=page.quick_install.replace("`", "'")),), False


def _is_own_package(prose: Prose, page: Environment) -> bool:
    """Whether an entry names the repository's own package only, which needs no evidence."""
    name = re.sub(r"^(pypi:|path:|git\+\S*/)", "", page.metadata.revision or "").partition("=")[0].partition("@")[0]
    return len(prose) == 1 and prose[0].text.strip("`").lower() == name.lower().removesuffix(".git")


def numbers_beyond(text: str, evidence: str) -> list[str]:
    """The numbers of a statement that its evidence does not contain; `1,000` and `1_000` are 1000."""
    found = dict.fromkeys(match["number"] for match in _NUMBER.finditer(text))
    contained = _GROUPED.sub("", evidence)
    return [number for number in found if not _contains_number(contained, _GROUPED.sub("", number))]


def _contains_number(evidence: str, number: str) -> bool:
    """Whether a number stands in a text, not as a part of a longer one: 2 is not in 2.5, and 4 is in `load_in_4bit`."""
    return re.search(rf"(?<!\d)(?<!\d\.){re.escape(number)}(?!\d|\.\d)", evidence, re.I) is not None


def unknown_identifiers(text: str, vocabulary: Vocabulary, evidence: str) -> list[str]:
    """The words of a statement's code, and the names in its plain text, that occur nowhere in the snapshot.

    A name in plain text may also run over the seam of two strings of the evidence, which the source joins.
    """
    joined = re.sub(r"\W+", "", evidence)
    names = [name for name in _NAME.findall(_CODE.sub(" ", text)) if name not in joined]
    words = [word for part in (*_CODE.findall(text), *names) for word in _WORD.findall(part)]
    return [word for word in dict.fromkeys(words) if word not in vocabulary]


def _excerpt(statement: Statement, word: str = "") -> str:
    """A stretch of a statement, around a word where one is named."""
    start = max(0, statement.text.find(word) - _EXCERPT // 2)
    text = statement.text[start : start + _EXCERPT]
    return f"“{'…' if start else ''}{text}{'…' if len(statement.text) > start + _EXCERPT else ''}”"


def _line(statement: Statement, lines: Sequence[str]) -> int:
    """Where a statement begins in the page's text: by its longest run of plain words."""
    run = max(re.split(r"[`<>&\[\]{}|']", statement.text), key=len).strip()
    return next((n for n, line in enumerate(lines, 1) if run and run in line), 0)
