"""A draft on the screen: its statements, and the evidence of the one under the cursor in its file."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.screen import Screen
from textual.widgets import Footer, Static

from wikiagent.review.terminal import drawn
from wikiagent.review.terminal.look import Look, Shown

if TYPE_CHECKING:
    from wikiagent.review.terminal.app import ReviewApp


class DraftScreen(Screen[None]):
    """One draft at a time: what it says beside what shows it, and the keys that decide."""

    app: ReviewApp

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "app.accept", "Accept"),
        Binding("f", "app.fix", "Fix", tooltip="Fix in your editor, and accept"),
        Binding("r", "app.reject", "Reject", tooltip="Reject, with a reason"),
        Binding("m", "app.merge", "Merge", tooltip="Merge into another page"),
        Binding("s", "app.skip", "Skip", tooltip="Skip: leave it for later"),
        Binding("u", "app.undo", "Undo", tooltip="Undo the last decision"),
        Binding("down,j", "statement(1)", "Next statement", show=False),
        Binding("up,k", "statement(-1)", "Statement before", show=False),
        Binding("tab", "evidence(1)", "Next evidence", show=False),
        Binding("shift+tab", "evidence(-1)", "Evidence before", show=False),
        Binding("pagedown,space", "scroll(1)", "Scroll the evidence on", show=False),
        Binding("pageup", "scroll(-1)", "Scroll the evidence back", show=False),
        Binding("v", "enlarge", "Evidence alone, or with the statements", show=False),
        Binding("d", "difference", "Diff", show=False, tooltip="Difference from what it replaces"),
        Binding("n", "beside(1)", "Next", tooltip="Next draft, undecided"),
        Binding("p", "beside(-1)", "Draft before, undecided", show=False),
        Binding("escape", "app.queue", "Queue", key_display="Esc", tooltip="Back to the queue"),
        Binding("question_mark", "app.help", "Help", key_display="?", tooltip="These keys"),
        Binding("q", "app.quit", "Quit"),
    ]

    def __init__(self, draft_id: int) -> None:
        super().__init__()
        self.draft_id = draft_id
        self.look: Look | None = None
        self.seen_since: float | None = None
        self._cursor = 0
        self._nth = 0

    def compose(self) -> ComposeResult:
        """Its parts, from top to bottom."""
        yield Static(id="bar", markup=False)
        yield Static(id="facts", markup=False)
        with Container(id="panes"):
            with VerticalScroll(id="statements", can_focus=False):
                yield Static(id="said", markup=False)
            with Vertical(id="evidence"):
                yield Static(id="where", markup=False)
                with VerticalScroll(id="file", can_focus=False):
                    yield Static(id="code", markup=False)
        yield Static(id="told", markup=False)
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Name the panes."""
        self.query_one("#statements").border_title = "Statements"
        self.query_one("#evidence").border_title = "Evidence"

    def on_resize(self) -> None:
        """What is wrapped follows the width."""
        self.call_after_refresh(self.draw)

    def show(self, draft_id: int, look: Look | None) -> None:
        """Show a draft from its beginning; without a look, that it is being read."""
        self.draft_id, self.look, self.seen_since = draft_id, look, None
        self._cursor = self._nth = 0
        self.draw()

    def again(self, look: Look) -> None:
        """Show the draft as it is now; the cursor stays."""
        if look != self.look:
            self.look = look
            self.draw()

    # --- drawing ---

    @property
    def _is_there(self) -> bool:
        """Whether all its parts are there: the innermost comes last, and goes when the screen does."""
        return bool(self.query("#code"))

    def draw(self) -> None:
        """Draw all of it."""
        if not self._is_there:
            return
        self.draw_bar()
        if self.look is None:
            for pane in ("#facts", "#said", "#where", "#code"):
                self.query_one(pane, Static).update("")
            self.query_one("#facts", Static).update(drawn.told(f"draft {self.draft_id} · reading …", "dim"))
            return
        facts = drawn.facts(self.look.view, self.app.sitting.item(self.draft_id))
        self.query_one("#facts", Static).update(facts.truncate(self.size.width - 2, ellipsis=True))
        self._draw_statements(self.look)
        self._draw_evidence()
        if self.seen_since is None:
            self.call_after_refresh(self._seen, self.draft_id)

    def _seen(self, draft_id: int) -> None:
        if draft_id == self.draft_id and self.seen_since is None:
            self.seen_since = self.app.clock()

    def draw_bar(self) -> None:
        """Draw what changes while other drafts are decided: the progress, and what was done."""
        if not self._is_there:
            return
        name = self.look.view.draft.name if self.look else ""
        right = " · ".join([*self.app.doing, self.app.sitting.progress])
        width = max(self.size.width - 2, 20)
        self.query_one("#bar", Static).update(drawn.sides(drawn.told(name, "bold"), drawn.told(right), width))
        told = self.query_one("#told", Static)
        told.update(self.app.below)
        told.display = bool(self.app.below)

    def _draw_statements(self, look: Look) -> None:
        pane = self.query_one("#statements", VerticalScroll)
        width = max(pane.scrollable_content_region.width, 20)
        lines = drawn.notes(look.view, self.app.sitting.trouble.get(self.draft_id, ()), width)
        section, reach = "", Region()
        column = drawn.label_width(look.view.statements)
        for number, stated in enumerate(look.view.statements):
            begin, label = len(lines), stated.section if stated.section != section else ""
            section = stated.section
            lines += drawn.statement(stated, label, column, number == self._cursor, width)
            if number == self._cursor:
                reach = Region(0, begin, 1, len(lines) - begin)
        lines += drawn.links(look.view, column, width)
        self.query_one("#said", Static).update(Content("\n").join(lines))
        if self._cursor:
            self.call_after_refresh(pane.scroll_to_region, reach, animate=False, force=True)
        else:
            pane.scroll_home(animate=False, force=True)  # with what concerns the whole draft

    def _draw_evidence(self) -> None:
        pane = self.query_one("#file", VerticalScroll)
        width = max(pane.scrollable_content_region.width, 20)
        shown, where, code = self.evidence, self.query_one("#where", Static), self.query_one("#code", Static)
        if not shown:
            where.update("This statement names no evidence.")
            code.update("")
            return
        self._nth %= len(shown)
        here = shown[self._nth]
        lines, rows = drawn.code(here, width)
        where.update(Content("\n").join(drawn.where(here, self._nth + 1, len(shown), width)))
        code.update(Content("\n").join(lines))
        above = 2 if pane.size.height < 20 else 8  # lines in sight above the cited ones
        top = rows.get(max(here.span.start, here.span.first - above), 0)
        self.call_after_refresh(pane.scroll_to, y=top, animate=False, force=True)

    @property
    def evidence(self) -> list[Shown]:
        """The evidence of the statement under the cursor; of the whole page, where it says nothing."""
        if self.look is None:
            return []
        statements = self.look.view.statements
        refs = statements[self._cursor].refs if statements else tuple(self.look.evidence)
        return [self.look.evidence[ref] for ref in refs if ref in self.look.evidence]

    # --- keys ---

    def action_statement(self, step: int) -> None:
        """Move the cursor among the statements."""
        if self.look and self.look.view.statements:
            self._cursor = max(0, min(self._cursor + step, len(self.look.view.statements) - 1))
            self._nth = 0
            self._draw_statements(self.look)
            self._draw_evidence()

    def action_evidence(self, step: int) -> None:
        """Go to the next evidence of the statement."""
        self._nth += step
        self._draw_evidence()

    def action_scroll(self, step: int) -> None:
        """Scroll the evidence by most of what is in sight."""
        pane = self.query_one("#file", VerticalScroll)
        pane.scroll_relative(y=step * max(pane.size.height - 2, 1), animate=False, force=True)

    def action_enlarge(self) -> None:
        """Give all the room to the evidence, or share it again."""
        self.toggle_class("-evidence")
        self.call_after_refresh(self.draw)

    def action_difference(self) -> None:
        """Show what is different from what the draft stands in place of."""
        if self.look:
            self.app.show_difference(self.look)

    def action_beside(self, step: int) -> None:
        """Go to another draft without a decision."""
        self.app.go_beside(step)
