"""A page as a checker reads it: its citations, quotes, statements and sections, each with its place in the text.

Any page can be read, of whatever origin: MediaWiki and Markdown, mixed. Offsets count characters of the page's text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from wikiagent.check.places import Citation, find_citations
from wikiagent.check.prose import Statement, statements_in
from wikiagent.wiki.markup import blank, blocks, headings, is_heading, mask, one_line, plain, quoted
from wikiagent.wiki.page import PageKind


class Quote(NamedTuple):
    """A block of code on a page.

    Attributes:
        start, end: the whole block.
        code: what it shows, verbatim.
        numbered: what `line start` says, with its place in the text; None where it says nothing.
        section: title of the section that it stands in.
        citation: the citation that says where the code comes from; None where there is none.
        caption: the line above it, without the citation.
    """

    start: int
    end: int
    code: str
    numbered: tuple[int, int, int] | None
    section: str
    citation: Citation | None
    caption: str


class Heading(NamedTuple):
    """A heading: its place, level, title, and the offset where its section ends."""

    start: int
    level: int
    title: str
    end: int


_DEFINED = re.compile(r"""<ref\s+name\s*=\s*["']?([^"'<>/]+?)["']?\s*>(\s*[^\s<].*?)</ref>""", re.I | re.S)
_LINE_START = re.compile(r'line\s+start\s*=\s*"?(\d{1,9})"?')
_HIDDEN = re.compile(r"<!--.*?-->|<references\b[^>]*/>|<references\b.*?</references\s*>", re.S | re.I)
#: Sections of links, and of quotes with their captions.
_NO_PROSE = ("Related Pages", "Code Evidence")


@dataclass(frozen=True)
class Reading:
    r"""One page, read.

    Attributes:
        file: path of the page from the root of the wiki.
        kind: its type, by its folder.
        name: its name, by its file.
        text: its text, with `\\n` as line ends.
        without_code: the text with blanks in place of code blocks, where it is known already.
    """

    file: str
    kind: PageKind
    name: str
    text: str
    without_code: str = field(default="", repr=False, compare=False)
    _starts: list[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if "\r" in self.text:
            object.__setattr__(self, "text", self.text.replace("\r\n", "\n"))
            object.__setattr__(self, "without_code", "")
        object.__setattr__(self, "_starts", [0, *(found.end() for found in re.finditer("\n", self.text))])

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both 1-based, of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def position_of(self, word: str, statement: Statement) -> tuple[int, int]:
        """Line and column of a word of a statement; of the statement, where the word is written otherwise or empty."""
        at = self.text.find(word, statement.start, statement.end) if word else -1
        return self.position(at if at >= 0 else statement.start)

    @cached_property
    def visible(self) -> str:
        """The text with blanks in place of code blocks, comments and the list of references."""
        return _HIDDEN.sub(blank, self.visible_with_comments)

    @cached_property
    def visible_with_comments(self) -> str:
        """The text with blanks in place of code blocks."""
        return self.without_code or mask(self.text)

    @cached_property
    def headings(self) -> tuple[Heading, ...]:
        """All headings, in order."""
        found = list(headings(self.visible))
        ends = [*(heading.start() for heading in found[1:]), len(self.text)] if found else []
        return tuple(
            Heading(
                heading.start(),
                len(heading["wiki"] or heading["hashes"]),
                one_line(plain(heading["wiki_title"] or heading["title"])),
                end,
            )
            for heading, end in zip(found, ends, strict=True)
        )

    def section_at(self, offset: int) -> str:
        """Title of the section that an offset stands in; empty above the first heading."""
        at = bisect_right(self.headings, offset, key=lambda heading: heading.start)
        return self.headings[at - 1].title if at else ""

    @cached_property
    def lead(self) -> str:
        """The visible text above the first heading of level two or deeper."""
        return self.visible[: next((h.start for h in self.headings if h.level > 1), len(self.text))]

    @cached_property
    def revision(self) -> str:
        """The source revision that the page names; empty where it names none, as pages of others do."""
        found = re.search(r"\[\[source_revision::([^|\]\n]*)\]\]", self.lead)
        return found[1] if found else ""

    @property
    def is_own(self) -> bool:
        """Whether the page follows wikiagent's own format: it names its revision, or lists its references."""
        return bool(self.revision or self.reference_ids)

    @cached_property
    def reference_ids(self) -> tuple[str, ...]:
        """The ids in the list of references, in order, as often as they stand there."""
        text = self.visible_with_comments
        return tuple(found[1] for found in _DEFINED.finditer(text, 0, text.rfind("</ref") + 6))

    @cached_property
    def subject(self) -> str:
        """The symbol that an Implementation is named after: `LoraConfig` of `huggingface_peft_LoraConfig`, else empty.

        Names of repositories are written small: the symbol is what its own signature block calls, else what follows.
        """
        if self.kind is not PageKind.IMPLEMENTATION:
            return ""
        parts = self.name.split("_")
        tails = ["_".join(parts[at:]) for at in range(len(parts))]
        code = "\n".join(quote.code for quote in self.quotes)
        return next(
            (
                tail
                for tail in tails
                if re.search(rf"\b(?:class|def)\s+{re.escape(tail)}\b|\b{re.escape(tail)}\(", code)
            ),
            "",
        )

    @cached_property
    def citations(self) -> tuple[Citation, ...]:
        """Every citation in the visible text, in order."""
        return tuple(find_citations(self.visible))

    @cached_property
    def references(self) -> dict[str, tuple[int, Citation | None]]:
        """The references that the page defines: id to its offset and the place that it names."""
        text = self.visible_with_comments
        found = {}
        for reference in _DEFINED.finditer(text, 0, text.rfind("</ref") + 6):
            cited = find_citations(text, reference.start(2), reference.end(2), whole=True)
            found[reference[1]] = (reference.start(), next(iter(cited), None))
        return found

    def named(self, refs: Iterable[str]) -> list[Citation]:
        """The citations that references name."""
        return [found[1] for ref in refs if (found := self.references.get(ref)) and found[1]]

    @cached_property
    def quotes(self) -> tuple[Quote, ...]:
        """Every block of code, in order, with the citation of its caption: the last line of text above it."""
        quotes, end = [], 0
        for block in blocks(self.text):
            if block["tag"] and block["tag"].lower() == "nowiki":
                continue
            start, stop = self._caption(end, block.start())
            cited = [c for c in self.citations if start <= c.start < stop]
            cited = cited or list(find_citations(self.text, start, stop, whole=True))
            code = quoted(block["body"]) if block["tag"] else block["fenced"]
            numbered = _LINE_START.search(self.text, block.start(), self.text.find("\n", block.start()))
            quotes.append(
                Quote(
                    block.start(),
                    block.end(),
                    code,
                    (int(numbered[1]), *numbered.span(1)) if numbered else None,
                    self.section_at(block.start()),
                    cited[-1] if cited else None,
                    plain(self.text[start : cited[-1].start if cited else stop]).strip(),
                )
            )
            end = block.end()
        return tuple(quotes)

    def _caption(self, start: int, stop: int) -> tuple[int, int]:
        """The last line between two offsets that is not blank, unless it is a heading."""
        text = self.visible[start:stop].rstrip()
        begins = text.rfind("\n") + 1
        if not text or is_heading(text[begins:]):
            return stop, stop
        return start + begins, start + len(text)

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """All prose below the headings, cut behind references, at list items and at the cells of tables.

        Links and captions of quotes are none.
        """
        found: list[Statement] = []
        below = 0  # level of the section without prose that the headings stand in
        for heading in self.headings:
            if self.is_own and below and heading.level > below:
                continue
            below = heading.level if heading.title in _NO_PROSE else 0
            found += self._in_section(heading)
        return tuple(found)

    def _in_section(self, heading: Heading) -> Iterator[Statement]:
        begins = self.visible.find("\n", heading.start, heading.end)
        if begins >= 0 and heading.title not in _NO_PROSE:
            yield from statements_in(self.visible, begins, heading.end, heading.title)
