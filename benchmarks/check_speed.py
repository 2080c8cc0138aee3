"""Check: pages a second of `wikiagent check`, beside a script that only reads the files, for 500 to 8,000 pages.

    python -m benchmarks.check_speed [--scorer ../shared/golden/score.py] [--pages 500 2000 8000]

The wiki is that of peft 0.18.1 with its Environment and Heuristic pages copied under new names, links and indexes too,
so that it stays clean. All programs run as a user starts them, in turn, each in a process of its own; the best of
three counts. With `--scorer`, an independent scorer of the same pages runs as well.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Child, child, exponent
from benchmarks.report import PEFT, Bar, Table, arguments, note, show
from wikiagent.source.fetch import fetch
from wikiagent.wiki.graph import Wiki, add_links, read_wiki
from wikiagent.wiki.indexes import derive_indexes
from wikiagent.wiki.page import Link, PageKind

SCORER = Path("../shared/golden/score.py")
LEAVES = (PageKind.ENVIRONMENT, PageKind.HEURISTIC)
TIMES = 3
READER = "import pathlib, sys; print(sum(len(f.read_text('utf-8')) for f in pathlib.Path(sys.argv[1]).rglob('*.md')))"


def grown(wiki: Wiki, pages: int) -> dict[str, str]:
    """The files of a wiki with so many Environment and Heuristic pages, all of them copies of those that it has."""
    leaves = [page for page in wiki.pages.values() if page.kind in LEAVES]
    files = dict(wiki.files)
    backlinks: dict[str, list[Link]] = {}
    for number in range(len(leaves), pages):
        page = leaves[number % len(leaves)]
        name = f"{page.name}_{number}"
        files[f"{page.kind.folder}/{name}.md"] = page.text
        for link in page.links:
            target = wiki.pages.get((PageKind(link.kind), link.name)) if link.kind in set(PageKind) else None
            if target is not None:
                backlinks.setdefault(target.file, []).append(Link(edge=link.edge, kind=page.kind, name=name))
    for file, links in backlinks.items():
        files[file] = add_links(files[file], links)
    return {**files, **derive_indexes(Wiki(files))}


def write(root: Path, files: dict[str, str]) -> None:
    """Write a wiki."""
    for file, text in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text, encoding="utf-8")


def best(commands: dict[str, list[str]]) -> dict[str, Child]:
    """The best of several runs of each command, run in turn."""
    runs = [{name: child(command) for name, command in commands.items()} for _ in range(TIMES)]
    return {name: min((run[name] for run in runs), key=lambda run: run.seconds) for name in commands}


def measure(args: argparse.Namespace) -> Iterator[Table]:
    rows, seconds, scored = [], [], args.scorer is not None and args.scorer.exists()
    with tempfile.TemporaryDirectory() as folder:
        base, none = Path(folder, "base"), Path(folder, "none.jsonl")
        none.write_text("")
        snapshot = fetch(PEFT, args.store, progress=note)
        program = [sys.executable, "-m", "wikiagent", "--quiet", "--store", str(args.store)]
        child([*program, "enrich", "--phase", "3", "--accept-valid", "--source", PEFT, "--wiki", str(base)])
        wiki = read_wiki(base)
        for pages in args.pages:
            note(f"Checking {pages} pages")
            root = Path(folder) / str(pages)
            write(root, grown(wiki, pages))
            commands = {
                "check": [*program, "check", str(root), "--source", PEFT],
                "read": [sys.executable, "-c", READER, str(root)],
            }
            if scored:
                score = [sys.executable, str(args.scorer), "--wiki", str(root), "--root", str(snapshot.root)]
                commands["score"] = [*score, "--golden", str(none)]
            done = best(commands)
            check = done["check"]
            seconds.append(check.seconds)
            row = [f"{pages:,}", f"{check.seconds:.2f}", f"{pages / check.seconds:,.0f}", f"{check.megabytes:,.0f}"]
            row += [f"{done['read'].seconds:.2f}", f"{check.seconds / done['read'].seconds:.1f}"]
            rows.append(row + ([f"{done['score'].seconds:.2f}"] if scored else []))
    bars = []
    if len(args.pages) > 1:
        power = exponent(args.pages[-2:], seconds[-2:])
        bars = [Bar(f"seconds grow with the {power:.2f}th power of the pages (bar: 1.1)", power <= 1.1)]
    yield Table(
        "Check: a whole wiki",
        f"Best of {TIMES}, from the start of the program to its end. `read`: a script that only reads the files.",
        ["pages", "check, s", "pages/s", "MB", "read, s", "x read", *(["scorer, s"] if scored else [])],
        rows,
        bars,
    )


def main() -> None:
    cli = arguments(__doc__)
    cli.add_argument("--scorer", type=Path, default=SCORER if SCORER.exists() else None)
    cli.add_argument("--pages", type=int, nargs="+", default=[500, 2000, 8000])
    args = cli.parse_args()
    show(measure(args), args.json)


if __name__ == "__main__":
    main()
