"""A document as HTML: everything is escaped, no style, no script, no address but those of http and https."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from markupsafe import Markup, escape

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
from wikiagent.export.highlight import code_lines
from wikiagent.export.names import edge_words, title_of
from wikiagent.source.inert import inert
from wikiagent.wiki.graph import PageId

PageAddress = Callable[[PageId], str | None]
"""Where a page is, as an address for a link; None where there is no such page."""


SourceAddress = Callable[[str, int], str | None]
"""Where a line of a file of the source is shown, as an address for a link; None where it is not."""

_PLACE = re.compile(r"(?P<path>[^\s:]+):(?P<line>\d{1,9})(?:-\d{1,9})?")


def to_html(
    document: Document,
    *,
    page: PageId | None = None,
    address_of: PageAddress = lambda page: None,
    repo: str | None = None,
    prefix: str = "",
    place_of: SourceAddress = lambda path, line: None,
) -> Markup:
    """The document as the inner HTML of an element.

    A reference leads to the lines that prove it (`#PREFIXevidence-e1`) where the page quotes them, else to its note
    (`#PREFIXnote-e1`); the note leads back to every reference (`#PREFIXref-e1-1`, `-2`, …).

    Args:
        document: what `blocks.read` makes of a page.
        page: the page that this is, which decides what its typed links say.
        address_of: where the pages are that it links to; a page that is nowhere is shown as wanted.
        repo: prefix of page names that titles go without.
        prefix: begins every id, so that several documents can stand on one page.
        place_of: where the lines are that it names as `PATH:FIRST-LAST`.
    """
    return _Writer(document, page, address_of, repo, prefix, place_of).document()


class _Writer:
    """Walks over one document."""

    def __init__(
        self,
        document: Document,
        page: PageId | None,
        address_of: PageAddress,
        repo: str | None,
        prefix: str,
        place_of: SourceAddress,
    ) -> None:
        self._place_of = place_of
        self._blocks = document.blocks
        self._page = page
        self._address_of = address_of
        self._repo = repo
        self._prefix = prefix
        notes = [note for block in document.blocks if isinstance(block, References) for note in block.notes]
        self._numbers = {note.id: number for number, note in enumerate(notes, 1)}
        self._notes = {note.id: note for note in notes}
        self._shown = {block.note for block in document.blocks if isinstance(block, CodeBlock) and block.note}
        self._used: dict[str, int] = {}
        self._taken: set[str] = set()
        self._codes = 0

    def document(self) -> Markup:
        # References are counted while the text is written; their list and the quoted lines lead back to them.
        parts = [None if isinstance(block, References | CodeBlock) else self._block(block) for block in self._blocks]
        done = [self._block(block) if part is None else part for block, part in zip(self._blocks, parts, strict=True)]
        return Markup("\n").join(done)

    def _all(self, blocks: Iterable[Block]) -> Markup:
        return Markup("\n").join(self._block(block) for block in blocks)

    def _block(self, block: Block) -> Markup:
        match block:
            case Heading():
                return self._heading(block)
            case Paragraph(children):
                return Markup("<p>{}</p>").format(self._inlines(children))
            case ListBlock():
                return self._list(block)
            case Table():
                return self._table(block)
            case CodeBlock():
                return self._code(block)
            case References(notes):
                items = Markup("\n").join(map(self._note, notes))
                return Markup('<ol class="references" aria-label="References">\n{}\n</ol>').format(items)
            case Quote(blocks):
                return Markup("<blockquote>\n{}\n</blockquote>").format(self._all(blocks))
            case Rule():
                return Markup("<hr>")
            case Categories(names):
                items = Markup("\n").join(Markup("<li>{}</li>").format(_words(name)) for name in names)
                return Markup('<ul class="categories" aria-label="Categories">\n{}\n</ul>').format(items)

    def _heading(self, heading: Heading) -> Markup:
        level = min(max(heading.level, 2), 6)
        name = self._id(re.sub(r"[^\w]+", "-", text_of(heading.children).lower()).strip("-") or "section")
        return Markup('<h{0} id="{1}">{2}</h{0}>').format(level, name, self._inlines(heading.children))

    def _id(self, slug: str) -> str:
        """An id that no other heading has, nor anything else: those of evidence and notes have a hyphen and a digit."""
        base = f"{self._prefix}s-{slug}" if re.match(r"(?:evidence|note|ref|code)\b", slug) else self._prefix + slug
        name, number = base, 1
        while name in self._taken:
            number += 1
            name = f"{base}-{number}"
        self._taken.add(name)
        return name

    def _list(self, block: ListBlock) -> Markup:
        items = Markup("\n").join(
            Markup("<li>{}{}</li>").format(self._inlines(item.children), self._all(item.lists)) for item in block.items
        )
        return Markup("<{0}>\n{1}\n</{0}>").format("ol" if block.ordered else "ul", items)

    def _table(self, table: Table) -> Markup:
        width = max((len(row) for row in table.rows), default=0)
        head = table.rows[:1] if table.rows and all(cell.header for cell in table.rows[0]) and not table.infobox else ()
        parts = []
        if table.caption:
            parts.append(Markup("<caption>{}</caption>").format(self._inlines(table.caption)))
        for tag, rows, scope in (("thead", head, "col"), ("tbody", table.rows[len(head) :], "row")):
            if rows:
                lines = Markup("\n").join(self._row(row, width, scope) for row in rows)
                parts.append(Markup("<{0}>\n{1}\n</{0}>").format(tag, lines))
        inside = Markup("\n").join(parts)
        if table.infobox:
            return Markup('<table class="infobox" aria-label="About this page">\n{}\n</table>').format(inside)
        label = text_of(table.caption) or "Table"
        return Markup(
            '<div class="scroll" role="region" aria-label="{}" tabindex="0">\n<table>\n{}\n</table>\n</div>'
        ).format(label, inside)

    def _row(self, row: Sequence[Cell], width: int, scope: str) -> Markup:
        cells = [self._cell(cell, scope) for cell in row]
        return Markup("<tr>{}</tr>").format(Markup().join([*cells, *[Markup("<td></td>")] * (width - len(cells))]))

    def _cell(self, cell: Cell, scope: str) -> Markup:
        match cell.blocks:
            case (Paragraph(children),):
                inside = self._inlines(children)
            case _:
                inside = self._all(cell.blocks)
        if cell.header and inside:
            return Markup('<th scope="{}">{}</th>').format(scope, inside)
        return Markup("<td>{}</td>").format(inside)

    def _code(self, block: CodeBlock) -> Markup:
        self._codes += 1
        name = f"{self._prefix}evidence-{_anchor(block.note)}" if block.note else f"{self._prefix}code-{self._codes}"
        lines = code_lines(block.code, block.language, start=block.start, name=name)
        note = self._notes.get(block.note) if block.note else None
        caption = self._code_caption(note) if note else Markup()
        label = f"Lines of {text_of(note.children)}" if note else f"Code, {block.language}"
        numbered = " numbered" if block.start is not None else ""
        return Markup(
            '<figure class="code{}" id="{}">\n<pre tabindex="0" role="region" aria-label="{}">'
            '<code class="highlight">{}</code></pre>{}\n</figure>'
        ).format(numbered, name, label, lines, caption)

    def _code_caption(self, note: Note) -> Markup:
        place = self._inlines(note.children)
        return Markup("\n<figcaption>[{}] {}{}</figcaption>").format(self._numbers[note.id], place, self._back(note))

    def _note(self, note: Note) -> Markup:
        lines = Markup()
        if note.id in self._shown:
            href = f"#{self._prefix}evidence-{_anchor(note.id)}"
            lines = Markup(' <a class="lines" href="{}">lines<span class="sr"> of reference {}</span></a>').format(
                href, self._numbers[note.id]
            )
        name = f"{self._prefix}note-{_anchor(note.id)}"
        return Markup('<li id="{}">{}{}{}</li>').format(name, self._inlines(note.children), lines, self._back(note))

    def _back(self, note: Note) -> Markup:
        """Links back to where the note is referred to."""
        links = [
            Markup('<a href="#{}ref-{}-{}" aria-label="Back to mention {} of reference {}">↑{}</a>').format(
                self._prefix, _anchor(note.id), use, use, self._numbers[note.id], use
            )
            for use in range(1, self._used.get(note.id, 0) + 1)
        ]
        return Markup(' <span class="back">{}</span>').format(Markup(" ").join(links)) if links else Markup()

    def _inlines(self, inlines: Iterable[Inline]) -> Markup:
        return Markup().join(self._inline(inline) for inline in inlines)

    def _inline(self, inline: Inline) -> Markup:
        match inline:
            case Text(text):
                return escape(inert(text))
            case Code(text):
                place = _PLACE.fullmatch(text)
                href = self._place_of(place["path"], int(place["line"])) if place else None
                shown = Markup("<code>{}</code>").format(inert(text))
                return Markup('<a href="{}">{}</a>').format(href, shown) if href else shown
            case Bold(children):
                return Markup("<strong>{}</strong>").format(self._inlines(children))
            case Italic(children):
                return Markup("<em>{}</em>").format(self._inlines(children))
            case Break():
                return Markup("<br>")
            case Reference(name):
                return self._reference(name)
            case ExternalLink(url, children):
                return external_link(url, self._inlines(children))
            case PageLink():
                return self._page_link(inline)

    def _reference(self, name: str) -> Markup:
        number = self._numbers.get(name)
        if number is None:
            return Markup('<sup class="ref missing">[{}]</sup>').format(inert(name))
        use = self._used[name] = self._used.get(name, 0) + 1
        kind = "evidence" if name in self._shown else "note"
        place = inert(text_of(self._notes[name].children))
        return Markup(
            '<sup class="ref" id="{0}ref-{1}-{2}">'
            '<a href="#{0}{3}-{1}" title="{4}" aria-label="Evidence {5}: {4}">{5}</a></sup>'
        ).format(self._prefix, _anchor(name), use, kind, place, number)

    def _page_link(self, link: PageLink) -> Markup:
        kind, name = link.page
        title = self._inlines(link.label) if link.label else escape(inert(title_of(link.page, self._repo)))
        href = self._address_of(link.page)
        if href is None:
            shown = Markup('<span class="wanted" title="{}: there is no such page yet">{}</span>').format(name, title)
        else:
            shown = Markup('<a href="{}">{}</a>').format(href, title)
        if not link.edge:
            return shown
        words = edge_words(link.edge, self._page[0] if self._page else None, kind)
        return Markup('<span class="edge">{}</span> {} <span class="kind">{}</span>').format(inert(words), shown, kind)


def external_link(url: str, shown: Markup) -> Markup:
    """A link that leaves the site; what is no address of http or https is only shown."""
    if not re.match(r"https?://.", url):
        return shown
    return Markup('<a class="external" href="{}" rel="noopener noreferrer">{}</a>').format(inert(url), shown)


def _words(category: str) -> str:
    return inert(category.replace("_", " "))


def _anchor(name: str) -> str:
    """The id of a note as a part of an id in HTML."""
    return name if re.fullmatch(r"[A-Za-z][\w\-]*", name) else "x" + name.encode().hex()
