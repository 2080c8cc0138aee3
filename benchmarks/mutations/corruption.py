"""What a corruption is, and the list of its kinds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import NamedTuple

from benchmarks.mutations.facts import Facts
from benchmarks.mutations.text import Page, lines_at


class Class(StrEnum):
    """Whether a kind is wrong by form, or by what it claims."""

    MECHANICAL = "mechanical"
    CLAIM = "claim"


class Change(NamedTuple):
    """A changed page.

    Attributes:
        text: its new text.
        lines: first and last line on which a finding is right; None where it is about the page as a whole.
        also: further lines on which one is right.
        codes: the codes that are right.
        where: the file that the finding is about, where it is not the changed one.
        control: the same change with a true statement, which must have no finding.
        beside: other files that may have findings for it too.
    """

    text: str
    lines: tuple[int, int] | None
    codes: tuple[str, ...]
    where: str = ""
    control: str = ""
    beside: tuple[str, ...] = ()
    also: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Scene:
    """The clean wiki with its source."""

    files: dict[str, str]
    facts: Facts
    pages: dict[str, Page] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pages", {file: Page(file, text) for file, text in self.files.items()})


Maker = Callable[[Page, Scene, Random], Change | None]


@dataclass(frozen=True)
class Kind:
    """A kind of corruption.

    Attributes:
        name: what is done.
        of: its class.
        folders: beginnings of the names of the files that it is done to.
        make: does it to a page; None where the page has nothing to do it to.
    """

    name: str
    of: Class
    folders: tuple[str, ...]
    make: Maker


@dataclass(frozen=True)
class Corruption:
    """One change of one file, which makes one thing wrong."""

    kind: Kind
    file: str
    change: Change

    @property
    def where(self) -> str:
        return self.change.where or self.file

    @property
    def touched(self) -> set[str]:
        return {self.file, self.where, *self.change.beside}

    @property
    def is_of_wiki(self) -> bool:
        """Whether it is about links and indexes, which other changes of pages may disturb."""
        return self.change.codes[0].startswith(("LNK", "IDX"))


LEAVES = ("heuristics/", "environments/")
IMPLEMENTATIONS = ("implementations/",)
INDEXES = ("_HeuristicIndex", "_EnvironmentIndex", "_ImplementationIndex")
KINDS: dict[str, Kind] = {}


def kind(name: str, of: Class = Class.MECHANICAL, folders: tuple[str, ...] = LEAVES) -> Callable[[Maker], Maker]:
    """Add a maker to the list of kinds."""

    def add(make: Maker) -> Maker:
        KINDS[name] = Kind(name, of, folders, make)
        return make

    return add


def change(text: str, start: int, end: int, *codes: str, control: str = "") -> Change:
    """A change whose finding belongs on the lines between two offsets of the new text."""
    return Change(text, lines_at(text, start, end), codes, control=control)


def change_of_page(text: str, *codes: str) -> Change:
    """A change whose finding is about the page as a whole."""
    return Change(text, None, codes)


def corruptions(kind: Kind, scene: Scene, random: Random, count: int) -> Iterator[Corruption]:
    """Up to `count` different corruptions of one kind, spread over the files."""
    files = sorted(file for file in scene.files if file.startswith(kind.folders))
    seen: set[tuple[str, str]] = set()
    for _ in range(8):
        random.shuffle(files)
        for file in files:
            made = kind.make(scene.pages[file], scene, random) if len(seen) < count else None
            if made and made.text != scene.files[file] and (file, made.text) not in seen:
                seen.add((file, made.text))
                yield Corruption(kind, file, made)
