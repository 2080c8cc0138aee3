"""Drafts that are written again while the reviewer goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock, Thread

from wikiagent.errors import WikiagentError

_KEPT = 20


class Redrafts:
    """Runs the desk's `redraft` in the background, one at a time, and keeps what came of it."""

    def __init__(self, redraft: Callable[[Sequence[int]], str] | None) -> None:
        self._redraft = redraft
        self._one = Lock()
        self._lock = Lock()
        self._told: list[tuple[int, str]] = []
        self.running = 0

    def start(self, draft_id: int) -> bool:
        """Draft a rejected draft again; returns whether that is done here at all."""
        if self._redraft is None:
            return False
        with self._lock:
            self.running += 1
        Thread(target=self._run, args=(draft_id,), daemon=True).start()
        return True

    def told(self, after: int) -> tuple[int, list[str]]:
        """What came of redrafts, in sentences, behind a number; and the number to ask with next."""
        with self._lock:
            last = self._told[-1][0] if self._told else 0
            return last, [sentence for number, sentence in self._told if number > after]

    def _run(self, draft_id: int) -> None:
        sentence = f"Draft {draft_id} could not be drafted again; the log of the server says why."
        try:
            with self._one:
                assert self._redraft is not None
                sentence = self._redraft([draft_id])
        except WikiagentError as error:
            sentence = f"Draft {draft_id} could not be drafted again: {error}"
        finally:
            with self._lock:
                self.running -= 1
                number = self._told[-1][0] + 1 if self._told else 1
                self._told = [*self._told, (number, sentence)][-_KEPT:]
