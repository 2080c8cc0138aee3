"""Why something was not done, as a reader of a page is told it: without commands, for a page has buttons."""

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
    """Why a decision about a draft was refused; where somebody had decided before, how that is taken back."""
    said = without_commands(str(error))
    if desk.ledger.draft(draft_id).state == "pending" or not desk.ledger.in_force(draft=draft_id):
        return said
    return f"{said} “Take this decision back” (U) undoes that."
