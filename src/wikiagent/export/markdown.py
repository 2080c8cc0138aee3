"""A document as Markdown that code hosts and mkdocs show alike.

The two differ: CommonMark knows more escapes than Python-Markdown, which wants lists indented deeper. What is written
here means the same to both: entities where a backslash would be shown, plain anchors for references.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from wikiagent.export.document import (
    Block,
    Bold,
    Break,
    Categories,
    Cell,
    Code,
    CodeBlock,
    Document,
    ExternalLink,
    Heading,
    Inline,
    Italic,
    ListBlock,
    Note,
    PageLink,
    Paragraph,
    Quote,
    Reference,
    References,
    Rule,
    Table,
    Text,
    text_of,
)
from wikiagent.export.html import PageAddress
from wikiagent.export.names import edge_words, title_of
from wikiagent.source.inert import inert
from wikiagent.wiki.graph import PageId

_ESCAPED = re.compile(r"[\\`*\[\]]|(?<![^\W_])_|_(?![^\W_])")
_AS_ENTITY = re.compile(
    r"[<~$|]|&(?=\w+;|#)|:(?=[\w+\-]+:)|(?<=[hH][tT][tT][pP]):(?=//)|(?<=[hH][tT][tT][pP][sS]):(?=//)|(?<=[wW]{3})\.|@(?=\w)|!$"
)
_AT_START = re.compile(r"(?P<mark>[#>+\-])|(?P<number>\d+)(?P<dot>[.)])")


def to_markdown(
    document: Document,
    *,
    title: str | None = None,
    page: PageId | None = None,
    address_of: PageAddress = lambda page: None,
    repo: str | None = None,
) -> str:
    """The document as Markdown.

    A reference leads to the lines that prove it (`#evidence-e1`) where the page quotes them, else to its note
    (`#note-e1`); notes lead back.

    Args:
        document: what `blocks.read` makes of a page.
        title: a heading of the first level to begin with.
        page: the page that this is, which decides what its typed links say.
        address_of: where the pages are that it links to; a page that is nowhere is named only.
        repo: prefix of page names that titles go without.
    """
    blocks = list(_Writer(document, page, address_of, repo).blocks(document.blocks))
    heading = [f"# {escape(title, heading=True)}"] if title else []
    return "\n\n".join([*heading, *blocks]) + "\n"


def escape(text: str, *, heading: bool = False) -> str:
    """Text as Markdown that shows it: one line, which may stand anywhere but at the start of a block."""
    text = " ".join(inert(text).split(" "))
    text = _ESCAPED.sub(r"\\\g<0>", text)
    text = _AS_ENTITY.sub(lambda found: f"&#{ord(found[0])};", text)
    return re.sub(r"#+$", lambda found: "&#35;" * len(found[0]), text) if heading else text


def link(shown: str, address: str) -> str:
    """A link; `shown` is Markdown."""
    safe = re.sub(r"[\s()<>\\|*_`\"'\[\]]", lambda found: quote(found[0], safe=""), inert(address))
    return f"[{shown}]({safe.replace('%5F', '_')})"


class _Writer:
    """Walks over one document."""

    def __init__(self, document: Document, page: PageId | None, address_of: PageAddress, repo: str | None) -> None:
        self._page = page
        self._address_of = address_of
        self._repo = repo
        notes = [note for block in document.blocks if isinstance(block, References) for note in block.notes]
        self._numbers = {note.id: number for number, note in enumerate(notes, 1)}
        self._shown = {block.note for block in document.blocks if isinstance(block, CodeBlock) and block.note}
        self._used: dict[str, int] = {}

    def blocks(self, blocks: Sequence[Block]) -> Iterator[str]:
        """The blocks that show something; the list of references is written when all are counted."""
        parts = [None if isinstance(block, References) else self._block(block) for block in blocks]
        for block, part, behind in zip(blocks, parts, [*blocks[1:], None], strict=False):
            text = self._references(block.notes) if isinstance(block, References) else part
            if isinstance(behind, CodeBlock) and behind.note:
                yield f'<a id="evidence-{_anchor(behind.note)}"></a>{text}'
            elif text:
                yield text
            if isinstance(block, ListBlock) and isinstance(behind, ListBlock):
                yield "<!-- -->"  # else Python-Markdown makes one list of both

    def _block(self, block: Block) -> str:
        match block:
            case Heading(level, children):
                shown = self._inlines(children, heading=True).strip()
                return f"{'#' * max(level, 2)} {shown}" if shown else ""
            case Paragraph(children):
                return _at_start(self._inlines(children).strip())
            case ListBlock():
                return "\n".join(self._list(block, ""))
            case Table(rows, _, infobox):
                return self._infobox(rows) if infobox else self._table(block)
            case CodeBlock():
                return self._code(block)
            case Quote(blocks):
                inside = "\n\n".join(self.blocks(blocks))
                return "\n".join(f"> {line}".rstrip() for line in inside.split("\n"))
            case Rule():
                return "---"
            case Categories(names):
                return "Categories: " + ", ".join(escape(name.replace("_", " ")) for name in names)
            case References(notes):
                return self._references(notes)

    def _list(self, block: ListBlock, indent: str) -> Iterator[str]:
        for number, item in enumerate(block.items, 1):
            text = _at_start(self._inlines(item.children).strip())
            if text or item.lists:
                yield f"{indent}{f'{number}.' if block.ordered else '-'} {text or '&nbsp;'}"
            for below in item.lists:
                yield from self._list(below, indent + "    ")

    def _infobox(self, rows: Iterable[Sequence[Cell]]) -> str:
        """A table beside the text, as a list: each row's header and what stands behind it."""
        lines = []
        for row in rows:
            name = " ".join(self._cell(cell) for cell in row if cell.header)
            value = " ".join(self._cell(cell, between=", ") for cell in row if not cell.header)
            lines.append(f"- **{name}:** {value}" if name else f"- {value}")
        return "\n".join(lines)

    def _table(self, table: Table) -> str:
        width = max((len(row) for row in table.rows), default=0)
        if not width:
            return ""
        rows = [[self._cell(cell) for cell in row] + [""] * (width - len(row)) for row in table.rows]
        head = rows.pop(0) if all(cell.header for cell in table.rows[0]) else [""] * width
        lines = [f"| {' | '.join(row)} |" for row in [head, ["---"] * width, *rows]]
        caption = self._inlines(table.caption).strip()
        return (f"{_at_start(caption)}\n\n" if caption else "") + "\n".join(lines)

    def _cell(self, cell: Cell, between: str = "<br>") -> str:
        return between.join(filter(None, (self._in_cell(block, between) for block in cell.blocks)))

    def _in_cell(self, block: Block, between: str) -> str:
        """A block in one line."""
        match block:
            case Paragraph(children) | Heading(_, children):
                return self._inlines(children).strip()
            case ListBlock(_, items):
                lines = []
                for item in items:
                    lines.append(self._inlines(item.children).strip())
                    lines += [self._in_cell(below, between) for below in item.lists]
                return between.join(filter(None, lines))
            case CodeBlock(code):
                return "<br>".join(_code(line) for line in code.split("\n") if line.strip())
            case _:
                return ""

    def _code(self, block: CodeBlock) -> str:
        fence = "`" * max([3, *(len(run) + 1 for run in re.findall(r"`+", block.code))])
        language = block.language if re.fullmatch(r"[\w+#.\-]+", block.language, re.A) else "text"
        code = "\n".join(inert(line) for line in block.code.split("\n"))
        return f"{fence}{language}\n{code}\n{fence}"

    def _references(self, notes: Iterable[Note]) -> str:
        return "\n".join(f"{number}. {self._note(note)}" for number, note in enumerate(notes, 1))

    def _note(self, note: Note) -> str:
        anchor = _anchor(note.id)
        lines = f" · [lines](#evidence-{anchor})" if note.id in self._shown else ""
        back = " ".join(f"[↑{use}](#ref-{anchor}-{use})" for use in range(1, self._used.get(note.id, 0) + 1))
        return f'<a id="note-{anchor}"></a>{self._inlines(note.children).strip()}{lines}' + (
            f" · {back}" if back else ""
        )

    def _inlines(self, inlines: Sequence[Inline], *, heading: bool = False) -> str:
        out = ""
        for index, inline in enumerate(inlines):
            behind = text_of(inlines[index + 1 : index + 2])[:1]
            out += self._inline(inline, out[-1:], behind, heading and index == len(inlines) - 1)
        return out

    def _inline(self, inline: Inline, before: str, behind: str, last: bool) -> str:
        match inline:
            case Text(text):
                return escape(text, heading=last)
            case Code(text):
                return _code(text, apart=before != "`")
            case Bold(children):
                return _marked("**", "strong", self._inlines(children), before, behind)
            case Italic(children):
                return _marked("*", "em", self._inlines(children), before, behind)
            case Break():
                return "<br>"
            case Reference(name):
                return self._reference(name)
            case ExternalLink(url, children):
                return link(self._inlines(children).strip() or escape(url), url)
            case PageLink():
                return self._page_link(inline)

    def _reference(self, name: str) -> str:
        number = self._numbers.get(name)
        if number is None:
            return f"<sup>\\[{escape(name)}\\]</sup>"
        use = self._used[name] = self._used.get(name, 0) + 1
        anchor = _anchor(name)
        target = f"{'evidence' if name in self._shown else 'note'}-{anchor}"
        return f'<sup><a id="ref-{anchor}-{use}"></a>[\\[{number}\\]](#{target})</sup>'

    def _page_link(self, found: PageLink) -> str:
        shown = self._inlines(found.label).strip() or escape(title_of(found.page, self._repo))
        address = self._address_of(found.page)
        text = link(shown, address) if address is not None else shown
        if not found.edge:
            return text
        return f"{escape(edge_words(found.edge, self._page[0] if self._page else None, found.page[0]))}: {text}"


def _at_start(text: str) -> str:
    """Text that begins a block, without the meaning that its first characters have there."""

    def escaped(found: re.Match[str]) -> str:
        return f"\\{found['mark']}" if found["mark"] else f"{found['number']}\\{found['dot']}"

    return _AT_START.sub(escaped, text, count=1) if _AT_START.match(text) else text


def _code(text: str, *, apart: bool = True) -> str:
    """Code within a line; as HTML where Markdown would change it, a table take its bars, or other code touches it."""
    text = " ".join(inert(text).split("\n"))
    runs = [len(run) for run in re.findall(r"`+", text)]
    if "|" in text or runs or text != text.strip() or not text or not apart:
        return f"<code>{escape(text)}</code>"
    return f"`{text}`"


def _marked(mark: str, tag: str, inside: str, before: str, behind: str) -> str:
    """Bold or italic text; as HTML where the marks would stand between characters that make them text."""
    plain = re.fullmatch(r"[^\W_](?:.*[^\W_:.])?[:.]?", inside, re.S) and not re.search(r"[*<]", inside)
    if plain and not before.strip() and not behind.strip():
        return f"{mark}{inside}{mark}"
    return f"<{tag}>{inside}</{tag}>"


def _anchor(name: str) -> str:
    """The id of a note as a part of an id in HTML."""
    return name if re.fullmatch(r"[A-Za-z][\w\-]*", name) else "x" + name.encode().hex()
