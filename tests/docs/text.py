"""Reading the documentation: its files, its code, its tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *(ROOT / f"{x}/README.md" for x in ("prompts", "store", "evals"))]
)
"""All text that people read."""


def code_of(text: str) -> Iterator[str]:
    """The lines of the fenced blocks of a Markdown text, and its spans of code."""
    fenced = False
    for line in text.split("\n"):
        if line.startswith("```"):
            fenced = not fenced
        elif fenced:
            yield line
        else:
            yield from line.split("`")[1::2]


def rows(text: str) -> list[list[str]]:
    """The cells of all table rows of a Markdown text, without the headers."""
    lines = text.split("\n")
    heads = {number - 1 for number, line in enumerate(lines) if line.startswith("|--")}
    found = [line for number, line in enumerate(lines) if line.startswith("| ") and number not in heads]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found]


def sections(text: str, heading: str = "## ") -> dict[str, str]:
    """The text under each heading of one level."""
    parts = ("\n" + text).split(f"\n{heading}")[1:]
    return {part.split("\n", 1)[0].strip(): part.partition("\n")[2] for part in parts}


def shown(path: Path) -> str:
    """A document's name for the id of a test."""
    return path.relative_to(ROOT).as_posix()
