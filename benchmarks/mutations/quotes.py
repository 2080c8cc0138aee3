"""Quotes that are not what their lines read: a character, an operator, a line or an indentation is another."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from benchmarks.mutations.corruption import IMPLEMENTATIONS, Change, Scene, change, kind
from benchmarks.mutations.text import Exhibit, Page, replaced, unindented

_OPERATORS = {
    " < ": " <= ",
    " <= ": " < ",
    " > ": " >= ",
    " >= ": " > ",
    " == ": " != ",
    " != ": " == ",
    " and ": " or ",
    " or ": " and ",
    " + ": " - ",
    " - ": " + ",
    " * ": " / ",
    " is not ": " is ",
    " not in ": " in ",
    " += ": " -= ",
}
_OPERATOR = re.compile("|".join(map(re.escape, _OPERATORS)))
_SIGNATURE = re.compile(r'<syntaxhighlight lang="python" line start="\d+">\n(?P<code>.*?)\n</syntaxhighlight>', re.S)


def _quoting(page: Page, exhibit: Exhibit, lines: Sequence[str], scene: Scene, *codes: str) -> Change | None:
    """The exhibit with other lines as its quote; none where they read as before."""
    real = scene.facts.lines[exhibit.path][exhibit.first - 1 : exhibit.last]
    if unindented(lines) == unindented(real):
        return None
    quote = "\n".join(lines)
    text = replaced(page.text, (*exhibit.code, quote))
    return change(text, exhibit.start, exhibit.code[0] + len(quote), *(codes or ("CIT003",)))


@kind("a character of a quote")
def character(page: Page, scene: Scene, random: Random) -> Change | None:
    exhibit = random.choice(page.exhibits)
    quote = page.quote(exhibit)
    places = [n for n, letter in enumerate(quote) if letter.isalnum() and letter.isascii()]
    if not places:
        return None
    at = random.choice(places)
    letters = "0123456789" if quote[at].isdigit() else "abcdefghijklmnopqrstuvwxyz"
    new = random.choice(letters.replace(quote[at].lower(), ""))
    return _quoting(page, exhibit, (quote[:at] + new + quote[at + 1 :]).split("\n"), scene)


@kind("the case of a letter of a quote")
def case(page: Page, scene: Scene, random: Random) -> Change | None:
    exhibit = random.choice(page.exhibits)
    quote = page.quote(exhibit)
    places = [n for n, letter in enumerate(quote) if letter.isalpha() and letter.isascii()]
    if not places:
        return None
    at = random.choice(places)
    return _quoting(page, exhibit, (quote[:at] + quote[at].swapcase() + quote[at + 1 :]).split("\n"), scene)


@kind("an operator of a quote")
def operator(page: Page, scene: Scene, random: Random) -> Change | None:
    exhibit = random.choice(page.exhibits)
    quote = page.quote(exhibit)
    found = list(_OPERATOR.finditer(quote))
    if not found:
        return None
    chosen = random.choice(found)
    new = replaced(quote, (*chosen.span(), _OPERATORS[chosen[0]]))
    return _quoting(page, exhibit, new.split("\n"), scene)


@kind("a line dropped from a quote")
def dropped(page: Page, scene: Scene, random: Random) -> Change | None:
    exhibit = random.choice(page.exhibits)
    lines = page.quote(exhibit).split("\n")
    if len(lines) < 2:
        return None
    at = random.randrange(len(lines))
    codes = ("CIT003", "CIT004") if at in (0, len(lines) - 1) else ("CIT003",)
    return _quoting(page, exhibit, [*lines[:at], *lines[at + 1 :]], scene, *codes)


@kind("a line added to a quote")
def added(page: Page, scene: Scene, random: Random) -> Change | None:
    exhibit = random.choice(page.exhibits)
    lines = page.quote(exhibit).split("\n")
    at = random.randint(1, len(lines))
    other = random.choice([line for line in scene.facts.lines[exhibit.path] if line.strip()])
    return _quoting(page, exhibit, [*lines[:at], other, *lines[at:]], scene, "CIT003", "CIT004")


@kind("two lines of a quote swapped")
def swapped(page: Page, scene: Scene, random: Random) -> Change | None:
    exhibit = random.choice(page.exhibits)
    lines = page.quote(exhibit).split("\n")
    if len(lines) < 2:
        return None
    at = random.randrange(len(lines) - 1)
    return _quoting(page, exhibit, [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]], scene)


@kind("lines of a quote left out for dots")
def elided(page: Page, scene: Scene, random: Random) -> Change | None:
    exhibit = random.choice(page.exhibits)
    lines = page.quote(exhibit).split("\n")
    if len(lines) < 3:
        return None
    at = random.randrange(1, len(lines) - 1)
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    return _quoting(page, exhibit, [*lines[:at], f"{indent}...", *lines[at + 1 :]], scene)


@kind("the indentation of a statement in a quote")
def indentation(page: Page, scene: Scene, random: Random) -> Change | None:
    """One line deeper or less deep, where a statement of Python begins."""
    exhibit = random.choice(page.exhibits)
    lines = page.quote(exhibit).split("\n")
    starts = scene.facts.starts[exhibit.path]
    places = [n for n, line in enumerate(lines) if exhibit.first + n in starts and line.strip()]
    if len(lines) < 2 or not places:
        return None
    at = random.choice(places)
    deeper = random.random() < 0.5 or not lines[at].startswith("    ")
    line = f"    {lines[at]}" if deeper else lines[at][4:]
    return _quoting(page, exhibit, [*lines[:at], line, *lines[at + 1 :]], scene)


@kind("Implementation: a character of the signature", folders=IMPLEMENTATIONS)
def signature(page: Page, scene: Scene, random: Random) -> Change | None:
    found = _SIGNATURE.search(page.text)
    places = [n for n in range(*found.span("code")) if page.text[n].isalpha()] if found else []
    if not places:
        return None
    at = random.choice(places)
    new = random.choice("abcdefghijklmnopqrstuvwxyz".replace(page.text[at].lower(), ""))
    codes = ("CIT003", "CIT004", "CLM002", "CLM006", "CLM007")
    return change(replaced(page.text, (at, at + 1, new)), *found.span(), *codes)  # type: ignore[union-attr]
