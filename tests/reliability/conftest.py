"""A small source with its store and its wiki, made once, and copied for each test that damages it."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from chromadb.api.shared_system_client import SharedSystemClient
from typer.testing import CliRunner

import wikiagent.cli  # noqa: F401 - registers all commands
from tests.phases.conftest import FILES
from wikiagent.cli.app import app
from wikiagent.errors import WikiagentError

ENRICH = "enrich --source zoo --wiki wiki --accept-valid"


@dataclass(frozen=True)
class Done:
    """How a command ended: its status as the command line gives it, and what it said."""

    status: int
    said: str


def run(command: str | list[str]) -> Done:
    """Run a command in this process, in the current folder.

    A mistake of the user ends as one sentence; any other exception is a bug, and fails the test.
    """
    SharedSystemClient.clear_system_cache()  # as in a process of its own: Chroma remembers files by their path
    done = CliRunner().invoke(app, command.split() if isinstance(command, str) else command)
    if isinstance(done.exception, WikiagentError):
        assert "\n" not in str(done.exception)
        assert str(done.exception).endswith((".", ")", "?")), str(done.exception)
        return Done(done.exception.exit_code, str(done.exception))
    if isinstance(done.exception, OSError):  # `main` says it in one sentence
        return Done(2, str(done.exception))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Done(done.exit_code, done.output)


def contents(root: Path) -> dict[str, bytes]:
    """The files below a folder, without locks."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.endswith("lock")
    }


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `zoo`, its wiki with accepted pages, and its store."""
    folder = tmp_path_factory.mktemp("made")
    for path, text in FILES.items():
        (folder / "zoo" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "zoo" / path).write_text(text)
    before = Path.cwd()
    os.chdir(folder)
    try:
        assert run(ENRICH).status == 0
    finally:
        os.chdir(before)
    return folder


def copy(made: Path, folder: Path) -> None:
    """Copy what was made; the ledger of the copy is about the wiki of the copy."""
    shutil.copytree(made, folder, dirs_exist_ok=True)
    with sqlite3.connect(folder / "store/ledger.sqlite") as db:
        for table in ("runs", "drafts"):
            db.execute(f"update {table} set wiki = ?", (str((folder / "wiki").resolve()),))
    db.close()


@pytest.fixture
def here(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of `made`, which is the current folder."""
    folder = tmp_path / "here"
    copy(made, folder)
    monkeypatch.chdir(folder)
    return folder


Damage = Callable[[Path], object]
