"""CLM001-003 and CLM008: whether the statements of a page go beyond their evidence."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from functools import cached_property, partial

from wikiagent.check.finding import Finding, Severity
from wikiagent.check.numbers import beyond
from wikiagent.check.phrases import tells_nothing
from wikiagent.check.prose import Statement, said
from wikiagent.check.reading import Quote, Reading
from wikiagent.check.source import Source, stems
from wikiagent.code.vocabulary import Vocabulary
from wikiagent.source.evidence import Place
from wikiagent.wiki.graph import LEAVES

#: The part of a statement's telling words that its evidence has at least; docs/rules/CLM008.md says why.
ENOUGH = 0.3

_WORD = re.compile(r"[A-Za-z_]\w{2,}", re.A)
_CODE = re.compile(r"`([^`]+)`")
#: A name in plain text: `MissConfig`, `init_weights`. Words in capitals alone are mostly no names of the source.
_NAME = re.compile(
    r"(?<![\w.-])(?:[A-Za-z]+[a-z][A-Z]\w*|[A-Za-z]\w*_\w+|[A-Z]{2,}(?:[a-rt-z]\w*|\d\w*)(?!-))(?![\w.-]*/)", re.A
)
_MAY_BE_NAME = re.compile(r"_|[a-z][A-Z]|[A-Z]{2}")
#: What is written so outside of code too: `macOS`, `cuDNN`.
_BRAND = re.compile(r"[a-z]+[A-Z]+s?")
#: A statement that says something: it has a word, and does not only announce a list.
_SAYS = re.compile(r"\w[^\n]*[^:\s]\s*$")
#: A name in code that is no plain word either.
_LIKE_NAME = re.compile(r"[A-Za-z]\w*_\w+|[A-Za-z]+[a-z][A-Z]\w*", re.A)
#: A word that is no plain English: it has an underscore or a capital inside, or is called or set.
_LIKE_CODE = re.compile(r"[A-Za-z]\w*_\w+|[A-Za-z]+[a-z][A-Z]\w*|[A-Za-z_]\w*(?=[(=])", re.A)

#: A package in a command of pip: behind a blank or a quote, and no option.
_INSTALLED = re.compile(r"(?<=[\s\"'])(?!(?:pip|install|python\d?)\b)([A-Za-z][\w.-]*[A-Za-z0-9])(?=[\[\s\"'<>=!~]|$)")

#: An address, and a template of MediaWiki: what is in them is not said.
_ADDRESS = re.compile(r"https?://\S+|\{\{[^{}]*\}\}")

#: Sections whose statements need evidence, casefolded.
_PROVEN = frozenset(
    """overview|description|action|value|trade-off|compatibility|reasoning|system requirements|system packages|
    python packages|credentials|common errors|compatibility notes""".replace("\n", "")
    .replace("  ", "")
    .split("|")
)
#: Sections that hold no statements about the source.
_NO_CLAIMS = frozenset(["references", "source", "see also"])
_INSIGHT = frozenset(["the insight (rule of thumb)", "the insight", "insight", "rule of thumb"])


class Claims:
    """The statements of one page with their evidence.

    Attributes:
        reading: the page.
        source: what it is about.
        pages: names of the pages of the wiki, which are no names of the source.
    """

    def __init__(self, reading: Reading, source: Source, pages: Container[str] = ()) -> None:
        self.reading = reading
        self.source = source
        self.pages = pages

    @property
    def own(self) -> bool:
        """Whether the page keeps wikiagent's own format, so that each statement names its evidence."""
        return self.reading.is_own

    @cached_property
    def _free(self) -> str:
        """What every statement may say: the name of the page and the revision of the source."""
        return f"{self.reading.name} {self.reading.revision}"

    @cached_property
    def statements(self) -> list[Statement]:
        """All that a page states of the source."""
        return [s for s in self.reading.statements if s.section.casefold() not in _NO_CLAIMS]

    @cached_property
    def exhibits(self) -> dict[str, Quote]:
        """The quotes by the ids of the references that name their places; numbered where the page defines none."""
        quotes = [quote for quote in self.reading.quotes if quote.citation]
        if not self.reading.references:
            return {f"e{number}": quote for number, quote in enumerate(quotes, 1)}
        by_place: dict[str, list[Quote]] = {}
        for quote in quotes:
            by_place.setdefault(str(quote.citation), []).append(quote)
        found = {}
        for number, (ref, (_, citation)) in enumerate(self.reading.references.items()):
            if same := by_place.get(str(citation)):
                found[ref] = same.pop(0)
            elif number < len(quotes):
                found[ref] = quotes[number]
        return found

    @cached_property
    def _shown(self) -> dict[str, str]:
        return {ref: self._as_evidence(quote) for ref, quote in self.exhibits.items()}

    def _as_evidence(self, quote: Quote) -> str:
        """What a quote proves: its lines, its path, and the names of what it stands in."""
        around = ""
        if quote.citation and quote.citation.ranges and self.source.snapshot.has(quote.citation.path):
            first = quote.citation.ranges[0][0]
            around = self.source.around(Place(quote.citation.path, first, first))
        return f"{quote.code}\n{quote.citation.path if quote.citation else ''}\n{around}"

    def evidence(self, statement: Statement) -> str:
        """The text of the evidence that a statement names; of all evidence on the page where it names none."""
        named = [ref for ref in statement.refs if ref in self._shown]
        return "\n".join(self._shown[ref] for ref in named or self._shown)

    def findings(self) -> Iterator[Finding]:
        """Everything that the statements of an Environment or a Heuristic say beyond their evidence."""
        proven = {s.row for s in self.statements if s.refs and s.column}
        for statement in self.statements:
            beyond_evidence = list(self._beyond(statement, partial(self.evidence, statement)))
            yield from beyond_evidence
            if self.own and not beyond_evidence:
                yield from self._unproven(statement, statement.row in proven)
        for quote in self.reading.quotes if self.own else ():
            if quote.citation and quote.caption:
                caption = Statement(quote.start, quote.end, quote.section, quote.caption, (), "", 0)
                yield from self._beyond(caption, partial(self._as_evidence, quote))
            elif quote.section == "Quick Install":
                command = quote.code.replace("`", "'")
                install = Statement(quote.start, quote.end, quote.section, command, (), "", 0)
                yield from self._beyond(install, partial(self.evidence, install))
                yield from self._packages(install)

    def _packages(self, install: Statement) -> Iterator[Finding]:
        """CLM002 for packages that a command installs and neither the evidence nor the revision names."""
        known = _dashed(f"{self.evidence(install)}\n{self._free}")
        for package in _INSTALLED.findall(install.text):
            if _dashed(package) not in known:
                message = f"Quick Install: no evidence names the package {package}."
                yield self._finding("CLM002", install, package, message)

    def unknown_names(self) -> Iterator[Finding]:
        """CLM002 for all statements."""
        for statement in self.statements:
            yield from self._unknown(statement, str)

    def _beyond(self, statement: Statement, evidence: Callable[[], str]) -> Iterator[Finding]:
        """CLM001 and CLM002; the evidence is put together only where there is something to look for."""
        where, own = statement.section, self.own
        for number in beyond(self._without_addresses(statement), lambda: f"{evidence()}\n{self._free}"):
            if own or not self.source.states(number, self._row(statement)):
                written = f"{number.bound} {number.value}".strip()
                excerpt = said(statement, word=number.value)
                message = f"{where}: the evidence that is named does not contain {written}, as in {excerpt}."
                if not own:
                    message = f"{where}: {written}{number.unit} stands nowhere in the source near a word of {excerpt}."
                yield self._finding("CLM001", statement, number.value, message)
        yield from self._unknown(statement, evidence)

    def _without_addresses(self, statement: Statement) -> str:
        """What a statement says without addresses, templates, and the citations in it."""
        text = _ADDRESS.sub(" ", statement.text)
        for citation in self.reading.citations:
            if statement.start <= citation.start < statement.end:
                text = re.sub(re.escape(citation.path) + r"\S*(?:\s*\(?lines?\s[\d\s,–-]+)?", " ", text)
        return text

    def _unknown(self, statement: Statement, evidence: Callable[[], str]) -> Iterator[Finding]:
        for name in unknown_identifiers(statement.text, self.source.vocabulary, evidence, lenient=not self.own):
            if name not in self.pages:
                message = f"{statement.section}: the source has no {name}, as in {said(statement, word=name)}."
                yield self._finding("CLM002", statement, name, message)

    def _row(self, statement: Statement) -> str:
        """A statement with the rest of its table row."""
        return (
            " ".join(s.text for s in self.statements if s.row == statement.row) if statement.column else statement.text
        )

    def _unproven(self, statement: Statement, row_is_proven: bool) -> Iterator[Finding]:
        """CLM003 and CLM008."""
        if tells_nothing(statement.text):
            return
        if statement.refs:
            foreign = self._foreign_names(statement)
            if foreign:
                named, excerpt = ", ".join(statement.refs), said(statement, word=foreign[0])
                message = f"{statement.section}: {named} has no {foreign[0]}, as in {excerpt}."
                yield self._finding("CLM008", statement, foreign[0], message, Severity.WARNING)
            elif self.source.shared(statement.text, self._proven_stems(statement)) < ENOUGH:
                message = f"{statement.section}: {', '.join(statement.refs)} has hardly a word of {said(statement)}."
                yield self._finding("CLM008", statement, "", message, Severity.WARNING)
        elif (
            self._needs_evidence(statement)
            and _SAYS.search(statement.text)
            and not (statement.column and row_is_proven)
        ):
            message = f"{statement.section}: no evidence is named for {said(statement)}."
            yield self._finding("CLM003", statement, "", message)

    def _foreign_names(self, statement: Statement) -> list[str]:
        """Names in the code of a statement that stand nowhere in the evidence that it names."""
        evidence = f"{self.evidence(statement)}\n{self._free}"
        names = [name for span in _CODE.findall(statement.text) for name in _LIKE_NAME.findall(span)]
        return [name for name in dict.fromkeys(names) if name not in evidence]

    def _proven_stems(self, statement: Statement) -> set[str]:
        """The stems of what a statement names, with those of the library's name."""
        named = [ref for ref in statement.refs if ref in self._stems] or list(self._stems)
        return self._free_stems.union(*(self._stems[ref] for ref in named))

    @cached_property
    def _stems(self) -> dict[str, set[str]]:
        return {ref: stems(text) for ref, text in self._shown.items()}

    @cached_property
    def _free_stems(self) -> set[str]:
        return stems(self.source.snapshot.name)

    def _needs_evidence(self, statement: Statement) -> bool:
        section = statement.section.casefold()
        if section == "python packages" and self._is_own_package(statement.text):
            return False
        if section == "common errors" and statement.column == "solution":
            return False
        if section == "system requirements" and statement.column == "category":
            return False
        return section in _PROVEN or section in _INSIGHT

    def _is_own_package(self, text: str) -> bool:
        """Whether an entry names the repository's own package only, which needs no evidence."""
        revision = re.sub(r"^(pypi:|path:|git\+\S*/)", "", self.reading.revision)
        name = revision.partition("=")[0].partition("@")[0]
        return text.strip("`").lower() == name.lower().removesuffix(".git")

    def _finding(
        self, code: str, statement: Statement, word: str, message: str, severity: Severity = Severity.ERROR
    ) -> Finding:
        line, column = self.reading.position_of(word, statement)
        return Finding(code, self.reading.file, line, message, severity, column=column)


def _dashed(text: str) -> str:
    """A text in which names of packages are written alike: `huggingface_hub` is `huggingface-hub`."""
    return re.sub(r"[-_.]+", "-", text.lower())


def check_claims(reading: Reading, source: Source, pages: Container[str] = ()) -> Iterator[Finding]:
    """Check numbers, identifiers, references and words of all statements of an Environment or a Heuristic.

    Of pages of other types, those that wikiagent wrote are checked for identifiers.
    """
    claims = Claims(reading, source, pages)
    if reading.kind in LEAVES:
        yield from claims.findings()
    elif reading.revision:
        yield from claims.unknown_names()


def unknown_identifiers(
    text: str, vocabulary: Vocabulary, evidence: Callable[[], str], *, lenient: bool = False
) -> list[str]:
    """The words of a statement's code, and the names in its plain text, that occur nowhere in the snapshot.

    A name in plain text may also run over the seam of two strings of the evidence, which the source joins.

    Args:
        text: the statement.
        vocabulary: the words of the snapshot.
        evidence: gives the text of its evidence.
        lenient: code between backticks may be plain words, and names may be written in another case: pages of others.
    """
    prose = _CODE.sub(" ", text) if "`" in text else text
    names = _NAME.findall(prose) if _MAY_BE_NAME.search(prose) else []
    joined = re.sub(r"\W+", "", evidence()) if names else ""
    names = [name for name in names if name not in joined]
    code = _CODE.findall(text)
    if lenient:
        names = [name for name in names if not _BRAND.fullmatch(name)]
        code = [" ".join(_LIKE_CODE.findall(span)) if " " in span else span for span in code]
    words = [word for part in (*code, *names) for word in _WORD.findall(part)]
    unknown = [word for word in dict.fromkeys(words) if word not in vocabulary]
    return [word for word in unknown if not vocabulary.has_in_another_case(word)] if lenient else unknown
