"""A page as regular expressions see it: its exhibits, its list of references and its statements, with their offsets."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

_EXHIBIT = re.compile(
    r"^(?P<caption>\S[^\n]*), from <code>(?P<path>[^:<\n]+):(?P<first>\d+)(?:-(?P<last>\d+))?</code>:\n"
    r'<syntaxhighlight lang="\w+" line start="(?P<number>\d+)">\n(?P<code>.*?)\n</syntaxhighlight>\n\n?',
    re.M | re.S,
)
_ENTRY = re.compile(r'^<ref name="(?P<id>e\d+)">(?P<place>[^\n]*)</ref>\n', re.M)
_CITED = re.compile(r'(?P<text>[^\n]*?\S)(?P<refs>(?:<ref name="e\d+" />)+)')
_LEAD = re.compile(r"^(?:[*|]\s*)?(?:'''[^':]+:'''\s*)?|\s+")
_HEADING = re.compile(r"^(={2,3}) (.+?) \1$", re.M)
_CODE = re.compile(r"<code>(.*?)</code>")
_WORD = re.compile(r"[A-Za-z]{3,}|\d+(?:\.\d+)*")
_NAME = re.compile(r"[A-Za-z_]\w*")
_PHRASES = re.compile(
    r"Further evidence is quoted below|Take this into account when using|The set-up files of|Parts of .* behave diff"
    r"|not stated in the source|none stated"
)
_COMMON = frozenset(
    """the and for are was has have had not this that with from when where which will would can could should must may
    into its than then there these those use used uses using all any each but only also other more some such set sets
    out over our your you they them does did been being get gets given if are you""".split()
)


class Exhibit(NamedTuple):
    """A quote with its caption; `start` and `end` hold all of it, `code` and `place` are the spans of these parts."""

    start: int
    end: int
    caption: str
    path: str
    first: int
    last: int
    place: tuple[int, int]
    number: tuple[int, int]
    code: tuple[int, int]

    @property
    def cited(self) -> str:
        return placed(self.path, self.first, self.last)


class Said(NamedTuple):
    """What stands before references, from the last reference or the begin of its line on."""

    start: int
    end: int
    text: str
    refs: tuple[str, ...]
    refs_end: int

    @property
    def names(self) -> set[str]:
        """The names in its code, and what looks like one in its prose."""
        code = " ".join(_CODE.findall(self.text))
        prose = re.findall(r"\b(?:\w+_\w+|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*)\b", self.text)
        return {name for name in (*_NAME.findall(code), *prose) if len(name) > 2}

    @property
    def numbers(self) -> list[re.Match[str]]:
        """The numbers that stand by themselves in it."""
        return list(re.finditer(r"(?<![\w.&#])\d+(?:\.\d+)*(?![\w.]*\w)", self.text))

    @property
    def is_phrase(self) -> bool:
        """Whether it is one that tells nothing of the source."""
        return bool(_PHRASES.search(self.text))


class Section(NamedTuple):
    """A heading with what stands below it, up to the next heading of whatever level."""

    title: str
    level: int
    start: int
    body: int
    end: int


class Page:
    """One file of a wiki."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text

    @cached_property
    def exhibits(self) -> list[Exhibit]:
        return [
            Exhibit(
                *found.span(),
                found["caption"],
                found["path"],
                int(found["first"]),
                int(found["last"] or found["first"]),
                (found.start("path"), found.end("last") if found["last"] else found.end("first")),
                found.span("number"),
                found.span("code"),
            )
            for found in _EXHIBIT.finditer(self.text)
        ]

    @cached_property
    def entries(self) -> list[re.Match[str]]:
        """The list of references."""
        return list(_ENTRY.finditer(self.text))

    def entry(self, exhibit: Exhibit) -> re.Match[str] | None:
        """The reference that names the place of an exhibit, if just one does."""
        found = [entry for entry in self.entries if re.search(rf"(^| ){re.escape(exhibit.cited)}\]?$", entry["place"])]
        same = [other for other in self.exhibits if other.cited == exhibit.cited]
        return found[0] if len(found) == len(same) == 1 else None

    def shown(self, ref: str) -> Exhibit | None:
        """The exhibit that a reference means."""
        for exhibit in self.exhibits:
            entry = self.entry(exhibit)
            if entry and entry["id"] == ref:
                return exhibit
        return None

    def quote(self, exhibit: Exhibit) -> str:
        return self.text[slice(*exhibit.code)]

    @cached_property
    def statements(self) -> list[Said]:
        """Everything on the page that stands before references."""
        found = []
        for match in _CITED.finditer(self.text):
            start = match.start()
            if start == 0 or self.text[start - 1] == "\n":
                start += _LEAD.match(match["text"]).end()  # type: ignore[union-attr]
                start += match["text"][start - match.start() :].rfind(" || ") + 4 if " || " in match["text"] else 0
            text = self.text[start : match.end("text")]
            start += len(text) - len(text.lstrip())
            ids = tuple(re.findall(r"e\d+", match["refs"]))
            found.append(Said(start, match.end("text"), text.strip(), ids, match.end()))
        return found

    @cached_property
    def sections(self) -> list[Section]:
        found = list(_HEADING.finditer(re.sub(r"<syntaxhighlight.*?</syntaxhighlight>", _blank, self.text, flags=re.S)))
        ends = [*(heading.start() for heading in found[1:]), len(self.text)]
        return [Section(h[2], len(h[1]), h.start(), h.end() + 1, end) for h, end in zip(found, ends, strict=True)]

    def evidence(self, said: Said) -> str:
        """What a reader may take for evidence of a statement: quotes, places and captions, the page's name."""
        shown = [exhibit for exhibit in map(self.shown, said.refs) if exhibit]
        parts = [f"{self.quote(exhibit)}\n{exhibit.cited}\n{exhibit.caption}" for exhibit in shown]
        return "\n".join([*parts, self.file, *re.findall(r"\[\[source_revision::[^\]]*", self.text)])


def placed(path: str, first: int, last: int) -> str:
    """A place as pages write it."""
    return f"{path}:{first}-{last}" if last != first else f"{path}:{first}"


def replaced(text: str, *edits: tuple[int, int, str]) -> str:
    """A text with stretches of it replaced."""
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def lines_at(text: str, start: int, end: int) -> tuple[int, int]:
    """The lines, 1-based, that two offsets of a text stand on."""
    return text.count("\n", 0, start) + 1, text.count("\n", 0, end) + 1


def unindented(lines: Sequence[str]) -> list[str]:
    """Lines without trailing blanks, blank lines at both ends, and the indentation that all of them share."""
    return textwrap.dedent("\n".join(line.rstrip() for line in lines)).strip("\n").split("\n")


def stems(text: str) -> set[str]:
    """The beginnings of the words that tell what a text is about, names taken apart, and its numbers."""
    text = re.sub(r"</?code>|&\w+;", " ", text)
    parts = re.sub(r"([a-z])([A-Z])", r"\1 \2", text.replace("_", " "))
    return {word.lower()[:5] for word in _WORD.findall(parts) if word.lower() not in _COMMON}


def moved(page: Page, exhibit: Exhibit, path: str, first: int, last: int, code: str | None = None) -> str | None:
    """The page with another place for an exhibit: in its caption, its numbering and the list of references.

    Args:
        page: the page.
        exhibit: one of its exhibits.
        path: the file that it is to name.
        first: the first line.
        last: the last line.
        code: what it is to quote; what it does now where it is None.
    """
    entry = page.entry(exhibit)
    if entry is None:
        return None
    url = re.sub(r"#L\d+(-L\d+)?", f"#L{first}" + (f"-L{last}" if last != first else ""), entry["place"])
    place = url.replace(exhibit.cited, placed(path, first, last)).replace(f"/{exhibit.path}#", f"/{path}#")
    edits = [
        (*exhibit.place, placed(path, first, last)),
        (*exhibit.number, str(first)),
        (*entry.span("place"), place),
    ]
    if code is not None:
        edits.append((*exhibit.code, code))
    return replaced(page.text, *edits)


def _blank(block: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", block[0])
