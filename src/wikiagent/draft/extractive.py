"""The extractive drafter: no model, no network. Every statement is the evidence's own words or a fixed phrase."""

from __future__ import annotations

from wikiagent.draft.environment import draft_environment
from wikiagent.draft.heuristic import draft_heuristic
from wikiagent.draft.said import Context
from wikiagent.mine.candidates import Candidate
from wikiagent.wiki.page import Environment, Heuristic, Link

NAME = "extractive"


def draft(candidate: Candidate, related: tuple[Link, ...], context: Context) -> Environment | Heuristic:
    """Draft the page of one candidate; the same candidate gives the same page.

    Args:
        candidate: what the page is about.
        related: the pages that it applies to.
        context: what all pages of the run share.
    """
    if candidate.kind == "environment":
        return draft_environment(candidate, related, context)
    return draft_heuristic(candidate, related, context)
