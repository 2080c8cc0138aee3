"""The queue on the screen: a list that a rule narrows, what needs a person most first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Footer, Input, Static

from wikiagent.errors import DraftError
from wikiagent.review.queue import Item
from wikiagent.review.terminal.drawn import sides, told
from wikiagent.review.terminal.sitting import PENDING
from wikiagent.source.inert import inert

if TYPE_CHECKING:
    from wikiagent.review.terminal.app import ReviewApp

#: The values that a key goes round, by the field that they narrow; the empty one is for all.
ROUND = {
    "state": ("=pending", "=accepted", "=rejected", "=superseded", ""),
    "type": ("=Heuristic", "=Environment", ""),
    "drafter": ("=extractive", "=agent", "=refresh", ""),
    "findings": (">0", "=0", ""),
    "confidence": ("=low", "=medium", "=high", ""),
}


class Drafts(ScrollView, can_focus=True):
    """The drafts of the queue, one a line; only the lines in sight are drawn.

    Attributes:
        prefix: what all names of the wiki begin with, which is not shown.
        items: the drafts.
        cursor: the line under the cursor.
    """

    def __init__(self) -> None:
        super().__init__()
        self.prefix = ""
        self.items: Sequence[Item] = ()
        self.trouble: frozenset[int] = frozenset()
        self.cursor = 0

    @property
    def current(self) -> Item | None:
        """The draft under the cursor."""
        return self.items[self.cursor] if self.items else None

    def show(self, items: Sequence[Item], trouble: frozenset[int], draft_id: int | None) -> None:
        """Show drafts, with the cursor on one of them; where that is gone, the cursor stays at its line."""
        ids = [item.id for item in items]
        self.items, self.trouble = items, trouble
        self.virtual_size = Size(1, len(items))
        self.move(ids.index(draft_id) if draft_id in ids else self.cursor)

    def move(self, line: int) -> None:
        """Put the cursor on a line, or on the nearest that there is."""
        self.cursor = max(0, min(line, len(self.items) - 1))
        self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the list."""
        number, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        if number >= len(self.items):
            return Strip.blank(width)
        item, here = self.items[number], number == self.cursor
        text = columns(
            "▶" if here else "",
            str(item.id),
            "failed" if item.id in self.trouble else _note(item),
            item.type,
            inert(item.name.removeprefix(self.prefix)),
            _findings(item),
            item.confidence,
            item.drafter,
            inert(", ".join(item.file)),
            width=width,
        )
        return Strip([Segment(text, Style(reverse=here, bold=here))], width)


def columns(*cells: str, width: int) -> str:
    """A line of the list: mark, id, note, type, name, findings, confidence; drafter and file where there is room."""
    wide = width >= 110
    fixed = (2, 6, 10, 12, 0, 9, 11 if wide else 7, 11 if wide else 0, width // 4 if wide else 0)
    sizes = [size or (width - sum(fixed) if number == 4 else 0) for number, size in enumerate(fixed)]
    return set_cell_size("".join(_fitted(cell, size) for cell, size in zip(cells, sizes, strict=True)), width)


def _fitted(cell: str, size: int) -> str:
    """A cell of a width, with a blank at its end; the end of a long one is left out."""
    if size <= 0:
        return ""
    short = cell if cell_len(cell) < size else set_cell_size(cell, size - 2) + "…"
    return set_cell_size(short, size)


def _note(item: Item) -> str:
    if item.state != "pending":
        return item.state
    marks = (("redrafted", item.redrafted), ("skipped", bool(item.skipped)), ("new", item.new))
    return next((word for word, holds in marks if holds), "")


def _findings(item: Item) -> str:
    parts = (f"✗ {item.errors}" if item.errors else "", f"▲ {item.warnings}" if item.warnings else "")
    return " ".join(part for part in parts if part) or "none"


class QueueScreen(Screen[None]):
    """The queue: choose a draft, and which drafts are shown."""

    app: ReviewApp

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Review", tooltip="Review from this draft on"),
        Binding("down,j", "move(1)", "Next line", show=False),
        Binding("up,k", "move(-1)", "Line before", show=False),
        Binding("pagedown,space", "move(10)", "Ten lines on", show=False),
        Binding("pageup", "move(-10)", "Ten lines back", show=False),
        Binding("home", "move(-1000000)", "First line", show=False),
        Binding("end", "move(1000000)", "Last line", show=False),
        Binding("slash", "edit", "Rule", tooltip="Write the rule"),
        Binding("s", "turn('state')", "State", tooltip="Narrow by state: the next, or all"),
        Binding("t", "turn('type')", "Type", tooltip="Narrow by type: the next, or all"),
        Binding("w", "turn('drafter')", "Drafter", show=False, tooltip="Narrow by drafter: the next, or all"),
        Binding("f", "turn('findings')", "Findings", tooltip="Narrow by findings: the next, or all"),
        Binding("c", "turn('confidence')", "Confidence", tooltip="Narrow by confidence: the next, or all", show=False),
        Binding("l", "file", "File", show=False, tooltip="Drafts that cite the file of this one, or all"),
        Binding("x", "clear", "All pending", tooltip="All that are pending"),
        Binding("u", "app.undo", "Undo", tooltip="Undo the last decision"),
        Binding("question_mark", "app.help", "Help", key_display="?", tooltip="These keys"),
        Binding("q", "app.quit", "Quit"),
    ]

    def compose(self) -> ComposeResult:
        """Its parts, from top to bottom."""
        yield Static(id="bar", markup=False)
        with Horizontal(id="narrow"):
            yield Static("Rule  ", markup=False)
            yield Input(id="rule", compact=True)
        yield Static(id="problem", markup=False)
        yield Static(id="columns", markup=False)
        yield Drafts()
        yield Static(id="told", markup=False)
        yield Footer(compact=True)

    @property
    def drafts(self) -> Drafts:
        """The list."""
        return self.query_one(Drafts)

    def on_mount(self) -> None:
        """Where the keys go first."""
        self.drafts.focus()

    def on_resize(self) -> None:
        """What is cut to the width follows it."""
        self.call_after_refresh(self.renew)

    def on_screen_resume(self) -> None:
        """Somebody may have gone through drafts meanwhile."""
        self.renew()

    def renew(self, draft_id: int | None = None) -> None:
        """Show the queue as it is now, with the cursor on a draft or where it was."""
        if not self.query("#rule"):  # not there yet, or not any more
            return
        sitting, drafts = self.app.sitting, self.drafts
        here = draft_id or (drafts.current.id if drafts.current else None)
        drafts.prefix = self.app.prefix
        chosen = sitting.chosen
        drafts.show(chosen, frozenset(sitting.trouble), here)
        rule = self.query_one("#rule", Input)
        if not rule.has_focus:
            rule.value = sitting.rule
        width = max(self.size.width - 2, 20)
        many = f"{len(chosen)} draft{'' if len(chosen) == 1 else 's'}"
        right = " · ".join([*self.app.doing, many, sitting.progress])
        self.query_one("#bar", Static).update(
            sides(told(f"Review of {self.app.desk.root.name}", "bold"), told(right), width)
        )
        titles = ("", "Draft", "", "Type", "Page", "Findings", "Confidence", "Drafter", "File")
        titles = titles if width >= 110 else (*titles[:6], "Conf.", "", "")
        head = columns(*titles, width=drafts.scrollable_content_region.width or width)
        self.query_one("#columns", Static).update(told_line(head))
        nothing = Content("" if chosen else _nothing(sitting.rule))
        lines = [line for line in (self.app.below, nothing) if line]
        told_last = self.query_one("#told", Static)
        told_last.update(Content("\n").join(lines))
        told_last.display = bool(lines)

    # --- keys ---

    def action_move(self, lines: int) -> None:
        """Move the cursor."""
        self.drafts.move(self.drafts.cursor + lines)

    def action_open(self) -> None:
        """Review from the draft under the cursor on."""
        if self.drafts.current:
            self.app.review(self.drafts.current.id)

    def action_edit(self) -> None:
        """Write the rule."""
        self.query_one("#rule").focus()

    def action_turn(self, field: str) -> None:
        """Go on to the next condition on a field."""
        sitting = self.app.sitting
        turned = sitting.turned(field, sitting.offered(field, ROUND[field]))
        if turned == sitting.rule:
            self.app.tell(f"There is no {field} that would leave a draft.")
        else:
            self._choose(turned)

    def action_file(self) -> None:
        """Narrow to the drafts that cite the first file of the one under the cursor, or to all again."""
        current, sitting = self.drafts.current, self.app.sitting
        if current is None:
            self.app.tell("No draft is here whose file could be chosen.")
        elif not current.file:
            self.app.tell(f"Draft {current.id} cites no file.")
        else:
            self._choose(sitting.turned("file", (f"={current.file[0]}", "")))

    def action_clear(self) -> None:
        """Show all drafts that are pending."""
        self._choose(PENDING)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """The rule is written."""
        self._choose(event.value)

    def key_escape(self) -> None:
        """Leave the rule as it was."""
        if self.query_one("#rule").has_focus:
            self._choose(self.app.sitting.rule)

    def _choose(self, rule: str) -> None:
        problem = self.query_one("#problem", Static)
        try:
            self.app.sitting.choose(rule)
        except DraftError as error:
            problem.update(told(f"✗ {error}", "bold ansi_red"))
            problem.display = True
            return
        problem.display = False
        self.query_one("#rule", Input).value = self.app.sitting.rule
        self.app.told = Content("")
        self.drafts.focus()
        self.renew()


def _nothing(rule: str) -> str:
    if rule == PENDING:
        return (
            "Nothing is left to decide. s shows the drafts of other states; u takes the last decision back; q leaves."
        )
    return "No draft meets the rule. x shows all that are pending."


def told_line(text: str) -> Content:
    """A line as it is, blanks and all."""
    return Content.styled(inert(text), "dim")
