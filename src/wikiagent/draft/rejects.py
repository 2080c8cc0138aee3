"""Rejects: what a person had against earlier drafts of a page, as a model is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from wikiagent.draft.fence import harmless

#: Rejects of one candidate that a model is told of, and characters of a note: the prompt has its evidence to hold.
MAX_REJECTS = 5
MAX_NOTE = 2_000


class Reject(NamedTuple):
    """A draft that a person rejected: its id, the reason's code (empty in older ledgers), and the note."""

    draft: int
    code: str
    note: str


def told(rejects: Sequence[Reject]) -> list[str]:
    """The newest rejects as lines of a prompt, the newest last; a reviewer is trusted, but a note may hold a secret."""
    lines = []
    for reject in rejects[-MAX_REJECTS:]:
        note = harmless(" ".join(reject.note.split()))
        short = note if len(note) <= MAX_NOTE else f"{note[:MAX_NOTE]}…"
        code = reject.code if reject.code != "other" else ""
        lines.append(": ".join(filter(None, (code, short))) or "no reason given")
    return lines
