"""What a model cost and how well it wrote: counted from the calls and the drafts on record."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from wikiagent.draft.budget import Price
from wikiagent.ledger import Draft, Usage

_KEPT = ("tokens_in", "tokens_out", "tokens_cached", "seconds")


class Row(NamedTuple):
    """What a stage or a page cost: `cost` is a number, or a dash where no price is known; `seconds` of its calls."""

    name: str
    calls: int
    failed: int
    tokens_in: int
    tokens_out: int
    tokens_cached: int
    cost: str
    seconds: float


class PassRate(NamedTuple):
    """How the drafts of one model with one prompt did: how many had no error at first, and after repairs."""

    model: str
    prompt: str
    drafts: int
    clean_at_first: int
    clean_in_the_end: int


def stage_rows(usage: Sequence[Usage], price: Price) -> list[Row]:
    """A row for each stage, and their sum where there are several."""
    rows = [_row(each.stage, [each], price) for each in usage]
    return [*rows, _row("all", usage, price)] if len(rows) > 1 else rows


def _row(name: str, usage: Sequence[Usage], price: Price) -> Row:
    tokens_in, tokens_out = sum(each.tokens_in for each in usage), sum(each.tokens_out for each in usage)
    calls, failed = sum(each.calls for each in usage), sum(each.failed for each in usage)
    cached, seconds = sum(each.tokens_cached for each in usage), sum(each.seconds for each in usage)
    return Row(name, calls, failed, tokens_in, tokens_out, cached, _cost(price, tokens_in, tokens_out), seconds)


def page_rows(drafts: Iterable[Draft], price: Price) -> list[Row]:
    """A row for each draft that a model wrote, by name."""
    rows = []
    for draft in drafts:
        usage = json.loads(draft.written).get("usage")
        if usage:
            found = Usage(draft.name, usage["calls"], 0, *(usage[key] for key in _KEPT))
            rows.append(_row(draft.name, [found], price))
    return sorted(rows)


def pass_rates(drafts: Iterable[Draft]) -> list[PassRate]:
    """How often drafts had no error, by model and digest of the drafting prompt."""
    groups: dict[tuple[str, str], list[tuple[bool, bool]]] = {}
    for draft in drafts:
        written = json.loads(draft.written)
        if "model" in written:
            group = groups.setdefault((written["model"], written["prompts"]["draft"]), [])
            group.append((written["clean_at_first"], written["stands"]))
    return [
        PassRate(model, prompt, len(group), sum(first for first, _ in group), sum(end for _, end in group))
        for (model, prompt), group in sorted(groups.items())
    ]


def _cost(price: Price, tokens_in: int, tokens_out: int) -> str:
    return f"{price.cost(tokens_in, tokens_out):.4f}" if price.known else "—"
