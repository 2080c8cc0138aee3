"""What is asked or shown in front of a draft: the reason of a reject, the page to merge into, a text, the keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from wikiagent.errors import DraftError
from wikiagent.review.desk import REJECT_CODES, reason_given
from wikiagent.review.terminal.drawn import told

MEANINGS = {
    "wrong": "the statement is not true",
    "unsupported": "the evidence does not say so",
    "trivial": "nobody needs it; it is not drafted again",
    "duplicate": "a page says it already; it is not drafted again",
    "unclear": "one cannot tell what it means",
    "wrong-type": "it should be a page of another type",
    "wrong-links": "it is linked to the wrong pages",
    "other": "the note says why",
}
"""What each code of a reject tells whoever writes the next draft."""


class RejectDialog(ModalScreen[tuple[str, str] | None]):
    """Asks for the reason of a reject: a code and a note. Answers with both, or None."""

    AUTO_FOCUS = ""
    """The keys are about the reason, until the note is asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back"),
        Binding("down,j", "move(1)", "Next reason"),
        Binding("up,k", "move(-1)", "Reason before"),
        Binding("n", "write", "Note"),
        Binding("tab,shift+tab", "turn", "Reason or note"),
        Binding("enter", "reject", "Reject"),
    ]

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._code: str | None = None

    def compose(self) -> ComposeResult:
        """Its parts, from top to bottom."""
        with Vertical(classes="dialog"):
            yield Static(told(f"Why is {self._name} rejected?", "bold"))
            yield Static(id="codes", markup=False)
            yield Static("Note for whoever writes the next draft:", markup=False)
            yield Input(id="note", compact=True, select_on_focus=False)
            yield Static("", id="problem", markup=False)
            yield Static(id="hint", classes="hint", markup=False)

    def on_mount(self) -> None:
        """Draw what there is to choose from."""
        self._draw()

    def on_descendant_focus(self) -> None:
        """The keys are about the note from now on."""
        self._draw()

    def on_descendant_blur(self) -> None:
        """The keys are about the reason again."""
        self._draw()

    def _draw(self) -> None:
        self.query_one("#codes", Static).update(Content("\n").join(_choice(code, self._code) for code in REJECT_CODES))
        here = (
            "↑ ↓ reason   Tab or Esc: back to the reasons"
            if self._writes
            else (f"1–{len(REJECT_CODES)} or ↑ ↓ reason   n note   Esc back")
        )
        self.query_one("#hint", Static).update(f"{here}   Enter reject")

    @property
    def _writes(self) -> bool:
        return self.query_one("#note").has_focus

    def _choose(self, code: str) -> None:
        self._code = code
        self.query_one("#problem", Static).update("")
        self._draw()

    def on_key(self, event: Key) -> None:
        """A digit chooses its code, where no note is being written."""
        if event.key in map(str, range(1, len(REJECT_CODES) + 1)) and not self._writes:
            self._choose(REJECT_CODES[int(event.key) - 1])

    def action_move(self, step: int) -> None:
        """Choose the next reason, or the one before."""
        before = REJECT_CODES.index(self._code) if self._code else (-1 if step > 0 else 0)
        self._choose(REJECT_CODES[(before + step) % len(REJECT_CODES)])

    def action_write(self) -> None:
        """Write the note."""
        self.query_one("#note").focus()

    def action_turn(self) -> None:
        """From the reason to the note, or back."""
        self.set_focus(None if self._writes else self.query_one("#note"))

    def action_back(self) -> None:
        """From the note to the reason; from there to the draft, which stays as it is."""
        if self._writes:
            self.set_focus(None)
        else:
            self.dismiss(None)

    def on_input_submitted(self) -> None:
        """The note is written."""
        self.action_reject()

    def action_reject(self) -> None:
        """Reject, unless the reason is missing or the desk would refuse it, while it can still be put right."""
        note = self.query_one("#note", Input).value.strip()
        if self._code is None:
            self.set_focus(None)
            self._say(f"Choose a reason first: 1–{len(REJECT_CODES)}, or ↑ ↓.")
            return
        try:
            self.dismiss((self._code, reason_given(self._code, note)))
        except DraftError as error:
            missing = self._code == "other" and not note
            self._say("Say why in a sentence, or choose another reason." if missing else str(error))
            self.action_write()

    def _say(self, problem: str) -> None:
        self.query_one("#problem", Static).update(told(f"✗ {problem}", "bold ansi_red"))


def _choice(code: str, chosen: str | None) -> Content:
    number, here = REJECT_CODES.index(code) + 1, code == chosen
    line = Content.assemble(
        (f"{'▶' if here else ' '} {number} ", "bold"), f"{code:<12} ", (MEANINGS[code], "" if here else "dim")
    )
    return line.stylize("bold reverse") if here else line


class MergeDialog(ModalScreen[str | None]):
    """Asks for the page to merge into. Answers with its name, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Back"),
        Binding("up", "move(-1)", "Up"),
        Binding("down", "move(1)", "Down"),
    ]

    def __init__(self, name: str, pages: Sequence[str]) -> None:
        super().__init__()
        self._name, self._pages = name, pages
        self._found = list(pages)

    def compose(self) -> ComposeResult:
        """Its parts, from top to bottom."""
        with Vertical(classes="dialog"):
            yield Static(told(f"Merge {self._name} into which page?", "bold"))
            yield Input(placeholder="parts of its name", id="typed", compact=True)
            yield OptionList(*map(told, self._pages), id="names", markup=False)
            yield Static("", id="count", markup=False)
            yield Static("type to narrow   ↑ ↓ choose   Enter merge   Esc back", classes="hint", markup=False)

    def on_mount(self) -> None:
        """Where the keys go first."""
        names = self.query_one("#names", OptionList)
        names.can_focus = False
        names.highlighted = 0 if self._pages else None
        self.query_one("#typed").focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Keep the names that have all words that were typed."""
        words = event.value.casefold().split()
        self._found = [page for page in self._pages if all(word in page.casefold() for word in words)]
        names = self.query_one("#names", OptionList)
        names.clear_options().add_options(map(told, self._found))
        names.highlighted = 0 if self._found else None
        self.query_one("#count", Static).update("" if self._found else "✗ No page of this type has such a name.")

    def on_input_submitted(self) -> None:
        """The name under the cursor is meant."""
        at = self.query_one("#names", OptionList).highlighted
        if at is not None:
            self.dismiss(self._found[at])

    def action_move(self, step: int) -> None:
        """Move among the names while typing."""
        names = self.query_one("#names", OptionList)
        (names.action_cursor_down if step > 0 else names.action_cursor_up)()


class Reading(ModalScreen[None]):
    """Shows lines to read: a difference, or the keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,d,question_mark,enter", "dismiss(None)", "Back"),
        Binding("down,j", "scroll(1)", "Down"),
        Binding("up,k", "scroll(-1)", "Up"),
        Binding("pagedown,space", "scroll(10)", "Page down"),
        Binding("pageup", "scroll(-10)", "Page up"),
    ]

    def __init__(self, title: str, lines: Iterable[Content]) -> None:
        super().__init__()
        self._shown, self._text = title, Content("\n").join(lines)

    def compose(self) -> ComposeResult:
        """Its parts, from top to bottom."""
        with Vertical(classes="dialog reading"):
            yield Static(told(self._shown, "bold"))
            with VerticalScroll(can_focus=False):
                yield Static(self._text)
            yield Static("↑ ↓ scroll   Esc back", classes="hint", markup=False)

    def action_scroll(self, lines: int) -> None:
        """Scroll by some lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)
