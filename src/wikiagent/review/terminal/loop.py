"""The loop: drafts are shown one after the other, and what is decided is carried out beside the screen, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Generic

from textual.app import App
from textual.content import Content
from textual.worker import WorkType

from wikiagent.errors import WikiagentError
from wikiagent.review.desk import Desk
from wikiagent.review.queue import Item
from wikiagent.review.terminal.draft import DraftScreen
from wikiagent.review.terminal.drawn import told
from wikiagent.review.terminal.line import Line, Result
from wikiagent.review.terminal.look import Eye, Look
from wikiagent.review.terminal.queue import QueueScreen
from wikiagent.review.terminal.sitting import SKIPPED, Sitting
from wikiagent.wiki.graph import read_wiki

AHEAD = 3
"""How many of the next drafts are made ready, so that they are there at once."""

PAINTED = 0.2
"""Seconds that a decision waits, at most, for the next draft to be on the screen: both want the processor."""

SEEN = 0.4
"""Seconds that a draft has to be on the screen before a key decides about it: a key that is pressed twice was not meant
for the draft that came between."""

BECOMES = {
    "accepting": "accepted",
    "checking": "accepted",
    "rejecting": "rejected",
    "merging": "merged",
    "skipping": SKIPPED,
}
"""What becomes of a draft, by what is being done with it."""

Problem = tuple[str, ...]
"""Why something was not done, in lines; none where it was."""


class Loop(App[None]):
    """Shows the drafts of one desk, the next one before the decision about the last is carried out."""

    CSS_PATH = Path(__file__).with_name("review.tcss")
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - as the base class has it

    def __init__(self, desk: Desk, clock: Callable[[], float] = monotonic) -> None:
        """Begin.

        Args:
            desk: the drafts, and who decides about them.
            clock: seconds from anywhen, by which a draft has been seen long enough to decide about it.
        """
        super().__init__()
        self.desk = desk
        self.clock = clock
        self.sitting = Sitting()
        self.prefix = ""
        self.cannot_open = ""
        self.told = Content("")
        self.decided = Content("")
        self.left_to_redraft: list[int] = []
        self._seen = 0
        self._eye = Eye(desk)
        self.line, self.redrafts = Line(), Line()
        self.looks: dict[int, Look] = {}
        self._looking: set[int] = set()

    def on_mount(self) -> None:
        """Open the queue, as soon as what a crash left is finished."""
        self.theme = "ansi-dark"  # the terminal's own colours, whether its background is dark or light
        self.push_screen(QueueScreen())
        self.attend(partial(self._open, self.line.add(self.desk.settle), self.line.add(self._begin)))

    def _begin(self) -> list[Item]:
        repo = read_wiki(self.desk.root).repo
        self.prefix = f"{repo}_" if repo else ""
        self._seen = self.desk.ledger.visit(self.desk.root, self.desk.who)
        return self.desk.queue(self._seen)

    async def _open(self, settled: Future[None], begun: Future[list[Item]]) -> None:
        settling, beginning = await tried(settled), await tried(begun)
        if beginning.result is None:
            self.cannot_open = beginning.problem
            self.exit(return_code=2)
            return
        self.sitting.renew(beginning.result)
        self.draw()
        for item in self.sitting.chosen[: AHEAD + 1]:
            self._make_ready(item.id, in_time=True)
        if settling.problem:
            self.tell(settling.problem, failed=True)

    def attend(self, work: WorkType[None]) -> None:
        """Have something done on the screen when what it waits for is there."""
        self.run_worker(work)

    # --- what is on the screen ---

    @property
    def draft(self) -> DraftScreen | None:
        """The screen of a draft, where that is open, before or behind a dialog."""
        return next((screen for screen in self.screen_stack if isinstance(screen, DraftScreen)), None)

    @property
    def queue(self) -> QueueScreen:
        """The screen of the queue, which lies below all others."""
        return next(screen for screen in self.screen_stack if isinstance(screen, QueueScreen))

    @property
    def doing(self) -> list[str]:
        """What is being done beside the screen, for its first line."""
        last = [f"{doing} draft {draft_id} …" for draft_id, doing in self.sitting.under_way.items()][-1:]
        return [*last, *(["drafting again …"] if self.left_to_redraft else [])]

    @property
    def below(self) -> Content:
        """What stands below a screen: what was decided last, and what there is to tell."""
        return Content("\n").join(line for line in (self.decided, self.told) if line)

    def draw(self) -> None:
        """Bring all screens to what is so now."""
        for screen in self.screen_stack:
            if isinstance(screen, QueueScreen):
                screen.renew()
            elif isinstance(screen, DraftScreen):
                screen.draw_bar()

    def called(self, draft_id: int) -> str:
        """A draft in a sentence: its number and its name."""
        item = self.sitting.item(draft_id)
        return f"draft {draft_id}, {item.name.removeprefix(self.prefix)}" if item else f"draft {draft_id}"

    def tell(self, sentence: str, failed: bool = False) -> None:
        """Say in a line what was done, or what could not be."""
        self.told = told(f"✗ {sentence}", "bold ansi_red") if failed else told(sentence)
        self.draw()

    def review(self, draft_id: int | None) -> None:
        """Show a draft, at once where it is ready; without one, the queue."""
        self.sitting.face(draft_id)
        screen = self.draft
        if draft_id is None:
            while self.screen is not self.queue:
                self.pop_screen()
            self.queue.renew(screen.draft_id if screen else None)
            return
        if screen is None:
            screen = DraftScreen(draft_id)
            screen.look = self.looks.get(draft_id)
            self.push_screen(screen)
        else:
            screen.show(draft_id, self.looks.get(draft_id))
        self.call_after_refresh(self._make_all_ready, draft_id)  # first of all, something is on the screen

    def _make_all_ready(self, draft_id: int) -> None:
        self._make_ready(draft_id)
        for each in self.sitting.upcoming(draft_id, AHEAD):
            if each not in self.looks:
                self._make_ready(each, in_time=True)

    def _make_ready(self, draft_id: int, in_time: bool = False) -> None:
        if draft_id not in self._looking or not in_time:
            self._looking.add(draft_id)
            look = self.line.add(lambda: self._eye.look(draft_id), in_time=in_time)
            self.attend(partial(self._looked, draft_id, look))

    async def _looked(self, draft_id: int, future: Future[Look]) -> None:
        outcome = await tried(future)
        look = outcome.result
        self._looking.discard(draft_id)
        screen, item = self.draft, self.sitting.item(draft_id)
        here = screen is not None and screen.draft_id == draft_id and draft_id not in self.sitting.under_way
        if look is None:
            self.looks.pop(draft_id, None)
            if here:
                self.tell(outcome.problem, failed=True)
            return
        self.looks[draft_id] = look
        if screen and here:
            screen.again(look)
            if item and item.state == "pending" != look.view.draft.state:
                await self._lost(draft_id)

    async def _lost(self, draft_id: int) -> None:
        """Somebody else decided about the draft before the reviewer: say so, and go on."""
        following = self.sitting.beside(draft_id)
        sentence = await self._by_others(draft_id)
        await self.renew()
        self.tell(sentence or f"Draft {draft_id} is not pending any more.", failed=True)
        self.review(following)

    # --- what is decided ---

    def decide(
        self,
        draft_id: int,
        doing: str,
        do: Callable[[float], Problem],
        how: str = "",
        then: Callable[[], None] = lambda: None,
        stay: bool = False,
    ) -> None:
        """Have a decision carried out, and show the next draft.

        Args:
            draft_id: the draft.
            doing: what is being done, as `accepting`.
            do: carries it out; given the seconds that it took the reviewer.
            how: the end of the sentence that says what was decided, as ` into such a page`.
            then: what follows when it is done.
            stay: go on to the next draft only when it is done, as always where the draft is not pending.
        """
        item = self.sitting.item(draft_id)
        seconds, following = self.sitting.seconds(draft_id), self.sitting.beside(draft_id)
        self.sitting.under_way[draft_id] = doing
        self.sitting.trouble.pop(draft_id, None)
        self.sitting.deeds.append((draft_id, BECOMES[doing]))
        self.told, self.decided = Content(""), told(f"{doing.capitalize()} {self.called(draft_id)}{how} …")
        stay = stay or (item is not None and item.state != "pending")
        shown = Event()

        def when_shown() -> Problem:
            shown.wait(PAINTED)
            return do(seconds)

        self.attend(partial(self._carried_out, draft_id, self.line.add(when_shown), how, then, stay))
        if self.draft and self.draft.draft_id == draft_id and not stay:
            self.review(following)
        self.draw()
        self.call_after_refresh(shown.set)

    async def _carried_out(
        self, draft_id: int, future: Future[Problem], how: str, then: Callable[[], None], stay: bool
    ) -> None:
        outcome = await tried(future)
        problem = (outcome.problem,) if outcome.result is None else outcome.result
        before, following = self.sitting.item(draft_id), self.sitting.beside(draft_id)
        became = BECOMES[self.sitting.under_way[draft_id]]
        latest = self.sitting.deeds[-1:] == [(draft_id, became)]
        if problem:
            self.sitting.forget(draft_id)
        await self.renew(draft_id)
        self.looks.pop(draft_id, None)
        item = self.sitting.item(draft_id)
        if problem:
            self.sitting.trouble[draft_id] = problem
            lost = before and item and before.state == "pending" != item.state
            name = item.name.removeprefix(self.prefix) if item else ""
            self.decided = Content("") if latest else self.decided
            self.tell((await self._by_others(draft_id) if lost else "") or f"{name}: {problem[0]}", failed=True)
        else:
            if latest:
                self.decided = told(f"{became.capitalize()} {self.called(draft_id)}{how}. u takes it back.")
            then()
        screen = self.draft
        if screen and screen.draft_id == draft_id and stay and not problem:
            self.review(following)
        elif screen:
            self._make_ready(screen.draft_id)
        if screen and screen.draft_id == draft_id:
            screen.draw()
        self.draw()

    async def _by_others(self, draft_id: int) -> str:
        """What somebody else decided about a draft, in a sentence; empty where nobody did."""
        log = (await tried(self.line.add(lambda: self.desk.ledger.decisions(draft_id)))).result
        if not log or log[-1].who == self.desk.who:
            return ""
        return f"Draft {draft_id} was decided meanwhile: {log[-1].decision} by {log[-1].who}."

    async def renew(self, done: int | None = None) -> None:
        """Take the queue as it is now; nothing is being done with a draft any more."""
        queue = await tried(self.line.add(lambda: self.desk.queue(self._seen)))
        if done is not None:
            del self.sitting.under_way[done]
        if queue.result is None:
            self.tell(queue.problem, failed=True)
        else:
            self.sitting.renew(queue.result)

    def before_me(self) -> tuple[DraftScreen, Look] | None:
        """The draft that a key is about; None where none is, or something is being done with it."""
        screen = self.draft
        if screen is None:
            return None
        if screen.look is None:
            self.tell("Still reading this draft; try again at once.")
            return None
        if doing := self.sitting.under_way.get(screen.draft_id):
            self.tell(f"Still {doing} this draft; n goes on to the next one.")
            return None
        return screen, screen.look

    def seen_by_me(self) -> tuple[DraftScreen, Look] | None:
        """As `before_me`; None too where the draft has only just come up, so that it cannot be meant."""
        at = self.before_me()
        if at and (at[0].seen_since is None or self.clock() - at[0].seen_since < SEEN):
            self.tell(
                f"Draft {at[0].draft_id} had only just come up: nothing was decided about it. Press the key again."
            )
            return None
        return at


@dataclass(frozen=True)
class Outcome(Generic[Result]):
    """What came of something: its result, or None and the sentence of why it failed."""

    result: Result | None
    problem: str = ""


async def tried(future: Future[Result]) -> Outcome[Result]:
    """Wait for something; what a person can put right is told, everything else is raised."""
    try:
        result = await asyncio.wrap_future(future)
    except (WikiagentError, OSError) as error:
        return Outcome(None, str(error))
    return Outcome(result)
