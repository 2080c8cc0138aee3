"""Pages judged by reading: draws random pages for readers, and counts what the readers said.

    python -m benchmarks.judged_pages draw FOLDER --seed N LIBRARY=DRAFTER=WIKI=COUNT …
    python -m benchmarks.judged_pages count [SHEET]

`draw` copies random Environment and Heuristic pages of wikis into FOLDER, in random order and under numbers alone: a
reader knows neither their rank nor who drafted them. What each number stands for is written beside the folder, to
FOLDER.csv. `count` reads a sheet of these numbers with the judgements of two readers (`judged-pages.csv`).
"""

from __future__ import annotations

import argparse
import csv
import random
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

SHEET = Path(__file__).parent / "judged-pages.csv"
JUDGEMENTS = ("accept", "fix", "reject")


def draw(folder: Path, wikis: Iterable[str], seed: int) -> None:
    """Copy random pages of each wiki (`library=drafter=path=count`) into a folder, numbered from 1."""
    chance = random.Random(seed)
    drawn: list[tuple[str, str, Path]] = []
    for wiki in wikis:
        library, drafter, path, count = wiki.split("=")
        pages = sorted(p for kind in ("heuristics", "environments") for p in Path(path, kind).glob("*.md"))
        drawn += [(library, drafter, page) for page in chance.sample(pages, int(count))]
    chance.shuffle(drawn)
    folder.mkdir(parents=True)
    with folder.with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("number", "library", "drafter", "page"))
        for number, (library, drafter, page) in enumerate(drawn, 1):
            shutil.copyfile(page, folder / f"{number:02}-{library}.md")
            rows.writerow((number, library, drafter, page.stem))


def stricter(row: Mapping[str, str]) -> str:
    """The judgement that counts: the less friendly one of the two readers."""
    return max(row["first"], row["second"], key=JUDGEMENTS.index)


def kappa(rows: list[dict[str, str]]) -> float:
    """Cohen's kappa (1960) of the two readers: 1 where they always agree, 0 where they agree as by chance."""
    first, second = (Counter(row[reader] for row in rows) for reader in ("first", "second"))
    agreed = sum(row["first"] == row["second"] for row in rows) / len(rows)
    by_chance = sum(first[one] * second[one] for one in JUDGEMENTS) / len(rows) ** 2
    return (agreed - by_chance) / (1 - by_chance) if by_chance < 1 else 1.0


def table(rows: list[dict[str, str]]) -> list[str]:
    """What the readers said, as the lines of a Markdown table: a line a library and drafter, and one a drafter."""
    groups: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        for name in (f"{row['library']}, {row['drafter']}", f"all, {row['drafter']}"):
            groups.setdefault(name, []).append(row)
    lines = [
        "| library, drafter | pages | accept | accept after fix | reject | accept or after fix |",
        "|---|---|---|---|---|---|",
    ]
    for name, group in sorted(groups.items()):
        counts = Counter(map(stricter, group))
        good = (counts["accept"] + counts["fix"]) / len(group)
        lines.append(
            f"| {name} | {len(group)} | {counts['accept']} | {counts['fix']} | {counts['reject']} | {good:.0%} |"
        )
    return lines


def too_many_rejected(rows: list[dict[str, str]]) -> bool:
    """Whether more than a fifth of a drafter's pages are rejected: those of another do not make up for them."""
    pages = Counter(row["drafter"] for row in rows)
    rejected = Counter(row["drafter"] for row in rows if stricter(row) == "reject")
    return any(rejected[drafter] > 0.2 * pages[drafter] for drafter in pages)


def main() -> None:
    """Draw pages, or count a sheet; ends with 1 where less than 80 % of a drafter's are accepted, or after a fix."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    drawing = commands.add_parser("draw")
    drawing.add_argument("folder", type=Path)
    drawing.add_argument("wikis", nargs="+")
    drawing.add_argument("--seed", type=int, required=True)
    counting = commands.add_parser("count")
    counting.add_argument("sheet", type=Path, nargs="?", default=SHEET)
    asked = parser.parse_args()
    if asked.command == "draw":
        draw(asked.folder, asked.wikis, asked.seed)
        return
    with asked.sheet.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    print(*table(rows), "", sep="\n")
    print(
        f"The readers agree on {sum(r['first'] == r['second'] for r in rows)} of {len(rows)}; kappa {kappa(rows):.2f}."
    )
    sys.exit(too_many_rejected(rows))


if __name__ == "__main__":
    main()
