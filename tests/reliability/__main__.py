# ruff: noqa: E501
"""Runs what tests reliability, group by group, and writes docs/reliability.md: `python -m tests.reliability`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.crash.__main__ import killed, shares
from tests.crash.moments import Killed
from tests.reliability.protections import PROTECTIONS, notices

ROOT = Path(__file__).parents[2]
FUZZ = "1000"
MOMENTS, SEED = 200, 2026


class Group(NamedTuple):
    """What is promised, what was tried for it, and the tests that do it."""

    promise: str
    tried: str
    tests: str


GROUPS = (
    Group("An edit of a wiki is wholly made or not at all", "an edit stopped before and after each call that touches the disk, twice in a row, and read by others before it is recovered; a page written by somebody meanwhile; journals that are none; promises of decisions after a crash", "tests/wiki/test_edit.py tests/review/test_desk.py"),
    Group("Two runs at once", "another process holds the lock of the wiki, of the index, of the ledger, of an evaluation; it is killed; two whole runs at once; two reviewers at once", "tests/reliability/test_locks.py tests/evals/test_runs.py::test_two_processes_do_not_work_on_one_run tests/review/test_desk.py::test_the_second_of_two_reviewers_learns_of_the_first tests/source/test_kept.py::test_two_processes_at_once"),
    Group("Damaged, older, newer and half-built stores", "records, sources, ledger and index cut, emptied, deleted, replaced; ledgers of each older version with decisions; a migration that dies", "tests/reliability/test_stores.py tests/source/test_kept.py tests/index/test_store.py tests/test_ledger.py"),
    Group("Hand edits stay", "pages edited before a run, after an accept, before an undo and before a refresh; what is new waits, and shows how it differs", "tests/phases/test_phase3.py tests/phases/test_refresh.py tests/review/test_desk.py tests/review/test_terminal.py tests/review/web/test_decisions.py -k 'hand or overwritten or edited or changed or different'"),
    Group("Full disks and read-only folders", "a disk of 24 MB with 0 to 400 KB left; 14 commands that write, on a read-only wiki, store or folder", "tests/reliability/test_disk.py"),
    Group("Hostile archives, repositories and indexes", "paths out of the tree, links, devices, 100,001 members, bombs of 10 GB, headers, names; options and helpers in URLs, hooks, filters, LFS, submodules, trees that git would not make; other packages, wrong hashes, HTML", "tests/source"),
    Group("Code that no person would write", "20 shapes of code 100 and 10,000 long or deep (blocks 1,000 deep, conditions 1,000 long), lines of 10 MB, NUL, BOM, CR, other encodings, syntax errors; all of them in 30 seconds and 3 GB; files of 1 MB full of signals", "tests/code/test_syntax.py"),
    Group("Source text that attacks the wiki", "38 pieces of markup in comments, docstrings, messages and defaults; names of files; marks that turn text around", "tests/reliability/test_hostile.py tests/wiki/test_mediawiki.py"),
    Group("Source text that gives orders to a model", "orders in comments, names and messages, to a model that obeys", "tests/draft/test_injection.py tests/source/test_orders.py"),
    Group("Browsers run nothing of a source", "the same in HTML, Markdown and MediaWiki's XML, and on the pages of the review server, which carry a policy against scripts", "tests/export tests/review/web/test_pages.py"),
    Group("The review server lets nobody else in", "other hosts, origins and addresses, no token, forged forms, large bodies, other methods; a form without its secret decides nothing", "tests/review/web/test_guard.py tests/review/web/test_server.py"),
    Group("Terminals get no control characters", "21 commands, over sources, goldens and names full of escape sequences; the review in the terminal", "tests/cli/test_terminal.py tests/review/test_terminal.py -k 'terminal and (obeys or inert or command or message or hostile or printed)'"),
    Group("Secrets are masked", "keys of six forms in code, through 15 commands; wiki, index, ledger, exports and goldens searched for them", "tests/reliability/test_secrets.py"),
    Group("A mistake is one sentence and a status, and changes nothing", "each message of errors.md", "tests/docs/test_errors.py tests/cli/test_errors.py"),
    Group("No reader fails on any bytes", f"pages, indexes, archives, configurations, metadata, rules, records, masks, goldens, evaluations, baselines, stored runs, labels, exports: {FUZZ} inputs each, and all that was found before; 24 pieces repeated 30,000 times", "tests/fuzz"),
)  # fmt: skip


class Result(NamedTuple):
    """How the tests of a group ended."""

    passed: int
    failed: int
    skipped: int
    seconds: float


class Crash(NamedTuple):
    """What became of an operation that was killed."""

    name: str
    moments: int
    found: Killed
    seconds: float


def crashes() -> Iterator[Crash]:
    """Kill every operation and the review server."""
    for name, moments in shares(MOMENTS).items():
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            found = killed(name, moments, SEED, Path(folder).resolve())
        yield Crash(name, moments, found, time.monotonic() - begun)


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
    died = []
    for crash in crashes():
        died.append(crash)
        print(f"{crash.moments:4} killed {len(crash.found.problems):3} problems  {crash.name}", flush=True)
        print("\n".join(crash.found.problems), end="", flush=True)
    noticed = []
    for protection in PROTECTIONS:
        noticed.append(notices(protection))
        print(f"{'noticed' if noticed[-1] else 'MISSED '}  {protection.what}", flush=True)
    (ROOT / "docs/reliability.md").write_text(page(results, died, noticed), "utf-8")
    problems = any(result.failed for result in results) or any(crash.found.problems for crash in died)
    return int(problems or not all(noticed))


def page(results: list[Result], died: list[Crash], noticed: list[bool]) -> str:
    """The page about what was tried."""
    rows = [
        f"| {group.promise} | {group.tried} | {result.passed} passed"
        + (f", {result.failed} **failed**" if result.failed else "")
        + (f", {result.skipped} skipped" if result.skipped else "")
        + f" | {result.seconds:.0f} s |"
        for group, result in zip(GROUPS, results, strict=True)
    ]
    lost = sum(len(crash.found.problems) for crash in died)
    rows.append(
        f"| Killed at any moment, nothing is lost | SIGKILL at {sum(crash.moments for crash in died)} random moments, "
        f"before a change of the disk or at any time; read, restarted, compared, and gone on with; see below | "
        f"{f'{lost} **problems**' if lost else 'no problem'} | {sum(crash.seconds for crash in died):.0f} s |"
    )
    ends = [
        f"| {crash.name} | {crash.moments} | "
        f"{', '.join(f'{number} {how}' for how, number in sorted(crash.found.ends.items()))} | "
        f"{len(crash.found.problems)} |"
        for crash in died
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
            "## Killed", "",
            "`make crash-test` kills these at random moments, restarts, and looks: the wiki is one of those of an undisturbed run, byte for byte, an",
            "index never disagrees with the pages, the ledger agrees with the wiki, and going on ends where an undisturbed run ends, without asking",
            "a model twice for what was answered. Of the review server, decisions that were confirmed stand, and the wiki is that of the same decisions,",
            "undisturbed.", "",
            "| killed | times | the wiki was then | problems |", "|---|---|---|---|", *ends, "",
            "## Without the protection", "",
            "A test that cannot fail protects nothing. Each of these protections was taken out of a copy of the program, and its test run:", "",
            "| protection | where | without it |", "|---|---|---|", *taken, "",
        ]
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
