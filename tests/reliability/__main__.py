# ruff: noqa: E501
"""Runs what tests reliability, group by group, and writes docs/reliability.md: `python -m tests.reliability`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import NamedTuple

from tests.reliability.protections import PROTECTIONS, notices

ROOT = Path(__file__).parents[2]
FUZZ = "1000"


class Group(NamedTuple):
    """What is promised, what was tried for it, and the tests that do it."""

    promise: str
    tried: str
    tests: str


GROUPS = (
    Group("An edit of a wiki is wholly made or not at all", "an edit stopped before and after each call that touches the disk, twice in a row; a page written by somebody meanwhile; promises of decisions after a crash", "tests/wiki/test_edit.py tests/review/test_desk.py"),
    Group("Two runs at once", "another process holds the lock of the wiki, of the index, of the ledger; it is killed; two whole runs at once", "tests/reliability/test_locks.py"),
    Group("Damaged, older, newer and half-built stores", "records, sources, ledger and index cut, emptied, deleted, replaced; ledgers of each older version with decisions; a migration that dies", "tests/reliability/test_stores.py tests/source/test_kept.py tests/index/test_store.py tests/test_ledger.py"),
    Group("Hand edits stay", "pages edited before a run, after an accept, before an undo and before a refresh", "tests/phases/test_phase3.py tests/phases/test_refresh.py tests/review/test_desk.py -k 'hand or overwritten or edited or changed'"),
    Group("Full disks and read-only folders", "a disk of 24 MB with 0 to 400 KB left; ten commands that write, on a read-only wiki, store or folder", "tests/reliability/test_disk.py"),
    Group("Hostile archives, repositories and indexes", "paths out of the tree, links, devices, 100,001 members, bombs of 10 GB, headers, names; options and helpers in URLs, hooks, filters, LFS, submodules, trees that git would not make; other packages, wrong hashes, HTML", "tests/source"),
    Group("Code that no person would write", "20 shapes of code 100 and 10,000 long or deep (blocks 1,000 deep, conditions 1,000 long), lines of 10 MB, NUL, BOM, CR, other encodings, syntax errors; all of them in 30 seconds and 3 GB", "tests/code/test_syntax.py"),
    Group("Source text that attacks the wiki", "38 pieces of markup in comments, docstrings, messages and defaults; names of files; marks that turn text around", "tests/reliability/test_hostile.py tests/wiki/test_mediawiki.py"),
    Group("Source text that gives orders to a model", "orders in comments, names and messages, to a model that obeys", "tests/draft/test_injection.py tests/source/test_orders.py"),
    Group("Terminals get no control characters", "15 commands, over a source full of escape sequences", "tests/cli/test_terminal.py"),
    Group("Secrets are masked", "keys of six forms in code, through each command; wiki, index and ledger searched for them", "tests/reliability/test_secrets.py"),
    Group("A mistake is one sentence and a status, and changes nothing", "each message of errors.md", "tests/docs/test_errors.py tests/cli/test_errors.py"),
    Group("No reader fails on any bytes", f"pages, indexes, archives, configurations, metadata, filters, records, masks: {FUZZ} inputs each, and all that was found before; 24 pieces repeated 30,000 times", "tests/fuzz"),
)  # fmt: skip


class Result(NamedTuple):
    """How the tests of a group ended."""

    passed: int
    failed: int
    skipped: int
    seconds: float


def run(group: Group) -> Result:
    """Run the tests of a group."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        environment = {**os.environ, "WIKIAGENT_FUZZ": FUZZ}
        command = f"exec {sys.executable} -m pytest -q --junitxml={report} {group.tests}"
        subprocess.run(["sh", "-c", command], cwd=ROOT, env=environment, capture_output=True, check=False)
        suite = ElementTree.parse(report).getroot().find("testsuite")  # our own report
        assert suite is not None
        counts = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
    failed = counts["failures"] + counts["errors"]
    return Result(counts["tests"] - failed - counts["skipped"], failed, counts["skipped"], float(suite.get("time", 0)))


def main() -> int:
    """Run everything and write the page; 1 where anything failed."""
    results = []
    for group in GROUPS:
        result = run(group)
        results.append(result)
        print(
            f"{result.passed:4} passed {result.failed:3} failed {result.skipped:3} skipped  {group.promise}", flush=True
        )
    noticed = []
    for protection in PROTECTIONS:
        noticed.append(notices(protection))
        print(f"{'noticed' if noticed[-1] else 'MISSED '}  {protection.what}", flush=True)
    (ROOT / "docs/reliability.md").write_text(page(results, noticed), "utf-8")
    return int(any(result.failed for result in results) or not all(noticed))


def page(results: list[Result], noticed: list[bool]) -> str:
    """The page about what was tried."""
    rows = [
        f"| {group.promise} | {group.tried} | {result.passed} passed"
        + (f", {result.failed} **failed**" if result.failed else "")
        + (f", {result.skipped} skipped" if result.skipped else "")
        + f" | {result.seconds:.0f} s |"
        for group, result in zip(GROUPS, results, strict=True)
    ]
    taken = [
        f"| {protection.what} | `src/wikiagent/{protection.file}` | {'its test fails' if seen else '**no test fails**'} |"
        for protection, seen in zip(PROTECTIONS, noticed, strict=True)
    ]
    return "\n".join(
        [
            "# Reliability", "",
            "What was tried to lose somebody's pages, decisions or keys, or to get in, and what happened. `python -m tests.reliability` runs all",
            "of it and writes this page; nothing here is written by hand. Tests that need root, or another system, are skipped elsewhere.", "",
            "| promise | what was tried | tests | time |", "|---|---|---|---|", *rows, "",
            "## Without the protection", "",
            "A test that cannot fail protects nothing. Each of these protections was taken out of a copy of the program, and its test run:", "",
            "| protection | where | without it |", "|---|---|---|", *taken, "",
        ]
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
