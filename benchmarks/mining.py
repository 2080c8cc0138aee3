"""Mining over peft 0.18.1: recall of the goldens' evidence at 40, 80 and 120 candidates, before any drafting.

The first row is the ranking as it is; the others leave out one kind of signal, or one part of the ranking. A golden
counts as found where one of a candidate's first eight places shares half of the smaller span with its evidence. The
goldens are those beside the project (`../shared/golden/peft-0.18.1.jsonl`), or the file named as argument.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from wikiagent.code.symbols import Symbols, read_symbols
from wikiagent.code.vocabulary import Vocabulary
from wikiagent.config import SourceSettings
from wikiagent.mine import ranking
from wikiagent.mine.candidates import Candidate, rank
from wikiagent.mine.signals import read_signals
from wikiagent.source.evidence import Place
from wikiagent.source.fetch import fetch

HERE = Path(__file__).parents[1]
GOLDEN = HERE.parent / "shared" / "golden" / "peft-0.18.1.jsonl"
AT = (40, 80, 120)
SHOWN, LONGEST = 8, 30


def found_at(candidates: list[Candidate], golden: Mapping[str, Any]) -> float:
    """Rank of the first candidate that shows a golden's evidence, infinity where none does."""
    spans = [Place(span["path"], span["start"], span["end"]) for span in golden["evidence"]]
    for number, candidate in enumerate(candidates, 1):
        if any(shows(signal.place, span) for signal in candidate.signals[:SHOWN] for span in spans):
            return number
    return float("inf")


def shows(cited: Place, span: Place) -> bool:
    common = min(cited.last, span.last) - max(cited.first, span.first) + 1
    right_size = len(cited) <= max(LONGEST, 2 * len(span))
    return cited.path == span.path and right_size and common >= min(len(cited), len(span)) / 2


@contextmanager
def without(part: str) -> Iterator[None]:
    weight, ranking.WEIGHTS[part] = ranking.WEIGHTS[part], 0.0
    try:
        yield
    finally:
        ranking.WEIGHTS[part] = weight


def row(name: str, candidates: list[Candidate], goldens: list[dict[str, Any]]) -> None:
    ranks = [found_at(candidates, golden) for golden in goldens]
    figures = "".join(f"{sum(r <= at for r in ranks) / len(ranks):8.3f}" for at in AT)
    print(f"  {name:<28}{figures}   {len(candidates):5} candidates")


def main() -> None:
    golden_file = Path(sys.argv[1]) if sys.argv[1:] else GOLDEN
    if not golden_file.is_file():
        print(f"Mining is not measured: there are no goldens at {golden_file}. Name a file of goldens as argument.")
        return
    goldens = [json.loads(line) for line in golden_file.read_text(encoding="utf-8").splitlines()]
    snapshot, settings = fetch("pypi:peft==0.18.1", HERE / "store"), SourceSettings()
    paths = snapshot.select(settings.include, settings.exclude)
    start = time.perf_counter()
    symbols: Symbols = read_symbols(snapshot, paths)
    signals, vocabulary = read_signals(snapshot, paths, symbols), Vocabulary(snapshot)
    everything = rank(signals, symbols, vocabulary)
    lines = sum(len(snapshot.lines(path)) for path in paths)
    print(f"{len(signals)} signals in {lines} lines, ranked in {time.perf_counter() - start:.1f} s")
    print(f"recall of {len(goldens)} goldens at" + "".join(f"{at:8}" for at in AT))
    row("as it is", everything, goldens)
    for kind in sorted({signal.kind for signal in signals}):
        row(f"without {kind} signals", rank([s for s in signals if s.kind != kind], symbols, vocabulary), goldens)
    for part in ranking.WEIGHTS:
        with without(part):
            row(f"without the part '{part}'", rank(signals, symbols, vocabulary), goldens)


if __name__ == "__main__":
    main()
