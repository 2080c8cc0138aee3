"""The application: what each key does."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from wikiagent.check.finding import Severity
from wikiagent.errors import DraftError
from wikiagent.ledger import Decision, Draft
from wikiagent.review.desk import FINAL
from wikiagent.review.editor import edited, kept_text
from wikiagent.review.terminal.dialogs import MergeDialog, Reading, RejectDialog
from wikiagent.review.terminal.drawn import difference
from wikiagent.review.terminal.keys import key_lines
from wikiagent.review.terminal.look import Look
from wikiagent.review.terminal.loop import Loop, Problem, tried
from wikiagent.review.terminal.queue import QueueScreen
from wikiagent.wiki.graph import Wiki, read_wiki


class ReviewApp(Loop):
    """The drafts of one desk in a terminal."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "quit", "Quit", show=False)]

    def action_accept(self) -> None:
        """Accept the draft."""
        if at := self.seen_by_me():
            draft_id = at[0].draft_id
            self.decide(draft_id, "accepting", lambda seconds: done(self.desk.accept([draft_id], seconds)))

    def action_skip(self) -> None:
        """Leave the draft for later."""
        if at := self.seen_by_me():
            draft_id = at[0].draft_id
            self.decide(draft_id, "skipping", lambda seconds: self._skip(draft_id, seconds))

    def _skip(self, draft_id: int, seconds: float) -> Problem:
        self.desk.skip(draft_id, seconds)
        return ()

    def action_reject(self) -> None:
        """Ask for the reason, and reject the draft."""
        at = self.before_me()
        if at is None:
            return
        draft_id, name = at[0].draft_id, at[1].view.draft.name

        def reject(answer: tuple[str, str] | None) -> None:
            if answer:
                code, note = answer
                again = (lambda: None) if code in FINAL else (lambda: self._redraft(draft_id))

                def carry_out(seconds: float) -> Problem:
                    return done(self.desk.reject([draft_id], code, note, seconds))

                self.decide(draft_id, "rejecting", carry_out, f": {code}", again)

        self.push_screen(RejectDialog(name), reject)

    def action_merge(self) -> None:
        """Ask for the page, and merge the draft into it."""
        if at := self.before_me():
            self.attend(partial(self._merge, at[1].view.draft, self.line.add(lambda: read_wiki(self.desk.root))))

    async def _merge(self, draft: Draft, future: Future[Wiki]) -> None:
        outcome = await tried(future)
        if outcome.result is None:
            self.tell(outcome.problem, failed=True)
            return

        def merge(into: str | None) -> None:
            if into:
                page = into.removeprefix(self.prefix)

                def carry_out(seconds: float) -> Problem:
                    return done(self.desk.merge(draft.id, into, seconds))

                self.decide(draft.id, "merging", carry_out, f", into {page}")

        pages = sorted(name for kind, name in outcome.result.pages if kind == draft.type)
        if pages:
            self.push_screen(MergeDialog(draft.name, pages), merge)
        else:
            self.tell(f"The wiki has no {draft.type} page to merge it into yet.", failed=True)

    def action_fix(self) -> None:
        """Open the draft in the reviewer's editor; accept what they leave, where it passes all checks."""
        at = self.before_me()
        sources = self.desk.sources
        if at is None or sources is None:
            return
        view = at[1].view
        kept = kept_text(sources.store, view.draft.id)
        try:
            with self.suspend():
                text = edited(view.text, kept)
        except (DraftError, OSError) as error:
            self.tell(str(error), failed=True)
            return
        if text == view.text:
            kept.unlink(missing_ok=True)
            self.tell("You changed nothing, so nothing was decided; a accepts the draft as it is.")
            return
        self.decide(view.draft.id, "checking", lambda seconds: self._fix(view.draft.id, text, kept, seconds), stay=True)

    def _fix(self, draft_id: int, text: str, kept: Path, seconds: float) -> Problem:
        found = self.desk.fix(draft_id, text, seconds)
        errors = [finding for finding in found if finding.severity is Severity.ERROR]
        if not errors:
            kept.unlink(missing_ok=True)
            return ()
        many = "an error" if len(errors) == 1 else f"{len(errors)} errors"
        lines = [f"✗ {finding.severity} {finding.code} {finding.message}" for finding in errors]
        return (f"your text has {many}; it is kept, and f goes on with it.", *lines)

    def action_undo(self) -> None:
        """Take back the decision about the draft that is shown, where one is made; else what the reviewer did last."""
        ids = []
        if screen := self.draft:
            ids = [screen.draft_id] if screen.look and screen.look.view.draft.state != "pending" else []
        elif isinstance(self.screen, QueueScreen) and (item := self.screen.drafts.current):
            ids = [item.id] if item.state != "pending" else []
        self.decided = Content("")
        if not ids and (skipped := self.sitting.last_skipped):
            self.attend(partial(self._bring_back, skipped, self.line.add(lambda: None)))
            return
        self.tell("Taking back …")
        self.attend(partial(self._undo, self.line.add(lambda: self.desk.undo(ids))))

    async def _bring_back(self, draft_id: int, skipped: Future[None]) -> None:
        await tried(skipped)
        self.sitting.bring_back(draft_id)
        await self.renew()
        self.tell(f"Took back: skipped {self.called(draft_id)}.")
        self._go_back_to(draft_id)

    def _go_back_to(self, draft_id: int) -> None:
        self.looks.pop(draft_id, None)
        if self.draft:
            self.review(draft_id)
        elif isinstance(self.screen, QueueScreen):
            self.screen.renew(draft_id)

    async def _undo(self, future: Future[list[Decision]]) -> None:
        outcome = await tried(future)
        taken = outcome.result
        await self.renew()
        if not taken:
            self.tell(outcome.problem, failed=True)
            return
        first = taken[0]
        for decision in taken:
            if decision.decision != "extended":
                self.sitting.forget(decision.draft)
        more = f", and {len(taken) - 1} more made with it" if len(taken) > 1 else ""
        self.tell(f"Took back: {first.decision} draft {first.draft}{more}.")
        self._go_back_to(first.draft)

    def _redraft(self, draft_id: int) -> None:
        redraft = self.desk.redraft
        if redraft is not None:
            self.left_to_redraft.append(draft_id)
            self.attend(partial(self._redrafted, draft_id, self.redrafts.add(lambda: redraft([draft_id]))))

    async def _redrafted(self, draft_id: int, future: Future[str]) -> None:
        outcome = await tried(future)
        self.left_to_redraft.remove(draft_id)
        await self.renew()
        self.tell(outcome.result or outcome.problem, failed=outcome.result is None)

    def show_difference(self, look: Look) -> None:
        """Show what is different from what a draft stands in place of."""
        lines = list(difference(look))
        if lines:
            self.push_screen(Reading(f"What is different in draft {look.view.draft.id}", lines))
        else:
            self.tell("The draft stands in place of nothing: there is no difference to show.")

    def go_beside(self, step: int) -> None:
        """Show the draft after the one that is shown, or before it."""
        if screen := self.draft:
            following = self.sitting.beside(screen.draft_id, step)
            self.told = self.decided = Content("")
            if following is None:
                self.tell("There is no other draft in the queue.")
            else:
                self.review(following)

    def action_queue(self) -> None:
        """Back to the queue."""
        self.review(None)

    def action_help(self) -> None:
        """Show all keys, those of the screen that is open first."""
        self.push_screen(Reading("Keys", key_lines(at_draft=self.draft is not None)))

    async def action_quit(self) -> None:
        """Leave, when what was decided is done."""
        self.tell("Finishing …" if self.sitting.under_way else "")
        self.attend(partial(self._leave, self.line.add(lambda: None)))

    async def _leave(self, last: Future[None]) -> None:
        await tried(last)
        while self.sitting.under_way:  # done, but not yet known to be
            await tried(self.line.add(lambda: None))
        self.exit()


def done(_: object) -> Problem:
    """Nothing is in the way of a decision that was made."""
    return ()
