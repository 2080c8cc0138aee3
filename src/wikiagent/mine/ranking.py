"""Ranking: what makes an insight worth a page, as parts with weights.

Every part is a small function that answers how much of one quality there is, mostly 0 to 1; `WEIGHTS` says what each
counts. The weights were set by hand and are measured, part by part, in `benchmarks/mining.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from wikiagent.mine import words
from wikiagent.mine.signal import Signal

#: What the kind of a signal says by itself.
KINDS = {
    **{"deprecation": 4.0, "warning": 2.4, "error": 1.1, "help": 1.0, "docstring": 1.0, "comment": 0.7},
    **{"override": 1.5, "default": 1.0, "fallback": 1.0},
}
#: What an environment says by itself, by category: there are few, and each is asked for.
ENVIRONMENTS = {"Core": 8.8, "Backend": 8.7, "Hardware": 8.7, "Distributed": 8.7, "Platform": 7.7}

#: Words below which a remark that no warning, error or help text supports hardly makes a page.
THIN = 30

#: What each part counts.
WEIGHTS: dict[str, float] = {
    "kind": 1.0,
    "reason given": 0.65,
    "consequence": 0.6,
    "advice": 0.4,
    "limit": 0.4,
    "emphasis": 0.6,
    "topic": 0.6,
    "figures": 0.3,
    "value": 0.3,
    "cost": 0.3,
    "order": 0.15,
    "effect": 0.15,
    "combination": 0.7,
    "guarded": 0.5,
    "routine": -1.5,
    "thin": -1.0,
    "to do": -0.8,
    "public": 1.2,
    "central": 1.4,
    "supported": 0.1,
    "recurs": 0.35,
    "several ways": 0.8,
    "crowded": -0.15,
    "used": 0.2,
}
#: Not only together with something else: which options go together is news.
_ALONE = r"(?! (if|when|unless)\b)"
_ROUTINE = words.any_of(
    *("must be a", "should be a", "must be one of", "not found", "unknown", "invalid", "unexpected", "expected", "got"),
    *("already exists", "must be of type", "must be either", "must be in", "must be passed", "not a valid"),
    *("but received", "mismatch", "must be one that", "should be one of", "choose one of", "only the following"),
    r"((cannot|can't|must not|should not) be (negative|empty|none)|must be (given|provided))" + _ALONE,
    "must be (positive|non-?negative)",
    # what was passed, echoed: "Unsupported layer type `{kind}`", "X is not implemented for layers of type `{kind}`"
    "is not (implemented|recogni[sz]ed)" + _ALONE,
    *(r"unsupported [\w ]+ passed", r"unsupported [\w ]+:? [('\"]*`(?=\{)"),
    *(r"of type '?`\{[^`]*`'? (is )?not (supported|implemented)", r"not (implemented|supported) for [\w ]+ of type"),
)
#: Says only that the program itself went wrong, or what it is doing.
_SANITY = words.any_of(
    *(r"please (open|report|file|raise) (an?|this|the)", "should not happen", "should never happen", "report this"),
    *("internal error", r"error while \w+", r"clearing \w+"),
)


def signal_parts(signal: Signal) -> dict[str, float]:
    """The parts of one signal's strength, before weighting."""
    text = signal.text
    is_error = signal.kind == "error"
    sane = signal.kind in ("error", "warning") and bool(_SANITY.search(text))
    routine = sane or (is_error and bool(_ROUTINE.search(text)))
    limited = bool(words.LIMIT.search(text))
    return {
        "kind": KINDS.get(signal.kind, 0.5),
        "reason given": float(bool(words.CAUSE.search(text))),
        "consequence": min(len(words.CONSEQUENCE.findall(text)), 2),
        "advice": float(bool(words.ADVICE.search(text))),
        "limit": float(limited),
        "emphasis": float(bool(words.MARK.search(text) or words.EMPHASIS.search(text))),
        "topic": float(bool(words.TOPIC.search(text))),
        "figures": float(any(c.isdigit() for c in text)),
        "value": float(bool(words.VALUE.search(text))),
        "cost": float(bool(words.COST.search(text))),
        "order": float(bool(words.ORDER.search(text))),
        "effect": float(bool(words.EFFECT.search(text))),
        "combination": float(is_error and limited and not routine),
        "guarded": float(bool(signal.condition) and not routine),
        "routine": float(routine),
        "to do": float(signal.kind == "comment" and bool(words.TO_DO.search(text))),
    }


def group_parts(members: Sequence[Signal], also: Sequence[Signal], recurs: int) -> dict[str, float]:
    """The parts that a group adds to its leader's strength, before weighting."""
    kinds = {signal.kind for signal in (*members, *also)}
    return {
        "supported": sum(strength(signal) for signal in members[1:4]),
        "thin": float(kinds <= {"comment", "docstring"} and len(members[0].text.split()) < THIN),
        "recurs": math.log1p(len(members) - 1 + recurs),
        "several ways": len(kinds) - 1,
    }


def weighed(parts: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """The parts that count, weighted, in order."""
    values = ((name, round(WEIGHTS[name] * value, 3)) for name, value in parts.items())
    return tuple((name, value) for name, value in values if value)


def strength(signal: Signal) -> float:
    """How much one signal says by itself."""
    return sum(WEIGHTS[name] * value for name, value in signal_parts(signal).items())
