"""Seconds that `wikiagent check` takes for a large wiki, beside an independent scorer of the same pages.

    python -m benchmarks.check_speed [--scorer ../shared/golden/score.py] [--pages 500 2000 8000]

The wiki is that of peft 0.18.1 with its Environment and Heuristic pages copied under new names, links and indexes too,
so that it stays clean. Both programs run as a user starts them, in turn, each in a process of its own; the best of
three counts.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from wikiagent.wiki.graph import Wiki, add_links, read_wiki
from wikiagent.wiki.indexes import derive_indexes
from wikiagent.wiki.page import Link, PageKind

SOURCE = "pypi:peft==0.18.1"
STORE = Path("store")
SCORER = Path("../shared/golden/score.py")
LEAVES = (PageKind.ENVIRONMENT, PageKind.HEURISTIC)


def wikiagent(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does."""
    command = [sys.executable, "-m", "wikiagent", "--quiet", "--store", str(STORE), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


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


def seconds(command: list[str], statuses: tuple[int, ...]) -> float:
    """The best of three runs of a command."""
    best = float("inf")
    for _ in range(3):
        begun = time.perf_counter()
        done = subprocess.run(command, capture_output=True, check=False)
        best = min(best, time.perf_counter() - begun)
        if done.returncode not in statuses:
            sys.exit(done.stderr.decode())
    return best


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--scorer", type=Path, default=SCORER)
    cli.add_argument("--pages", type=int, nargs="+", default=[500, 2000, 8000])
    args = cli.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / "base"
        made = wikiagent("enrich", "--phase", "3", "--accept-valid", "--source", SOURCE, "--wiki", str(base))
        if made.returncode:
            sys.exit(made.stderr)
        wiki = read_wiki(base)
        golden = Path(folder) / "none.jsonl"
        golden.write_text("")
        print(f"{'pages':>7} {'check, s':>9} {'ms/page':>8} {'scorer, s':>10} {'times':>6}")
        for pages in args.pages:
            root = Path(folder) / str(pages)
            write(root, grown(wiki, pages))
            check = [sys.executable, "-m", "wikiagent", "--quiet", "--store", str(STORE), "check", str(root)]
            ours = seconds([*check, "--source", SOURCE], (0,))
            theirs = float("nan")
            if args.scorer.exists():
                source = next((STORE / "sources").glob("peft@0.18.1"))
                theirs = seconds(
                    [
                        sys.executable,
                        str(args.scorer),
                        "--wiki",
                        str(root),
                        "--root",
                        str(source),
                        "--golden",
                        str(golden),
                    ],
                    (0,),
                )
            print(f"{pages:7} {ours:9.2f} {1000 * ours / pages:8.2f} {theirs:10.2f} {ours / theirs:6.2f}")


if __name__ == "__main__":
    main()
