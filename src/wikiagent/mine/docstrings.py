"""Splits a docstring into paragraphs and parameter entries, each with its lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SECTION = re.compile(
    r"^\s*(Args|Arguments|Parameters|Params|Attributes|Keyword Args|Keyword Arguments|Other Parameters|Returns?|Yields?"
    r"|Raises|Warns|Examples?|Usage|References?|Notes?|Warnings?|See Also|Todo)\s*:?\s*$"
)
_ENTRY = re.compile(
    r"""^\s*(?:[-*]\s)?(?::param\s+(?:\w+\s+)?)?     # a list item, or reST
    [`*]{0,2}(?P<name>\w+)[`*]{0,2}\s*
    (?:\([^()]*(?:\([^()]*(?:\([^()]*\)[^()]*)*\)[^()]*)*\)?)?\s*(?::|$)  # its type, with parentheses, and a colon
    """,
    re.X,
)
_WITH_ENTRIES = {
    "Args",
    "Arguments",
    "Parameters",
    "Params",
    "Attributes",
    "Keyword Args",
    "Keyword Arguments",
    "Other Parameters",
}
_PROSE_DIRECTIVE = re.compile(
    r"\.\. (note|warning|important|tip|hint|caution|attention|danger|deprecated|version\w+|admonition|seealso)::", re.I
)
#: Begins a sentence, also where the line before has no stop.
_OPENS = re.compile(r"(If|When|Defaults?|Should|Otherwise|Set|Can|Must)\b")
_EXAMPLES = {"Example", "Examples", "Usage", "References", "Reference", "See Also"}


@dataclass(frozen=True)
class Part:
    """A paragraph or the entry of one parameter.

    Attributes:
        first: index of its first line in the lines given; `last` likewise.
        text: its words on one line, without quotes and without the entry's name and type.
        section: heading that it stands under (`Args`, `Returns`), empty before the first.
        parameter: name of the entry, None for a paragraph.
    """

    first: int
    last: int
    text: str
    section: str = ""
    parameter: str | None = None


def parts(lines: list[str]) -> Iterator[Part]:
    """The parts of a docstring, quotes included in the lines; examples, code blocks and doctests are left out."""
    section, indent, block = "", 0, _Block()
    underlined = False  # numpy style: entries stand at the depth of their heading
    code = _Code()
    for number, line in enumerate(lines):
        heading = _SECTION.match(line)
        depth = len(line) - len(line.lstrip())
        if code.holds(line, depth):
            yield from block.end()
        elif heading:
            yield from block.end()
            section, indent = heading[1], depth
            underlined = number + 1 < len(lines) and bool(re.match(r"\s*-{3,}\s*$", lines[number + 1]))
            block = _Block(section)
        elif section in _EXAMPLES or not line.strip() or set(line.strip()) <= set("-=~\"'r"):
            yield from block.end()
        else:
            entry = _entry(line, section, depth - indent, underlined)
            if entry:
                yield from block.end()
                block = _Block(section, entry["name"])
            elif block.parameter and depth <= indent:
                yield from block.end()
                block = _Block(section)
            block.add(number, line[entry.end() :] if entry else line)
    yield from block.end()


class _Code:
    """Knows, from line to line, which lines of a docstring are code."""

    def __init__(self) -> None:
        self.fenced = False
        self.doctest = False
        self.literal: int | None = None

    def holds(self, line: str, depth: int) -> bool:
        """Whether the next line is code, or opens or closes it."""
        plain = line.strip()
        if plain.startswith("```"):
            self.fenced = not self.fenced and "```" not in plain[3:]
            return True
        if self.fenced:
            return True
        self.doctest = plain.startswith(">>>") or (self.doctest and plain != "")
        if self.literal is not None and plain and depth <= self.literal:
            self.literal = None
        inside = self.literal is not None
        directive = re.match(r"\.\. [\w-]+::", plain)
        if not inside and (directive or plain.endswith("::")) and not _PROSE_DIRECTIVE.match(plain):
            self.literal = depth
        return self.doctest or inside or (self.literal is not None and directive is not None)


def _entry(line: str, section: str, depth: int, underlined: bool) -> re.Match[str] | None:
    """The head of a parameter's entry (`name (type):`), where a line has one at the depth where entries stand."""
    listed = ":param" in line or line.lstrip().startswith(("- `", "* `"))
    if not listed and (section not in _WITH_ENTRIES or not (0 if underlined else 1) <= depth <= 4):
        return None
    return _ENTRY.match(line)


class _Block:
    """Lines being gathered into one part."""

    def __init__(self, section: str = "", parameter: str | None = None) -> None:
        self.section = section
        self.parameter = parameter
        self.numbers: list[int] = []
        self.lines: list[str] = []

    def add(self, number: int, line: str) -> None:
        if self.lines and _OPENS.match(line.strip()) and self.lines[-1][-1:].isalnum():
            self.lines[-1] += "."
        self.numbers.append(number)
        self.lines.append(line.strip())

    def end(self) -> Iterator[Part]:
        if self.lines:
            text = " ".join(self.lines).strip()
            text = re.sub(r"^[rRuU]?(\"\"\"|''')\s*|\s*(\"\"\"|''')$", "", text)
            text = (
                re.sub(r"^\((?:[^()]|\([^()]*\))*\):\s*", "", text) if self.parameter else text
            )  # its type, after the colon
            text = _PROSE_DIRECTIVE.sub(lambda found: f"{found[1].capitalize()}:", text)
            yield Part(self.numbers[0], self.numbers[-1], text.strip(), self.section, self.parameter)
        self.parameter, self.numbers, self.lines = None, [], []
