"""Text of drafts as lines of a screen: wrapped behind a margin, without markup, and without what a terminal obeys.

Nothing is told by colour alone: each sign stands beside its word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.content import Content

from wikiagent.ledger import RecordedFinding
from wikiagent.review.queue import Item
from wikiagent.review.terminal.look import Look, Shown
from wikiagent.review.view import Stated, View
from wikiagent.source.inert import inert

GAP = Content("")

_SIGNS = {"error": ("✗", "bold ansi_red"), "warning": ("▲", "bold ansi_magenta")}


def told(text: str, style: str = "") -> Content:
    """Text of anybody as one line."""
    return Content.styled(" ".join(inert(text).split()), style) if style else Content(" ".join(inert(text).split()))


def hanging(text: Content, width: int, first: Content, rest: Content | None = None) -> list[Content]:
    """Text wrapped behind a margin of `first`, then of `rest` or as many blanks."""
    rest = Content(" " * first.cell_length) if rest is None else rest
    lines = text.wrap(max(width - first.cell_length, 8)) or [GAP]
    return [(rest if number else first) + line for number, line in enumerate(lines)]


def sides(left: Content, right: Content, width: int) -> Content:
    """Two texts at both ends of a line; the left one gives way."""
    room = width - right.cell_length - 2
    return left.truncate(max(room, 0), ellipsis=True).pad_right(max(room - left.cell_length, 0)) + "  " + right


def prose(text: str) -> Content:
    """A statement; the code in it stands between backticks."""
    parts = inert(text).split("`")
    if len(parts) % 2 == 0:
        return told(text)
    pieces = [(f"`{part}`", "ansi_cyan") if number % 2 else part for number, part in enumerate(parts)]
    return Content.assemble(*pieces)


def finding(found: RecordedFinding, width: int, margin: int = 2) -> list[Content]:
    """A finding, with its sign and its word, behind a margin."""
    sign, style = _SIGNS.get(found.severity, ("·", "bold"))
    head = Content.styled(f"{sign} {found.severity} {found.code} ", style)
    return hanging(head + told(found.message), width, Content(" " * margin), Content(" " * (margin + 2)))


def facts(view: View, item: Item | None) -> Content:
    """What kind of draft it is, in a line."""
    draft, page = view.draft, view.page
    parts = [f"draft {draft.id}", draft.type, page.category or ""]
    if item:
        parts += [f"confidence {item.confidence}", f"supported {item.supported}"]
    parts += [draft.drafter, item.model if item else "", f"rank {draft.rank}"]
    if draft.state != "pending":
        parts.insert(0, draft.state.upper())
    return told(" · ".join(part for part in parts if part), "dim")


def notes(view: View, trouble: Sequence[str], width: int) -> list[Content]:
    """What is to be known of a draft as a whole: what went wrong, why it is here, and what concerns no statement."""
    said = [("✗ Not done:", "bold ansi_red", text) for text in trouble[:1]]
    said += [("", "", text) for text in trouble[1:]]
    if view.rejected:
        said.append(("↻ Written again; the one before was rejected:", "bold", view.rejected))
    if view.left:
        said.append(("↻ Stands for a page that left the wiki:", "bold", view.left.name))
    if view.conflict:
        said.append(("▲ Conflict:", "bold ansi_magenta", view.conflict))
    lines = []
    for head, style, text in said:
        words = Content.styled(f"{head} ", style) + told(text) if head else told(text)
        lines += hanging(words, width, Content("  "), Content("    "))
    if view.diff or view.left:
        lines += hanging(told("d shows what is different.", "dim"), width, Content("    "))
    for found in view.elsewhere:
        lines += finding(found, width)
    return lines


def label_width(statements: Iterable[Stated]) -> int:
    """Cells of the column that says where statements stand, with a blank behind it."""
    return min(max((len(stated.section) for stated in statements), default=0), 16) + 1


def statement(stated: Stated, label: str, column: int, current: bool, width: int) -> list[Content]:
    """A statement with its findings, behind where it stands; a bar stands along the one under the cursor."""
    cell = f"{told(stated.column).plain.capitalize()}: " if stated.column else ""
    words = Content(cell) + prose(stated.text)
    if current:
        words = words.stylize("bold")
    refs = Content.styled(f" [{' '.join(stated.refs)}]", "dim") if stated.refs else GAP
    bar = Content.styled("▌ ", "bold ansi_green") if current else Content("  ")
    lines = hanging(words + refs, width, _labelled(label, column) + bar, _labelled("", column) + bar)
    for found in stated.findings:
        lines += finding(found, width, column + 2)
    return lines


def _labelled(label: str, column: int) -> Content:
    """A label in a column of so many cells."""
    return (
        Content.styled(inert(label), "dim").truncate(column - 1, ellipsis=True).pad_right(1).truncate(column, pad=True)
    )


def links(view: View, column: int, width: int) -> list[Content]:
    """What a page is linked to and where it is listed, which are no statements but can be wrong."""
    page, lines = view.page, []
    for number, link in enumerate(page.related):
        margin = _labelled("" if number else "Links", column) + "  "
        lines += hanging(told(f"{link.edge} {link.kind}:{link.name}", "dim"), width, margin)
    if page.topics:
        lines += hanging(told(", ".join(page.topics), "dim"), width, _labelled("Categories", column) + "  ")
    return [GAP, *lines] if lines else []


def where(shown: Shown, number: int, of: int, width: int) -> list[Content]:
    """Where a piece of evidence stands: id, path and lines, symbols, caption, and its address where that is known."""
    span = shown.span
    lines = f"{span.first}-{span.last}" if span.last != span.first else f"{span.first}"
    count = told(f"{number} of {of}" + (", tab: next" if of > 1 else ""), "dim")
    found = [sides(told(f"{span.id}  {span.path}:{lines}", "bold"), count, width)]
    inside = " › ".join(span.breadcrumb)
    found.append(told(" · ".join(part for part in (inside, span.caption) if part)).truncate(width, ellipsis=True))
    if span.url:
        found.append(told(span.url, "dim").truncate(width, ellipsis=True))
    return found


def code(shown: Shown, width: int) -> tuple[list[Content], dict[int, int]]:
    """The lines of a piece of evidence, a bar along the cited ones; and the row of each by its number."""
    span, rows = shown.span, {}
    drawn: list[Content] = []
    digits = len(str(span.start + len(shown.lines)))
    for number, text in enumerate(shown.lines, span.start):
        cited = span.cited(number)
        rows[number] = len(drawn)
        bar = Content.styled("┃ ", "bold ansi_green") if cited else Content("  ")
        line = text if cited else text.stylize("dim")
        indent = line[: min(len(text.plain) - len(text.plain.lstrip()), width // 3)]
        margin = bar + Content.styled(f"{number:>{digits}}  ", "bold" if cited else "dim") + indent
        again = bar + Content(" " * (digits + 2)) + indent
        drawn += hanging(line[len(indent.plain) :], width, margin, again)
    return drawn, rows


def difference(look: Look) -> Iterable[Content]:
    """What is different from what the draft stands in place of, with the signs of a diff."""
    left = look.view.left
    if left:
        yield told(f"{left.name} left the wiki with {left.since}.", "bold")
        for problem in left.problems:
            yield told(problem)
        for cited in left.citations:
            yield GAP
            yield told(f"{cited.fate}: {cited.old}" + (f" → {cited.new}" if cited.new else "") + f": {cited.why}")
            yield from map(_changed, cited.diff.splitlines())
        yield GAP
    yield from map(_changed, look.view.diff)


def _changed(line: str) -> Content:
    style = {"+": "ansi_green", "-": "ansi_red", "@": "bold ansi_cyan"}.get(line[:1], "")
    text = inert(line).expandtabs(4).replace("\n", " ")
    return Content.styled(text, style) if style else Content(text)
