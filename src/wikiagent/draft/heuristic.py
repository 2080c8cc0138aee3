"""The extractive drafter's Heuristic page: the evidence's own sentences, sorted under the page's headings."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from wikiagent.check.phrases import FURTHER_EVIDENCE, SILENT, TAKE_INTO_ACCOUNT
from wikiagent.draft.said import (
    POINTS_BACK,
    Context,
    Sentence,
    conditions_of,
    documented,
    exhibits,
    listed,
    metadata,
    raised,
    refs_of,
    sentences,
    state,
    topics,
    where,
)
from wikiagent.mine import silent, words
from wikiagent.mine.candidates import Candidate
from wikiagent.mine.signal import Signal
from wikiagent.wiki.page import Bullet, Exhibit, Heuristic, HeuristicCategory, Link, Statement

NO_REASON = "The source states no reason."
#: Fewest words of a reason that stands alone.
MIN_CLAUSE = 4
#: Up to so many sentences, a page also says what the code is for that they stand in.
FEW_SENTENCES = 3
#: A name of code that is neither an attribute nor called.
_NAME = re.compile(r"(?<![\w.\"'])[A-Za-z_]\w*+(?!\()")


def draft_heuristic(candidate: Candidate, related: tuple[Link, ...], context: Context) -> Heuristic:
    """Draft a Heuristic page: each sentence stands once, under the heading that it fits best.

    Only where no sentence is left for the reason, one that was given in passing is given again, by its clause.
    """
    shown = exhibits(candidate, context)
    pool = sentences((*candidate.signals, *candidate.also), shown)
    if len(pool) <= FEW_SENTENCES:
        told = documented(candidate.signals[0], context, candidate.signals)
        candidate = replace(candidate, signals=(*candidate.signals, *told))
        shown = exhibits(candidate, context)
        pool = sentences((*candidate.signals, *candidate.also), shown)
    overview, continued = _overview(candidate, pool, shown)
    pool[:0] = [sentence for sentence in continued if words.ACTION.search(sentence.text)]
    pool = [_with_subject(sentence, candidate.signals[0]) for sentence in pool]
    reasons = _reasons(pool)
    insight = _insight(candidate, pool, shown, context)
    description = (
        *(sentence.statement() for sentence in continued if not words.ACTION.search(sentence.text)),
        *_described(candidate, overview, insight, reasons, pool, shown, context),
    )
    said_before = (overview, *description, *(statement for bullet in insight for statement in bullet.prose))
    given = (s for mark in (words.REASON, words.WHY) for s in said_before if mark.search(s.text))
    again = tuple(_clause(statement) for statement in given)[:1]
    return Heuristic(
        name=f"{context.repo}_{candidate.name}",
        metadata=metadata(candidate, context),
        overview=(overview,),
        description=description,
        usage=_usage(candidate, context),
        insight=insight,
        reasoning=tuple(s.statement() for s in reasons) or again or NO_REASON,
        evidence=shown,
        related=related,
        category=HeuristicCategory(candidate.category),
        topics=topics(candidate, context),
    )


def _clause(statement: Statement) -> Statement:
    """A reason that was given in passing: from `because` on, where the sentence has it."""
    found = re.search(r"\b(because|since(?! (\w+ )?v?\d))\b[^;]*$", statement.text, re.I)
    if found is None or found.start() == 0 or ". " in found[0] or len(found[0].split()) < MIN_CLAUSE:
        return statement
    return Statement(text=found[0][0].upper() + found[0][1:], refs=statement.refs)


def _with_subject(sentence: Sentence, leader: Signal) -> Sentence:
    """The sentence, after what it is about where that is not what the page is about, and it does not say so itself."""
    signal = sentence.signal
    elsewhere = signal.symbol.partition(".")[0] != leader.symbol.partition(".")[0]
    other = signal.subject != leader.subject or elsewhere
    if signal.subject and other and (signal.subject not in sentence.text or signal.kind in silent.KINDS):
        about = f"`{signal.subject}` of `{signal.symbol}`" if elsewhere and signal.symbol else f"`{signal.subject}`"
        return replace(sentence, text=f"{about}: {sentence.text}")
    if signal.kind in silent.KINDS and signal is not leader and signal.symbol:
        return replace(sentence, text=f"`{signal.symbol}`: {sentence.text}")
    if signal.symbol != leader.symbol and signal.symbol and POINTS_BACK.match(sentence.text):
        return replace(sentence, text=f"`{signal.symbol}`: {sentence.text}")
    said_once = len(sentence.refs) == 1
    if elsewhere and said_once and signal.symbol and not _names(sentence.text, signal.symbol.partition(".")[0]):
        return replace(sentence, text=f"`{signal.symbol}`: {sentence.text}")
    return sentence


def _names(text: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _take(pool: list[Sentence], fits: Callable[[Sentence], bool], most: int) -> list[Sentence]:
    """Take up to `most` fitting sentences out of the pool."""
    taken = [sentence for sentence in pool if fits(sentence)][:most]
    for sentence in taken:
        pool.remove(sentence)
    return taken


def _reasons(pool: list[Sentence]) -> list[Sentence]:
    """What the source says of why: causes, or else what goes wrong; not what it advises to do."""

    def tells(sentence: Sentence, mark: re.Pattern[str]) -> bool:
        text, kind = sentence.text, sentence.signal.kind
        return kind not in ("summary", *silent.KINDS) and bool(mark.search(text)) and not words.ACTION.search(text)

    causes = _take(pool, lambda s: tells(s, words.CAUSE), 3)
    return causes or _take(pool, lambda s: s.signal.kind != "error" and tells(s, words.HARM), 2)


def _overview(
    candidate: Candidate, pool: list[Sentence], shown: tuple[Exhibit, ...]
) -> tuple[Statement, tuple[Sentence, ...]]:
    """The sentence that the page opens with, after what it is about, and what continues that sentence.

    It is the leader's first one, but for a comment or a docstring the first that tells something.
    """
    leader = candidate.signals[0]
    own = [s for s in pool if s.signal is leader] or pool
    if not own:
        text = f"`{leader.symbol or leader.place.path}`: {leader.text}"
        return Statement(text=text, refs=refs_of(leader, shown)[:1]), ()
    best = own[0]
    if leader.kind in ("comment", "docstring") and not leader.subject:
        standing = (s for s in own if s is best or not POINTS_BACK.match(s.text))
        best = next((s for s in standing if words.telling(s.text)), best)
    pool.remove(best)
    first, *rest = words.sentences(best.text)
    about = _about(leader)
    named = leader.subject and leader.subject in first and leader.kind not in silent.KINDS
    text = first if not about or named else f"{about}: {first}"
    return Statement(text=text, refs=best.refs), tuple(replace(best, text=t) for t in rest)


def _about(signal: Signal) -> str:
    if signal.subject:
        return f"`{signal.subject}` of `{signal.symbol}`" if signal.symbol else f"`{signal.subject}`"
    return f"`{signal.symbol}`" if signal.symbol and signal.kind in ("comment", "docstring", *silent.KINDS) else ""


def _described(
    candidate: Candidate,
    overview: Statement,
    insight: tuple[Bullet, ...],
    reasons: list[Sentence],
    pool: list[Sentence],
    shown: tuple[Exhibit, ...],
    context: Context,
) -> tuple[Statement, ...]:
    """What is left of the sentences, when it happens, and where further evidence stands."""
    leader = candidate.signals[0]
    advice = _fallback(leader, shown, context)
    told = all(condition.text in advice.text for condition in leader.conditions)
    advised = leader.conditions if told and insight[0].prose == (advice,) else ()
    conditions = _conditions((s for s in (*candidate.signals, *candidate.also) if s.conditions != advised), shown)
    out = [s.statement() for s in _take(pool, lambda _: True, 6)] + conditions
    cited = {ref for s in (overview, *out, *(p for b in insight for p in b.prose)) for ref in s.refs}
    cited |= {ref for reason in reasons for ref in reason.refs}
    others = [exhibit for exhibit in shown if exhibit.id not in cited]
    if others:
        out.append(Statement(text=FURTHER_EVIDENCE, refs=tuple(e.id for e in others)))
    if not out:
        out.append(Statement(text=f"{shown[0].caption}, `{shown[0].path}`.", refs=(shown[0].id,)))
    return tuple(out)


def _usage(candidate: Candidate, context: Context) -> str:
    leader = candidate.signals[0]
    subject, own = leader.subject, _in_use(leader.symbol)
    if subject and own == leader.symbol.removesuffix(".__init__") and _takes(own, subject, context):
        return f"Read this before setting `{subject}` of `{own}`."
    if candidate.owners:
        names = listed(candidate.owners[:3], "or")
        taking = [owner for owner in candidate.owners[:3] if subject and _takes(owner, subject, context)]
        if taking:
            return f"Read this before setting `{subject}` of {listed(taking, 'or')}."
        return f"Read this when working with {names}."
    return "Read this when working with the code that is cited below."


def _in_use(symbol: str) -> str:
    """What people use of a definition: the outer one, where it is inside a private one or `__init__` of a class."""
    parts = symbol.split(".")
    private = next((n for n, part in enumerate(parts) if part.startswith("_")), len(parts))
    return ".".join(parts[:private]) or symbol


def _takes(owner: str, name: str, context: Context) -> bool:
    """Whether a class or function has a parameter or attribute of a name."""
    return any(signature.has(name) for signature in context.checked.signatures.of(owner))


def _insight(
    candidate: Candidate, pool: list[Sentence], shown: tuple[Exhibit, ...], context: Context
) -> tuple[Bullet, ...]:
    actions = _take(pool, lambda s: s.signal.kind != "summary" and bool(words.ACTION.search(s.text)), 3)
    if not actions and candidate.signals[0].kind not in ("error", "warning", *SILENT):
        actions = _take(pool, lambda s: s.signal.kind != "summary" and words.telling(s.text) > 0, 1)
    values = _take(pool, lambda s: bool(words.VALUE.search(s.text)), 2)
    costs = _take(pool, lambda s: bool(words.COST.search(s.text)), 2)
    limits = _take(pool, lambda s: bool(words.LIMIT.search(s.text)), 3)
    bullets = [Bullet(label="Action", prose=(s.statement(),)) for s in actions]
    if not actions:
        bullets.append(Bullet(label="Action", prose=(_fallback(candidate.signals[0], shown, context),)))
    bullets += [Bullet(label="Value", prose=(s.statement(),)) for s in values]
    if not values:
        bullets += [Bullet(label="Value", prose=(statement,)) for statement in _defaults(candidate, shown)]
    bullets += [Bullet(label="Trade-off", prose=(s.statement(),)) for s in costs]
    bullets += [Bullet(label="Compatibility", prose=(s.statement(),)) for s in limits]
    return tuple(bullets)


def _fallback(leader: Signal, shown: tuple[Exhibit, ...], context: Context) -> Statement:
    """Advice that follows from the leading evidence, in a fixed phrase."""
    refs = refs_of(leader, shown)[:1]
    conditions = conditions_of(leader, shown) if _asks_for_input(leader, context) else ()
    using = f"using `{_in_use(leader.symbol)}`" if leader.symbol else "importing the module"
    alone = conditions[0] if len(conditions) == 1 else None
    if leader.kind in SILENT:
        text = SILENT[leader.kind].format(subject=leader.subject, symbol=leader.symbol)
    elif leader.kind == "error" and conditions:
        care = f"make sure that {state(alone, opposite=True)}" if alone else f"rule out that {where(conditions)}"
        text = f"Before {using}, {care}: {raised(leader)} can be raised."
    elif leader.kind == "error":
        text = f"Be ready for {raised(leader)} when {using}."
    elif leader.kind in ("warning", "deprecation") and conditions:
        asked = state(alone) if alone else where(conditions)
        text = f"Before {using}, check whether {asked}: the warning can occur then."
    else:
        text = TAKE_INTO_ACCOUNT.format(using=using)
    return Statement(text=text, refs=refs)


def _asks_for_input(signal: Signal, context: Context) -> bool:
    """Whether all conditions are about what people pass, or what an object has: nobody sees a local variable."""
    signatures = context.checked.signatures.of(_in_use(signal.symbol))
    given = {name for signature in signatures for name in signature.parameters}
    asked = [{*_NAME.findall(condition.text)} - {*keyword.kwlist} for condition in signal.conditions]
    return all(names & {"self", "cls", *given} or not any(name.islower() for name in names) for names in asked)


def _defaults(candidate: Candidate, shown: tuple[Exhibit, ...]) -> list[Statement]:
    """The default of the field that leads the page, where an exhibit of its own class shows it."""
    leader = candidate.signals[0]
    for signal, exhibit in zip(candidate.signals, shown, strict=True):
        if not leader.subject or signal.symbol != leader.symbol:
            continue
        named = rf"\b{re.escape(leader.subject)}\b\s*(?::[^=\n]+)?=\s*field\(\s*default="
        found = re.search(named + r"([\w.+-]+|\"[^\"\n]*\"|'[^'\n]*')\s*[,)]", exhibit.code)
        if found:
            return [Statement(text=f"`{leader.subject}` defaults to `{found[1]}`.", refs=(exhibit.id,))]
    return []


def _conditions(signals: Iterable[Signal], shown: tuple[Exhibit, ...]) -> list[Statement]:
    """When the warnings and errors occur: their conditions as they stand in the code."""
    out: list[Statement] = []
    for signal in signals:
        conditions, refs = conditions_of(signal, shown), refs_of(signal, shown)[:1]
        if conditions and refs and signal.kind in ("warning", "error", "deprecation") and len(out) < 4:
            does = f"can raise {raised(signal)}" if signal.kind == "error" else "can warn"
            inside = f"`{signal.symbol}`" if signal.symbol else "The module"
            out.append(Statement(text=f"{inside} {does} where {where(conditions)}.", refs=refs))
    return list(dict.fromkeys(out))
