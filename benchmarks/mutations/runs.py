"""Runs of the checker over wikis with many corruptions, at most one a file, and what became of each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple, TypeVar

from benchmarks.mutations.corruption import Corruption

HERE = Path(__file__).parents[2]
#: As many processes as are worth having: one run keeps one core busy.
_AT_ONCE = min(4, os.cpu_count() or 1)


class Found(NamedTuple):
    """A finding of the checker."""

    code: str
    path: str
    line: int
    message: str


class Fate(StrEnum):
    """What became of a corruption."""

    DETECTED = "detected"
    OTHERWISE = "otherwise"
    MISSED = "missed"


@dataclass(frozen=True)
class Outcome:
    """A corruption with what became of it, and the findings about its files."""

    corruption: Corruption
    fate: Fate
    findings: tuple[Found, ...]


Result = TypeVar("Result")
Files = Mapping[str, str]
Checker = Callable[[Files, Iterable[str]], list[Found]]


class CommandLine:
    """The checker as users call it: one process, over a wiki that is written to a fresh folder.

    Attributes:
        source: what the wiki is about.
        store: a store that has never seen the wiki.
    """

    def __init__(self, source: str, store: Path) -> None:
        self.source = source
        self.store = store

    def __call__(self, files: Files, wanted: Iterable[str]) -> list[Found]:
        """The findings about some files of a wiki; about all, where none is named."""
        with TemporaryDirectory() as folder:
            for file, text in files.items():
                target = Path(folder, file)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
            named = [str(Path(folder, file)) for file in wanted] or [folder]
            done = wikiagent(self.store, "check", *named, "--source", self.source, "--format", "json", may_find=True)
        return [Found(f["code"], f["path"], f["line"], f["message"]) for f in json.loads(done)["findings"]]


def wikiagent(store: Path, *arguments: str, may_find: bool = False) -> str:
    """What a command prints, with the settings of this checkout.

    Raises:
        SystemExit: the command failed.
    """
    command = [sys.executable, "-m", "wikiagent", "--store", str(store), *arguments]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True)
    if done.returncode not in ((0, 1) if may_find else (0,)):
        raise SystemExit(f"{' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


@dataclass
class Run:
    """Corruptions that are checked together, and the files that they touch."""

    members: list[Corruption] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)

    def has_room(self, corruption: Corruption) -> bool:
        """Whether no other corruption disturbs this one; those of links and indexes are kept from those of pages."""
        alike = not self.members or self.members[0].is_of_wiki == corruption.is_of_wiki
        return alike and not self.touched & corruption.touched

    def add(self, corruption: Corruption) -> None:
        self.members.append(corruption)
        self.touched |= corruption.touched


def packed(corruptions: Iterable[Corruption]) -> list[Run]:
    """As few runs as there may be, in which no two corruptions touch the same file."""
    runs: list[Run] = []
    for corruption in corruptions:
        run = next((run for run in runs if run.has_room(corruption)), None)
        if run is None:
            runs.append(run := Run())
        run.add(corruption)
    return runs


def judged(clean: Files, corruptions: Sequence[Corruption], check: Checker) -> list[Outcome]:
    """What becomes of each corruption."""

    def judge(run: Run) -> list[Outcome]:
        changed = {member.file: member.change.text for member in run.members}
        found = check({**clean, **changed}, sorted(run.touched))
        return [outcome(member, found) for member in run.members]

    return [outcome for outcomes in at_once(judge, packed(corruptions)) for outcome in outcomes]


def at_once(judge: Callable[[Run], list[Result]], runs: Sequence[Run]) -> list[list[Result]]:
    """The results of some runs, several of which go on at once."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(judge, runs))


def outcome(corruption: Corruption, found: Iterable[Found]) -> Outcome:
    """Whether the right code stands at the right place, or at least some finding about the files."""
    there = tuple(finding for finding in found if finding.path in corruption.touched)
    right = any(
        finding.code in corruption.change.codes and finding.path == corruption.where and _stands(corruption, finding)
        for finding in there
    )
    return Outcome(corruption, Fate.DETECTED if right else Fate.OTHERWISE if there else Fate.MISSED, there)


def _stands(corruption: Corruption, finding: Found) -> bool:
    lines = corruption.change.lines
    return lines is None or any(first <= finding.line <= last for first, last in (lines, *corruption.change.also))


def alarms_of_controls(clean: Files, corruptions: Iterable[Corruption], check: Checker) -> tuple[int, list[Found]]:
    """How many true statements were put in where false ones are, and the findings about their pages."""
    controls = [corruption for corruption in corruptions if corruption.change.control]

    def judge(run: Run) -> list[Found]:
        changed = {member.file: member.change.control for member in run.members}
        return check({**clean, **changed}, sorted(changed))

    return len(controls), [finding for findings in at_once(judge, packed(controls)) for finding in findings]
