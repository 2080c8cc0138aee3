"""Who a signal concerns: the public names that export, subclass or use what it stands in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from wikiagent.code.symbols import Symbol, Symbols
from wikiagent.code.vocabulary import Vocabulary
from wikiagent.mine.signal import Signal
from wikiagent.source.evidence import Place

#: Most owners that a candidate names.
MAX_OWNERS = 8
#: How many steps from a definition to what uses it are followed.
MAX_STEPS = 3


def owners_of(signals: Iterable[Signal], symbols: Symbols) -> tuple[str, ...]:
    """The public names that signals concern, nearest first."""
    holders: list[Symbol] = []
    for signal in signals:
        symbol = _holder(signal.place, symbols)
        # what stands at module level concerns what the module exports
        holders += [symbol] if symbol else [s for s in symbols.in_file(signal.place.path) if symbols.exported(s)][:1]
    return owner_names(holders, symbols)


def owner_names(holders: Sequence[Symbol], symbols: Symbols) -> tuple[str, ...]:
    """The public names that definitions concern, nearest first; a method of a public class gives `Class.method` too."""
    found: dict[str, None] = {}
    for symbol in dict.fromkeys(holders):
        found.update(dict.fromkeys(_public_names(symbol, symbols, MAX_STEPS)))
    return tuple(found)[:MAX_OWNERS]


def centrality(signal: Signal, symbols: Symbols, vocabulary: Vocabulary) -> float:
    """How much of the source names the outermost definition that a signal stands in: 1 for a tenth of its files.

    A name that is defined several times is shared among its definitions.
    """
    symbol = _holder(signal.place, symbols)
    if symbol is None:
        return 0.0
    outer = list(symbols.chain(symbol))[-1].simple
    files = vocabulary.files_with(outer) / len(symbols.by_simple[outer])
    return min(1.0, math.log1p(files) / math.log1p(max(vocabulary.python_files / 10, 1)))


def publicity(signal: Signal, symbols: Symbols) -> float:
    """1 for a signal in public code, 0.5 in code that others may import, 0 in private code."""
    symbol = _holder(signal.place, symbols)
    if symbol is None:
        return 0.5
    chain = list(symbols.chain(symbol))
    if any(symbols.exported(around) for around in chain):
        return 0.5 if symbol.is_private else 1.0
    return 0.0 if symbol.is_private else 0.5


def _holder(place: Place, symbols: Symbols) -> Symbol | None:
    return symbols.at(place.path, place.last)


def _public_names(symbol: Symbol, symbols: Symbols, steps: int) -> list[str]:
    chain = list(symbols.chain(symbol))
    names: list[str] = []
    member = symbol  # what stands directly in `around`: nobody can name a function inside of a function
    for around in chain:
        public = symbols.exported(around)
        if public:
            if around is not symbol and not member.is_private and not member.simple.startswith("__"):
                names.append(f"{public}.{member.simple}")
            names.append(public)
        member = around
    outer = chain[-1]
    if not names and outer.kind == "class":
        names = sorted(name for name in symbols.subclasses(outer.simple) if name in symbols.exports)[:2]
    if not names and steps:
        needed = 1.0 if len(symbols.by_simple[outer.simple]) > 1 else 0.0  # a common name: only its own folder means it
        callers = [c for c in symbols.calls.get(outer.simple, ()) if _shared(c, outer) >= needed and c != outer]
        for caller in sorted(callers, key=lambda c: (-_shared(c, outer), c.place)):
            names += _public_names(caller, symbols, steps - 1)
            if names:
                break
    return list(dict.fromkeys(names))[:3]


def _shared(one: Symbol, other: Symbol) -> float:
    """Which part of the folders of two symbols is the same, 0 to 1."""
    folders = [symbol.place.path.split("/")[:-1] for symbol in (one, other)]
    same = 0
    for a, b in zip(*folders, strict=False):
        if a != b:
            break
        same += 1
    return same / (max(map(len, folders)) or 1)
