"""Seconds and memory of chunking, indexing and mining for sources of 10, 100 and 1,000 modules; and after one edit.

    python -m benchmarks.scaling [--copies 10 100 1000] [--full]

A module of peft 0.18.1 is copied, each copy with names of its own. Each step runs in a process of its own. Seconds are
those of the processor, so that other programs do not count.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.copies import copies
from benchmarks.measure import exponent, part
from benchmarks.report import PEFT, Bar, Table, arguments, note, show
from wikiagent.source.fetch import fetch
from wikiagent.source.snapshot import Snapshot

#: A curve is linear where ten times the size costs no more than this power of ten; caches and noise are within it.
LINEAR = 1.15


def chunk(snapshot: Snapshot, _: Path) -> int:
    from wikiagent.code.chunks import chunk_snapshot
    from wikiagent.index.embed import WordLlama

    embedder = WordLlama()
    return sum(1 for _ in chunk_snapshot(snapshot, embedder.count, embedder.limit))


def index(snapshot: Snapshot, store: Path) -> int:
    from wikiagent.index.embed import WordLlama
    from wikiagent.index.retrieve import open_index

    return len(open_index(snapshot, WordLlama(), store).chunks)


def mine(snapshot: Snapshot, _: Path) -> int:
    from wikiagent.code.symbols import read_symbols
    from wikiagent.code.vocabulary import Vocabulary
    from wikiagent.mine.candidates import rank
    from wikiagent.mine.signals import read_signals

    symbols = read_symbols(snapshot, snapshot.files)
    return len(rank(read_signals(snapshot, snapshot.files, symbols), symbols, Vocabulary(snapshot)))


STEPS: dict[str, Callable[[Snapshot, Path], int]] = {"chunk": chunk, "index": index, "mine": mine}


def step(args: argparse.Namespace) -> None:
    """What a process of its own does: one step over a folder; prints what it made and the processor's seconds."""
    files = tuple(sorted(file.relative_to(args.root).as_posix() for file in args.root.rglob("*.py")))
    snapshot = Snapshot("path:copies@1", "copies", "1", args.root, files)
    made = STEPS[args.step](snapshot, args.store)
    print(json.dumps({"made": made, "seconds": time.process_time()}))


def measured(name: str, root: Path, store: Path) -> tuple[int, float, float]:
    """What a step makes of the files in a folder, its seconds and its MB."""
    done, megabytes = part("benchmarks.scaling", "--step", name, "--root", str(root), "--store", str(store))
    return done["made"], done["seconds"], megabytes


def measure(args: argparse.Namespace) -> Iterator[Table]:
    peft = fetch(PEFT, args.store, progress=note)
    sizes: list[int] = []
    costs: dict[str, list[tuple[int, float, float]]] = {name: [] for name in STEPS}
    again: list[list[str]] = []
    with tempfile.TemporaryDirectory() as folder:
        for number in args.copies:
            root, store = Path(folder, f"{number}"), Path(folder, f"store-{number}")
            snapshot = copies(peft, number, root)
            sizes.append(sum(len(snapshot.lines(path)) for path in snapshot.files))
            for name, found in costs.items():
                note(f"{number} modules: {name}")
                found.append(measured(name, root, store))
            copies(peft, number, root, edited=number // 2)
            note(f"{number} modules, one edited")
            warm = {name: measured(name, root, store)[1] for name in ("index", "mine")}
            cold = {name: costs[name][-1][1] for name in warm}
            cells = [f"{number:,}"]
            for name in warm:
                cells += [f"{cold[name]:.2f}", f"{warm[name]:.2f}", f"{warm[name] / cold[name]:.2f}"]
            again.append(cells)
    yield scaling_table(args.copies, sizes, costs)
    yield Table(
        "Incremental: after one edited file",
        "Seconds of the processor. `cold`: nothing is in the store. `edited`: the source without the edit is in the "
        "store. Vectors are kept by their text, so only those of the new chunks are made; mining keeps nothing.",
        ["modules", "index, cold s", "edited s", "ratio", "mine, cold s", "edited s", "ratio"],
        again,
    )


def scaling_table(modules: list[int], sizes: list[int], costs: dict[str, list[tuple[int, float, float]]]) -> Table:
    """Seconds and memory by size, and how they grow."""
    rows = []
    for at, number in enumerate(modules):
        cells = [f"{number:,}", f"{sizes[at]:,}"]
        for found in costs.values():
            made, seconds, megabytes = found[at]
            cells += [f"{made:,}", f"{seconds:.2f}", f"{megabytes:,.0f}"]
        rows.append(cells)
    bars = []
    if len(modules) > 1:
        for name, found in costs.items():
            power = exponent(sizes[-2:], [seconds for _, seconds, _ in found[-2:]])
            bars.append(Bar(f"seconds to {name} grow with the {power:.2f}th power of the lines", power <= LINEAR))
    return Table(
        "Scaling: copies of a module, renamed apart",
        "Each step in a process of its own, with its start; `s` are seconds of the processor, `MB` is the most memory "
        "that it held. The growth is that of the last step.",
        ["modules", "lines", *(f"{head}" for name in costs for head in (f"{name}: made", "s", "MB"))],
        rows,
        bars,
    )


def main() -> None:
    cli = arguments(__doc__)
    cli.add_argument("--copies", type=int, nargs="+", default=[10, 100, 1000])
    cli.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    cli.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    args = cli.parse_args()
    if args.step:
        step(args)
    else:
        show(measure(args), args.json)


if __name__ == "__main__":
    main()
