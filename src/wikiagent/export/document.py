"""A page's text as a small immutable tree: blocks, and the inline text in them.

Text in the tree is plain: entities are resolved, markup that no node stands for is text. `blocks.read` makes the tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from wikiagent.wiki.graph import PageId


@dataclass(frozen=True)
class Text:
    """Plain text."""

    text: str


@dataclass(frozen=True)
class Bold:
    """Strong text."""

    children: tuple[Inline, ...]


@dataclass(frozen=True)
class Italic:
    """Emphasized text."""

    children: tuple[Inline, ...]


@dataclass(frozen=True)
class Code:
    """A stretch of code within a line."""

    text: str


@dataclass(frozen=True)
class Break:
    """A line break."""


@dataclass(frozen=True)
class Reference:
    """A mark that leads to the note with this id."""

    id: str


@dataclass(frozen=True)
class ExternalLink:
    """A link to an address that begins with http:// or https://."""

    url: str
    children: tuple[Inline, ...]


@dataclass(frozen=True)
class PageLink:
    """A link to a page of the wiki, which may not exist.

    Attributes:
        page: where it leads.
        edge: name of the edge where the link is typed, else "".
        label: what it shows; without one, whoever shows it names the page.
    """

    page: PageId
    edge: str = ""
    label: tuple[Inline, ...] = ()


Inline: TypeAlias = Text | Bold | Italic | Code | Break | Reference | ExternalLink | PageLink


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 to 6."""

    level: int
    children: tuple[Inline, ...]


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    children: tuple[Inline, ...]


@dataclass(frozen=True)
class Item:
    """An item of a list: its line, and the lists below it."""

    children: tuple[Inline, ...]
    lists: tuple[ListBlock, ...] = ()


@dataclass(frozen=True)
class ListBlock:
    """A list; `ordered` where its items are numbered."""

    ordered: bool
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Cell:
    """A cell of a table."""

    blocks: tuple[Block, ...]
    header: bool = False


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        rows: the rows, the header first where there is one.
        caption: its caption, or nothing.
        infobox: whether it stands beside the text and says what the page is.
    """

    rows: tuple[tuple[Cell, ...], ...]
    caption: tuple[Inline, ...] = ()
    infobox: bool = False


@dataclass(frozen=True)
class CodeBlock:
    """Lines of code.

    Attributes:
        code: the lines, without a line end at the end.
        language: as the page names it.
        start: number of the first line, or None where the lines are not numbered.
        note: id of the note that names these lines, where the block is the evidence of one.
    """

    code: str
    language: str = "text"
    start: int | None = None
    note: str | None = None


@dataclass(frozen=True)
class Note:
    """An entry of the list of references."""

    id: str
    children: tuple[Inline, ...]


@dataclass(frozen=True)
class References:
    """The list of references."""

    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Quote:
    """A quotation."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Rule:
    """A line across the page."""


@dataclass(frozen=True)
class Categories:
    """The categories of the page."""

    names: tuple[str, ...]


Block: TypeAlias = Heading | Paragraph | ListBlock | Table | CodeBlock | References | Quote | Rule | Categories


@dataclass(frozen=True)
class Document:
    """A page."""

    blocks: tuple[Block, ...]


def text_of(inlines: Iterable[Inline]) -> str:
    """What a reader sees of inline text, without the marks of references."""
    return "".join(_inline_text(inline) for inline in inlines)


def _inline_text(inline: Inline) -> str:
    match inline:
        case Text(text) | Code(text):
            return text
        case Bold(children) | Italic(children) | ExternalLink(_, children):
            return text_of(children)
        case PageLink(page, _, label):
            return text_of(label) or page[1]
        case Break():
            return "\n"
        case _:
            return ""


def plain_text(document: Document) -> str:
    """What a reader sees of a page: a line for each line of text, a row of a table, an item, a line of code."""
    return "\n".join(_lines(document.blocks))


def _lines(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Heading(_, children) | Paragraph(children):
                yield text_of(children)
            case ListBlock(_, items):
                for item in items:
                    yield text_of(item.children)
                    yield from _lines(item.lists)
            case Table(rows, caption):
                if caption:
                    yield text_of(caption)
                for row in rows:
                    yield " ".join(" ".join(_lines(cell.blocks)) for cell in row)
            case CodeBlock(code):
                yield code
            case References(notes):
                for note in notes:
                    yield text_of(note.children)
            case Quote(inner):
                yield from _lines(inner)
            case Categories(names):
                yield " ".join(names)
            case Rule():
                pass


def inlines_in(blocks: Iterable[Block]) -> Iterator[Inline]:
    """Every inline node below some blocks, in the order of the text."""
    for block in blocks:
        match block:
            case Heading(_, children) | Paragraph(children):
                yield from _flat(children)
            case ListBlock(_, items):
                for item in items:
                    yield from _flat(item.children)
                    yield from inlines_in(item.lists)
            case Table(rows, caption):
                yield from _flat(caption)
                for row in rows:
                    for cell in row:
                        yield from inlines_in(cell.blocks)
            case Quote(inner):
                yield from inlines_in(inner)
            case References(notes):
                for note in notes:
                    yield from _flat(note.children)
            case _:
                pass


def _flat(inlines: Iterable[Inline]) -> Iterator[Inline]:
    for inline in inlines:
        yield inline
        if isinstance(inline, Bold | Italic | ExternalLink):
            yield from _flat(inline.children)
