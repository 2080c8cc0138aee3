"""Why something was not done, as a reader of a page is told it: by whom a draft was decided, and no commands."""

from __future__ import annotations

import re

from wikiagent.errors import WikiagentError
from wikiagent.review.desk import Desk

#: The part of a sentence that says which command helps: a page has buttons for that.
_COMMAND = re.compile(r"; [^;]*`wikiagent [^;]*?(?=\.(?:\s|$)|;|$)")


def without_commands(sentence: str) -> str:
    """A sentence without the part that names a command."""
    return _COMMAND.sub("", sentence)


def why_refused(desk: Desk, draft_id: int, error: WikiagentError) -> str:
    """Why a decision about a draft was refused; where somebody had decided before, who that was and when."""
    said = without_commands(str(error))
    stands = desk.ledger.in_force(draft=draft_id)
    if desk.ledger.draft(draft_id).state == "pending" or not stands:
        return said
    last = stands[-1]
    return f"{said} That was {last.who}, {last.at}; “Take this decision back” (U) undoes it."
