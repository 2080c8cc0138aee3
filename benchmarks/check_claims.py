"""What the rules find among statements that were judged one by one: bad ones found, good ones accused.

    python -m benchmarks.check_claims [--labels ../shared/golden/claims-run1.jsonl] [--wiki WIKI] [--source SOURCE]

Each label names a page and says a statement of it in its own words. The statement is looked for on the page: the line
with most of its words. A finding accuses it if it stands on that line and what it names (a number, a name, a message)
is among the label's words; a finding about a whole page or a citation accuses no statement.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from wikiagent.check.finding import Finding
from wikiagent.check.linter import check
from wikiagent.check.source import Source
from wikiagent.source.fetch import fetch
from wikiagent.wiki.graph import Wiki, read_wiki

STORE = Path("store")
LABELS = Path("../shared/golden/claims-run1.jsonl")
WIKI = Path("../shared/reference/peft-wiki-after-phase3")
_WORD = re.compile(r"[a-z0-9]+(?:\.[0-9]+)*")


@dataclass(frozen=True)
class Label:
    """A judged statement: where its page is, what it says, and whether the source supports it."""

    page: str
    statement: str
    verdict: str


def words(text: str) -> set[str]:
    """The words and numbers of a text, in small letters."""
    return set(_WORD.findall(text.lower()))


def line_of(label: Label, wiki: Wiki) -> int:
    """The line of its page, 1-based, that has most of the words of a statement; 0 where none has any."""
    told = words(label.statement)
    shares = [len(told & words(line)) for line in wiki.files[f"{label.page}.md"].split("\n")]
    return shares.index(max(shares)) + 1 if max(shares) else 0


def accuses(finding: Finding, label: Label, wiki: Wiki) -> bool:
    """Whether a finding is about what a label says."""
    if finding.path != f"{label.page}.md" or not finding.code.startswith("CLM") or finding.line != line_of(label, wiki):
        return False
    text = wiki.files[finding.path].split("\n")[finding.line - 1][finding.column - 1 :]
    named = _WORD.findall(text.lower())[:1]
    return finding.code == "CLM005" or bool(named and named[0] in words(label.statement))


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--labels", type=Path, default=LABELS)
    cli.add_argument("--wiki", type=Path, default=WIKI)
    cli.add_argument("--source", default="pypi:peft==0.18.1")
    args = cli.parse_args()
    if not args.labels.exists():
        print(f"{args.labels} is not there: nothing to measure.")
        return
    rows = [json.loads(line) for line in args.labels.read_text("utf-8").splitlines() if line.strip()]
    labels = [Label(row["page"], row["statement"], row["verdict"]) for row in rows]
    wiki = read_wiki(args.wiki)
    findings = check(wiki, Source(fetch(args.source, STORE))).findings
    found: Counter[tuple[str, bool]] = Counter()
    hit: Counter[bool] = Counter()
    for label in labels:
        good = label.verdict == "supported"
        codes = {finding.code for finding in findings if accuses(finding, label, wiki)}
        found.update((code, good) for code in codes)
        hit[good] += bool(codes)
        if codes and good:
            print(f"accused: {label.statement} ({', '.join(sorted(codes))})")
    goods = sum(label.verdict == "supported" for label in labels)
    print(f"{'rule':8} {'bad found':>10} {'good accused':>13}")
    for code in sorted({code for code, _ in found}):
        print(f"{code:8} {found[code, False]:10} {found[code, True]:13}")
    print(f"{'any':8} {hit[False]:4} of {len(labels) - goods:3} {hit[True]:6} of {goods:3}")


if __name__ == "__main__":
    main()
