"""How many errors `wikiagent check` finds: corruptions of a clean wiki, by kind, and false alarms.

    python -m benchmarks.check_mutations [--seed N] [--per-kind N] [--wiki W] [--source S] [--show-missed]

Writes a wiki about the source (or takes the one of `--wiki`), which must have no findings. Makes some corruptions of
each kind: one change of one file, made by regular expressions and Python's own parser, and shown to be wrong by a test
that shares no code with the checker. Checks the corrupted wikis from a store that has never seen the wiki. A corruption
counts as detected where a finding with a right code stands at the right place; where kinds put in false statements, the
same statements made true must have no findings. Exit status 1: a bar is not met.
"""

from __future__ import annotations

import argparse
import difflib
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from benchmarks.mutations import insertions, places, quotes, statements, structure, whole
from benchmarks.mutations.corruption import KINDS, Class, Corruption, Scene, corruptions
from benchmarks.mutations.facts import Facts
from benchmarks.mutations.runs import (
    Checker,
    CommandLine,
    Fate,
    Found,
    Outcome,
    alarms_of_controls,
    judged,
    wikiagent,
)
from wikiagent.source.fetch import fetch

FAMILIES = {
    places.__name__: "where citations point",
    quotes.__name__: "quotes",
    structure.__name__: "parts of pages, references, metadata",
    whole.__name__: "links and indexes",
    statements.__name__: "statements against their evidence",
    insertions.__name__: "parameters, defaults, messages",
}
#: The least rate of detection; no false alarm is allowed.
BARS = {Class.MECHANICAL: 1.0, Class.CLAIM: 0.95}

#: Characters around a change that are shown.
AROUND = 160


def seeded(scene: Scene, seed: int, per_kind: int) -> list[Corruption]:
    """Corruptions of all kinds, mixed."""
    made = [
        corruption
        for kind in KINDS.values()
        for corruption in corruptions(kind, scene, random.Random(f"{seed} {kind.name}"), per_kind)
    ]
    random.Random(seed).shuffle(made)
    return made


def read(wiki: Path) -> dict[str, str]:
    """The text files of a wiki."""
    return {file.relative_to(wiki).as_posix(): file.read_text(encoding="utf-8") for file in wiki.rglob("*.md")}


def row(name: str, of: str, outcomes: Sequence[Outcome]) -> str:
    """One row of the table."""
    fates = [outcome.fate for outcome in outcomes]
    counts = "".join(f"{fates.count(fate):11}" for fate in Fate)
    return f"{name:<54}{of:<11}{len(fates):7}{counts}{rate(outcomes):8.1%}"


def rate(outcomes: Sequence[Outcome]) -> float:
    """The part that was detected with the right code at the right place."""
    return sum(outcome.fate is Fate.DETECTED for outcome in outcomes) / len(outcomes) if outcomes else 1.0


def told(outcome: Outcome, clean: dict[str, str]) -> str:
    """What was changed and what the checker said."""
    corruption = outcome.corruption
    old, new = clean[corruption.file].split("\n"), corruption.change.text.split("\n")
    rows = [
        row for row in difflib.unified_diff(old, new, "", "", "", "", 0, "") if row[:1] in "+-" and row[1:].strip("+- ")
    ]
    if len(rows) == 2:
        same = next((n for n, (a, b) in enumerate(zip(rows[0][1:], rows[1][1:], strict=False)) if a != b), 0)
        begins = max(1, same - AROUND)
        rows = [row[0] + row[begins : begins + 2 * AROUND] for row in rows]
    wanted = f"{' or '.join(corruption.change.codes)} in {corruption.where}, lines {corruption.change.lines}"
    found = [f"found {finding.code} in line {finding.line}: {finding.message}" for finding in outcome.findings]
    return "\n".join([f"### {outcome.fate}: {corruption.kind.name}", f"wanted {wanted}", *found, *rows])


def measure(clean: dict[str, str], made: Sequence[Corruption], check: Checker, show_missed: bool = False) -> bool:
    """Print the table; whether all bars are met."""
    alarms: list[Found] = check(clean, ())
    controls, of_controls = alarms_of_controls(clean, made, check)
    outcomes = judged(clean, made, check)
    by_kind: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_kind[outcome.corruption.kind.name].append(outcome)
    print(f"{'kind':<54}{'class':<11}{'seeded':>7}" + "".join(f"{fate:>11}" for fate in Fate) + f"{'rate':>8}")
    for of in Class:
        for kind in KINDS.values():
            if kind.of is of:
                print(row(kind.name, of, by_kind[kind.name]))
    met = not alarms and not of_controls
    print()
    for module, name in FAMILIES.items():
        group = [outcome for outcome in outcomes if outcome.corruption.kind.make.__module__ == module]
        print(row(name, "", group))
    print()
    for of, bar in BARS.items():
        group = [outcome for outcome in outcomes if outcome.corruption.kind.of is of]
        met &= rate(group) >= bar
        print(f"{row(f'all {of} kinds', of, group)}   (bar: {bar:.0%})")
    print(f"{len(outcomes)} corruptions of {sum(map(bool, by_kind.values()))} kinds")
    print(f"{len(alarms)} false alarms on {len(clean)} clean files (bar: 0)")
    print(f"{len(of_controls)} false alarms on {controls} true statements put in (bar: 0)")
    for finding in (*alarms, *of_controls):
        print(f"  {finding.path}:{finding.line} {finding.code} {finding.message}")
    if show_missed:
        print(*(told(outcome, clean) for outcome in outcomes if outcome.fate is not Fate.DETECTED), sep="\n\n")
    return met


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    cli.add_argument("--per-kind", type=int, default=25)
    cli.add_argument("--wiki", type=Path, help="a clean wiki; default: one is written")
    cli.add_argument("--source", default="pypi:peft==0.18.1")
    cli.add_argument("--show-missed", action="store_true")
    args = cli.parse_args()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        wiki, store = args.wiki or Path(folder, "wiki"), Path(folder, "store")
        if not args.wiki:
            first = Path(folder, "first-store")
            given = ("--source", args.source, "--wiki", str(wiki))
            wikiagent(first, "enrich", "--phase", "3", "--accept-valid", *given)
        snapshot = fetch(args.source, store)
        scene = Scene(read(wiki), Facts(snapshot.root, snapshot.files))
        made = seeded(scene, args.seed, args.per_kind)
        print(f"{args.source}, {len(scene.files)} files of a wiki, --seed {args.seed} --per-kind {args.per_kind}")
        met = measure(scene.files, made, CommandLine(args.source, store), args.show_missed)
    print(f"{time.perf_counter() - start:.0f} s")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
