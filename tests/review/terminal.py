"""The reviewer's loop without a terminal: keys are pressed, and the screen is read as text."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from io import StringIO
from itertools import count
from time import monotonic
from typing import Any

from rich.console import Console
from textual.pilot import Pilot

from wikiagent.review.desk import Desk
from wikiagent.review.terminal.app import ReviewApp
from wikiagent.review.terminal.queue import QueueScreen

SECONDS = 20.0
"""How long anything may take before a test fails."""


class Headless(ReviewApp):
    """The application as it is, but that there is no terminal to give to the editor."""

    def suspend(self) -> Any:
        return nullcontext()


class Terminal:
    """One sitting of a reviewer."""

    def __init__(self, app: ReviewApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def write(self, text: str) -> None:
        await self.pilot.press(*((sign == " " and "space") or sign for sign in text))

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait for something to be so."""
        end = monotonic() + SECONDS
        while not holds():
            assert monotonic() < end, f"this did not come to be; the screen is\n{self.text}"
            await self.pilot.pause(0.01)

    async def shows(self, *texts: str) -> None:
        """Wait for texts to be on the screen, over several lines where they are wrapped."""

        def there() -> bool:
            text = self.text
            return all(each in text or each in " ".join(text.split()) for each in texts)

        await self.until(there)

    @property
    def text(self) -> str:
        """What is on the screen."""
        width, height = self.app.size
        console = Console(file=StringIO(), width=width, height=height, record=True, legacy_windows=False)
        console.print(self.app.screen._compositor.render_update(full=True))
        return console.export_text()

    @property
    def draft(self) -> int:
        """The draft that is shown."""
        assert self.app.draft is not None, self.text
        return self.app.draft.draft_id

    @property
    def listed(self) -> list[int]:
        """The drafts in the queue."""
        return [item.id for item in self.queue.drafts.items]

    @property
    def queue(self) -> QueueScreen:
        return self.app.queue

    async def to_draft(self) -> int:
        """Open the first draft of the queue, and wait until it is ready."""
        await self.press("enter")
        return await self.ready()

    async def ready(self) -> int:
        """Wait until the draft that is shown can be decided about."""
        await self.until(
            lambda: self.app.draft and self.app.draft.seen_since is not None and not self.app.sitting.under_way
        )
        await self.pilot.pause()
        return self.draft


def review(
    desk: Desk,
    steps: Callable[[Terminal], Awaitable[None]],
    size: tuple[int, int] = (80, 24),
    clock: Callable[[], float] | None = None,
) -> None:
    """One sitting at a desk; it ends with the last step. Without a clock, each look at it finds a second gone."""

    async def sitting() -> None:
        app = Headless(desk, clock or count().__next__)
        async with app.run_test(size=size) as pilot:
            terminal = Terminal(app, pilot)
            await terminal.until(lambda: app.sitting.items or app.cannot_open)
            await pilot.pause()
            await steps(terminal)

    asyncio.run(sitting())
