"""The runs of evaluations in the store: a folder each, from which every figure can be made again without a model.

    ID/run.json           what was evaluated: configuration, source, goldens, versions
    ID/goldens.yaml       the goldens as they were
    ID/baseline.json      what it is held against besides thresholds, where there is such a thing
    ID/trial-1/wiki/      the pages
    ID/trial-1/made.json  what is on record about them; the trial is whole once this is there
    ID/trial-1/judged.json  a judge's verdicts, where one is configured
    ID/rows.jsonl         the rows that all figures derive from; the run is finished once this is there

Every file is written whole or not at all. A run that was interrupted is found by what it evaluates and goes on.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from wikiagent.errors import ConfigError, StoreError
from wikiagent.evals.config import EvalConfig
from wikiagent.evals.rows import Scores, read, written

#: The form of a run's folder; one of another form is refused.
FORMAT = 1
GOLDENS, BASELINE, ROWS = "goldens.yaml", "baseline.json", "rows.jsonl"

_M = TypeVar("_M", bound=BaseModel)


class RunInfo(BaseModel):
    """What a run evaluates.

    Attributes:
        format: the form of the folder.
        config: the configuration.
        source, digest: the source with its revision, and the digest of its snapshot.
        goldens: digest of the file of goldens.
        wiki: digest of the wiki that is scored; empty where one is written for the run.
        model: the model, empty for none.
        lost: ids of goldens that are not counted, for the source does not have their evidence.
        started: when it began, as pages show it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    config: EvalConfig
    source: str
    digest: str
    goldens: str
    wiki: str
    model: str
    lost: tuple[str, ...]
    started: str

    @property
    def drafter(self) -> str:
        """Who wrote the pages; empty where the wiki was there before."""
        return "" if self.wiki else self.config.drafter

    @property
    def written_by(self) -> str:
        """The same in words."""
        if self.wiki:
            return "a wiki that was there" + (f", judged by {self.model}" if self.model else "")
        return f"{self.config.drafter} drafter" + (f" with {self.model}" if self.model else "")

    def same(self, other: RunInfo) -> bool:
        """Whether both evaluate the same, whenever they began."""
        return self.model_copy(update={"started": ""}) == other.model_copy(update={"started": ""})


class _AnyInfo(BaseModel):
    """As much of a run as every form of it has."""

    format: int = 0


@dataclass(frozen=True)
class Run:
    """One run: its folder, and what it evaluates."""

    folder: Path
    info: RunInfo

    @property
    def id(self) -> str:
        """Its name in the store."""
        return self.folder.name

    @property
    def is_finished(self) -> bool:
        """Whether it was scored."""
        return (self.folder / ROWS).is_file()

    def trial(self, number: int) -> Path:
        """Folder of a trial."""
        return self.folder / f"trial-{number}"

    def kept(self, file: Path, kind: type[_M]) -> _M | None:
        """What a file of the run holds; None where it is not there yet.

        Raises:
            StoreError: it is damaged.
        """
        try:
            return kind.model_validate_json(file.read_bytes()) if file.is_file() else None
        except ValidationError as error:
            raise StoreError(
                f"{file} is damaged. Remove the folder {self.folder} and run the evaluation again."
            ) from error

    def rows(self) -> Scores:
        """The rows.

        Raises:
            StoreError: it is not finished, or they are damaged.
        """
        if not self.is_finished:
            raise StoreError(f"The run {self.id} is not finished. `wikiagent eval run` goes on with it.")
        return read((self.folder / ROWS).read_bytes(), f"{self.folder / ROWS}")

    def keep_rows(self, scores: Scores) -> None:
        """Write the rows: the run is finished."""
        write(self.folder / ROWS, written(scores))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Work on the run, alone.

        Raises:
            StoreError: another process does.
        """
        try:
            with FileLock(self.folder / ".lock", timeout=0):
                yield
        except Timeout as error:
            raise StoreError(f"Another process is working on the run {self.id}. Wait until it has ended.") from error


class Runs:
    """The runs of a store.

    Args:
        store: the store's folder.
    """

    def __init__(self, store: Path) -> None:
        self._root = store / "evals"

    def all(self, refused: Callable[[str], None] = lambda why: None) -> list[Run]:
        """Every run that this version can read, by name and number.

        Args:
            refused: told in a sentence about each that it cannot read.
        """
        folders = [file.parent for file in self._root.glob("*/run.json")]
        found = []
        for folder in sorted(folders, key=_in_order):
            try:
                found.append(opened(folder))
            except StoreError as error:
                refused(str(error))
        return found

    def named(self, name: str) -> Run:
        """A run by its id, or by the path of its folder.

        Raises:
            ConfigError: there is none.
            StoreError: it cannot be read.
        """
        for folder in (self._root / name, Path(name)):
            if (folder / "run.json").is_file():
                return opened(folder)
        raise ConfigError(f"There is no run {name}. `wikiagent eval list` shows those that there are.")

    def begun(self, info: RunInfo, goldens: bytes) -> Run:
        """The unfinished run that evaluates the same, else a new one."""
        for run in self.all():
            if run.info.same(info) and not run.is_finished:
                return run
        folder = self._claimed(info.config.name)
        write(folder / GOLDENS, goldens.decode("utf-8"))
        write(folder / "run.json", info.model_dump_json(indent=1) + "\n")
        return Run(folder, info)

    def _claimed(self, name: str) -> Path:
        """A new folder with the next free number."""
        self._root.mkdir(parents=True, exist_ok=True)
        numbers = [
            int(found[1]) for path in self._root.iterdir() if (found := re.fullmatch(rf"{name}-(\d+)", path.name))
        ]
        number = max(numbers, default=0) + 1
        while True:
            folder = self._root / f"{name}-{number}"
            try:
                folder.mkdir()
            except FileExistsError:
                number += 1
            else:
                return folder


def opened(folder: Path) -> Run:
    """Read what a run evaluates.

    Raises:
        StoreError: it is of another form, or damaged.
    """
    text = (folder / "run.json").read_bytes()
    try:
        form = _AnyInfo.model_validate_json(text).format
        if form == FORMAT:
            return Run(folder, RunInfo.model_validate_json(text))
    except ValidationError as error:
        raise StoreError(
            f"{folder / 'run.json'} is damaged. Remove the folder and run the evaluation again."
        ) from error
    raise StoreError(
        f"The run {folder.name} has the form {form}, and this version reads form {FORMAT}: run the evaluation again."
    )


def write(file: Path, text: str) -> None:
    """Write a file whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    with part.open("w", encoding="utf-8", newline="\n") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)


def _in_order(folder: Path) -> tuple[str, int]:
    name, _, number = folder.name.rpartition("-")
    return name, int(number) if number.isdigit() else 0
