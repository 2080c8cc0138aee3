"""Wiki edit: what it costs to accept the tenth page of a wiki, and the thousandth.

    python -m benchmarks.accepting [--pages 1000]

The source is copies of a module, renamed apart and private, so that the wiki is small at first. They are drafted
without a model; some are accepted one by one, as a reviewer does it (pages, links, indexes and report in one edit), the
rest at once.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.copies import copies
from benchmarks.measure import Seconds, child, exponent
from benchmarks.report import PEFT, Bar, Table, arguments, note, show
from wikiagent.config import SourceSettings
from wikiagent.ledger import Ledger
from wikiagent.phases.publish import edit_of
from wikiagent.review.desk import Desk
from wikiagent.review.sources import Sources
from wikiagent.source.fetch import fetch

#: How many pages are accepted one by one at each size; the median counts.
ONE_BY_ONE = 5


def desk_of(folder: Path, store: Path, pages: int) -> Desk:
    """A desk over a wiki with so many drafts, none of them decided."""
    copies(fetch(PEFT, store, progress=note), pages // 2, folder / "source", private=True)
    note(f"Drafting {pages} pages")
    child([
        *(sys.executable, "-m", "wikiagent", "--quiet", "--store", str(folder / "store"), "enrich", "--phase", "3"),
        *("--source", str(folder / "source"), "--wiki", str(folder / "wiki"), "--limit", str(2 * pages)),
    ])  # fmt: skip
    settings = SourceSettings()
    sources = Sources(folder / "store", tuple(settings.include), tuple(settings.exclude))
    ledger, wiki = Ledger(folder / "store" / "ledger.sqlite"), (folder / "wiki").resolve()
    return Desk(ledger, wiki, "somebody", edit_of, sources, lambda: "2026-01-01 00:00 GMT")


def accepted(desk: Desk, ids: list[int], at: int) -> tuple[Seconds, Seconds]:
    """The seconds to open, and to accept, each of the drafts up to the `at`th; those before are accepted at once."""
    before = at - ONE_BY_ONE
    done = sum(item.state == "accepted" for item in desk.queue())
    if before > done:
        note(f"Accepting {before - done} at once")
        desk.accept(ids[done:before])
    views, decisions = [], []
    for draft in ids[before:at]:
        begun = time.perf_counter()
        desk.view(draft)
        shown = time.perf_counter()
        desk.accept([draft])
        views.append(shown - begun)
        decisions.append(time.perf_counter() - shown)
    return Seconds(tuple(views)), Seconds(tuple(decisions))


def measure(args: argparse.Namespace) -> Iterator[Table]:
    rows, costs = [], []
    sizes = [size for size in (10, 100, 300) if size < args.pages] + [args.pages]
    with tempfile.TemporaryDirectory() as folder:
        desk = desk_of(Path(folder), args.store, args.pages)
        ids = [item.id for item in desk.queue() if item.state == "pending"]
        if len(ids) < args.pages:
            sys.exit(f"There are only {len(ids)} drafts to accept.")
        for size in sizes:
            views, decisions = accepted(desk, ids, size)
            files = sum(1 for file in desk.root.rglob("*.md"))
            costs.append(decisions.median)
            shown = f"{1000 * views.median:.0f}"
            rows.append([f"{size:,}", f"{files:,}", shown, f"{1000 * costs[-1]:.0f}", f"{costs[-1] / costs[0]:.2f}"])
    power = exponent(sizes, costs)
    yield Table(
        "Wiki edit: accepting one page more",
        f"Milliseconds to open a draft, and to accept it: the median of {ONE_BY_ONE}, up to the page named. An edit "
        "reads the whole wiki, so that it can be checked as it will be; its cost may grow with the wiki, not faster.",
        ["page", "files of the wiki", "open, ms", "accept, ms", f"x page {sizes[0]}"],
        rows,
        [Bar(f"the cost of accepting grows with the {power:.2f}th power of the pages (bar: 1)", power <= 1)],
    )


def main() -> None:
    cli = arguments(__doc__)
    cli.add_argument("--pages", type=int, default=1000)
    args = cli.parse_args()
    show(measure(args), args.json)


if __name__ == "__main__":
    main()
