"""Two runs at once: the second waits, or is refused by a sentence that names the first; a dead one locks nothing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.end_to_end.conftest import wikiagent
from tests.reliability.conftest import ENRICH, contents, run
from wikiagent.ledger import Ledger
from wikiagent.wiki.edit import LOCK, apply

MORE = """import warnings


def more(n):
    warnings.warn("Elephants are not supported yet, use the zebra instead.")
"""
_HOLD = {
    "wiki": "from filelock import FileLock\nlock = FileLock({!r})\nlock.acquire()",
    "index": "from filelock import FileLock\nlock = FileLock({!r})\nlock.acquire()",
    "ledger": "import sqlite3\ndb = sqlite3.connect({!r})\ndb.execute('begin immediate')",
}


@contextmanager
def held(what: str, file: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds a lock until it is ended."""
    code = f"{_HOLD[what].format(str(file))}\nprint(1, flush=True)\nimport time\ntime.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a lock for long."""
    import sqlite3

    connect = sqlite3.connect
    monkeypatch.setattr("wikiagent.wiki.edit._SECONDS_TO_WAIT", 0.05)
    monkeypatch.setattr("wikiagent.index.store._PATIENCE", 0.05)
    monkeypatch.setattr(sqlite3, "connect", lambda path, timeout=0.05: connect(path, timeout=0.05))


PLACES = {
    "wiki": (LOCK, "Another edit of"),
    "index": ("store/chroma.lock", "is in use by another wikiagent"),
    "ledger": ("store/ledger.sqlite", "is in use by another wikiagent"),
}


@pytest.mark.parametrize("what", PLACES)
@pytest.mark.usefixtures("impatient")
def test_the_second_is_refused_and_told_who_is_first(here: Path, what: str) -> None:
    name, sentence = PLACES[what]
    file = (here / "wiki" / name) if what == "wiki" else here / name
    before = contents(here / "wiki")
    (here / "zoo/src/zoo/more.py").write_text(MORE)
    with held(what, file) as process:
        done = run(ENRICH)
        assert (done.status, sentence in done.said) == (2, True), done.said
        if Path("/proc/locks").exists():
            assert re.search(rf"\(process {process.pid}, since \d\d:\d\d:\d\d\)", done.said)
    assert contents(here / "wiki") == before
    assert run(ENRICH).status == 0  # it is dead, and its lock with it
    assert len(contents(here / "wiki")) > len(before)


def test_a_lock_of_a_process_that_was_killed_locks_nothing(tmp_path: Path) -> None:
    file = tmp_path / LOCK
    with held("wiki", file) as process:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert file.exists()
    assert apply(tmp_path, {"a.md": "x"}, {}) == ("a.md",)


def test_two_runs_at_once_end_as_one(here: Path) -> None:
    (here / "zoo/src/zoo/more.py").write_text(MORE)
    command = [Path(sys.executable).parent / "wikiagent", *ENRICH.split()]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120)[1] for process in both]
    assert "Traceback" not in "".join(said)
    assert {process.returncode for process in both} <= {0, 2}
    assert 0 in {process.returncode for process in both}, said
    assert wikiagent(*ENRICH.split(), cwd=here).returncode == 0
    assert run("check wiki --no-source").status == 0
    assert run("log --verify").status == 0
    names = [draft.name for draft in Ledger(here / "store/ledger.sqlite").drafts((here / "wiki").resolve(), "accepted")]
    assert len(names) == len(set(names))
