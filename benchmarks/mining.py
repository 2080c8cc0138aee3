"""Mining: recall of the goldens' evidence at 40, 80 and 120 candidates, before any drafting.

    python -m benchmarks.mining [--full]

A golden counts as found where one of a candidate's first eight places shares half of the smaller span with its
evidence. Reported apart: the goldens that were known when mining was tuned, and the others. Under `--full`, one kind of
signal, or one part of the ranking, is left out at a time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.measure import interval
from benchmarks.queries import Query, queries_of, sources
from benchmarks.report import PEFT, Table, note, run
from wikiagent.code.symbols import read_symbols
from wikiagent.code.vocabulary import Vocabulary
from wikiagent.config import SourceSettings
from wikiagent.evals import overlap
from wikiagent.mine import ranking
from wikiagent.mine.candidates import Candidate, rank
from wikiagent.mine.signals import read_signals
from wikiagent.source.evidence import Place
from wikiagent.source.fetch import fetch
from wikiagent.source.snapshot import Snapshot

AT = (40, 80, 120)


def found_at(candidates: Sequence[Candidate], places: Sequence[Place]) -> float:
    """Rank of the first candidate that shows a golden's evidence, infinity where none does."""
    for number, candidate in enumerate(candidates, 1):
        shown = [signal.place for signal in candidate.signals[: overlap.MAX_QUOTES]]
        if overlap.best(shown, places) >= overlap.ENOUGH:
            return number
    return float("inf")


@contextmanager
def without(part: str) -> Iterator[None]:
    weight, ranking.WEIGHTS[part] = ranking.WEIGHTS[part], 0.0
    try:
        yield
    finally:
        ranking.WEIGHTS[part] = weight


def row(name: str, candidates: Sequence[Candidate], goldens: Sequence[Query], *cells: str) -> list[str]:
    ranks = [found_at(candidates, golden.places) for golden in goldens]
    recalls = [str(interval([float(rank <= at) for rank in ranks])) for at in AT]
    return [name, str(len(goldens)), *recalls, f"{len(candidates):,}", *cells]


def leaving_out(snapshot: Snapshot, paths: tuple[str, ...], goldens: Sequence[Query]) -> Table:
    """What each kind of signal and each part of the ranking is worth."""
    symbols = read_symbols(snapshot, paths)
    signals, vocabulary = read_signals(snapshot, paths, symbols), Vocabulary(snapshot)
    rows = [row("as it is", rank(signals, symbols, vocabulary), goldens)]
    for kind in sorted({signal.kind for signal in signals}):
        rows.append(
            row(f"without {kind} signals", rank([s for s in signals if s.kind != kind], symbols, vocabulary), goldens)
        )
    for part in ranking.WEIGHTS:
        with without(part):
            rows.append(row(f"without the part `{part}`", rank(signals, symbols, vocabulary), goldens))
    return Table(
        f"Mining without one thing: {snapshot.source}", "All goldens about peft.", [*COLUMNS, "candidates"], rows
    )


COLUMNS = ["", "goldens", *(f"recall@{at}" for at in AT)]


def measure(args: argparse.Namespace) -> Iterator[Table]:
    settings, rows, ablation = SourceSettings(), [], []
    for name, source in sources().items():
        snapshot = fetch(source, args.store, progress=note)
        note(f"Mining {source}")
        paths = snapshot.select(settings.include, settings.exclude)
        for path in snapshot.files:
            if path.endswith(".py"):
                snapshot.lines(path)
        begun = time.perf_counter()
        symbols = read_symbols(snapshot, paths)
        candidates = rank(read_signals(snapshot, paths, symbols), symbols, Vocabulary(snapshot))
        seconds = time.perf_counter() - begun
        lines = sum(len(snapshot.lines(path)) for path in paths)
        goldens = queries_of(name)["sentence"]
        for group in ("seen", "unseen"):
            asked = [golden for golden in goldens if (golden.group == "seen") == (group == "seen")]
            if asked:
                rows.append(row(f"{source}, {group}", candidates, asked, f"{lines:,}", f"{seconds:.1f}"))
        if args.full and source == PEFT:
            ablation.append(leaving_out(snapshot, paths, goldens))
    yield Table(
        "Mining: evidence of goldens among the candidates",
        "Before any drafting, with 95 % intervals (bootstrap). `seen`: goldens known when mining was first tuned. The "
        "weights of the ranking were last set on those of peft, accelerate and rich. Files are read before.",
        [*COLUMNS, "candidates", "lines", "seconds"],
        rows,
    )
    yield from ablation


if __name__ == "__main__":
    run(__doc__, measure)
