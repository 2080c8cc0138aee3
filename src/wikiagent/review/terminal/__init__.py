"""The reviewer's loop in the terminal: `run` shows the drafts of one desk and carries out what keys decide."""

from __future__ import annotations

import os
import sys

from wikiagent.errors import WikiagentError
from wikiagent.review.desk import Desk
from wikiagent.source.inert import inert

__all__ = ["run"]


def run(desk: Desk) -> None:
    """Review the drafts of a desk until the reviewer leaves.

    Raises:
        WikiagentError: this is no terminal, or the ledger or the wiki cannot be read.
    """
    streams = (sys.__stdin__, sys.__stdout__, sys.__stderr__)
    if os.environ.get("TERM") == "dumb" or not all(stream and stream.isatty() for stream in streams):
        raise WikiagentError(
            "`wikiagent review` needs a terminal to show drafts in. Use `wikiagent review --web` for the browser, or "
            "`wikiagent drafts`, `show` and `accept` without either."
        )
    from wikiagent.review.terminal.app import ReviewApp

    app = ReviewApp(desk)
    app.run(mouse=False)  # the terminal's own selection of text and its links go on working
    if app.cannot_open:
        raise WikiagentError(app.cannot_open)
    for draft_id, why in app.sitting.trouble.items():
        print(f"Not done: draft {draft_id}: {inert(why[0])}", file=sys.stderr)
    print(app.sitting.summary)
    if left := app.left_to_redraft:
        many = "s" if len(left) > 1 else ""
        print(f"Not written again yet: draft{many} {', '.join(map(str, left))}.", file=sys.stderr)
    sys.exit(app.return_code or 0)
