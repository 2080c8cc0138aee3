"""One sentence and an exit code for each mistake; one JSON value and nothing else where a script asked for it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from tests.end_to_end.conftest import wikiagent


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "zoo").mkdir()
    (tmp_path / "zoo" / "keeper.py").write_text(
        "import warnings\n\n\ndef feed(n):\n    if n > 40:\n"
        '        warnings.warn("More than 40 portions are not supported, use less instead.")\n'
    )
    return tmp_path


def prepare_bad_ledger(here: Path) -> None:
    (here / "bad").mkdir()
    (here / "bad" / "ledger.sqlite").write_text("no database, whatever its name says\n" * 9)


MISTAKES = [
    (["enrich", "--wiki", "w"], "No source is named."),
    (["enrich", "--source", "zoo"], "No wiki is named."),
    (["enrich", "--source", "zoo", "--wiki", "zoo/keeper.py"], "is a file; a wiki is a folder."),
    (["enrich", "--source", "zoo", "--wiki", "."], "Name a folder of its own with --wiki."),
    (["enrich", "--source", "nowhere", "--wiki", "w"], "does not exist."),
    (["enrich", "--source", "zoo", "--wiki", "w", "--phase", "5"], "There is no phase 5 to run."),
    (["enrich", "--source", "zoo", "--wiki", "w", "--drafter", "magic"], "There is no drafter 'magic'."),
    (["--config", "none.toml", "drafts"], "no such configuration file"),
    (["--store", "zoo/keeper.py", "drafts"], "Name another --store."),
    (["--store", "bad", "drafts"], "Move it away, or name another --store."),
    (["--store", "bad", "enrich", "--source", "zoo", "--wiki", "w"], "Move it away, or name another --store."),
    (["show", "7"], "There is no draft 7"),
    (["accept"], "Name drafts by their ids"),
    (["accept", "7"], "There is no draft 7"),
    (["accept", "--where", "colour=red"], "A draft has no 'colour'."),
    (["accept", "--where", "findings=none"], "findings is a number"),
    (["reject", "1"], "Say why, in a sentence (--reason), or by a code (--code)"),
    (["reject", "1", "--reason", " "], "Say why"),
    (["reject", "1", "--code", "ugly"], "There is no reason code 'ugly'."),
    (["reject", "1", "--reason", "x" * 20_000], "The reason has 20,000 characters; at most 2,000 are kept."),
    (["merge", "7", "--into", "zoo_X"], "There is no draft 7"),
    (["undo"], "There is no ledger in store, so no drafts."),
    (["log", "--draft", "7"], "There is no draft 7"),
    (["log", "--wiki", "w"], "The store has no drafts for w"),
    (["search", " ", "--source", "zoo"], "The query is empty."),
]


@pytest.mark.parametrize(
    ("command", "message"), MISTAKES, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_a_mistake_is_one_sentence(here: Path, command: list[str], message: str) -> None:
    prepare_bad_ledger(here)
    done = wikiagent(*command, cwd=here)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("wikiagent: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (here / "w").exists()


@pytest.mark.parametrize(
    "command",
    [["nosuch"], ["enrich", "--nosuch"], ["show", "one"], ["drafts", "--state", "lost"], ["enrich", "--limit", "0"]],
    ids=" ".join,
)
def test_what_the_command_line_does_not_know(here: Path, command: list[str]) -> None:
    done = wikiagent(*command, cwd=here)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage: wikiagent" in done.stderr
    assert "Traceback" not in done.stderr


def test_json_is_one_value_and_nothing_else(here: Path) -> None:
    made = wikiagent("--quiet", "enrich", "--source", "zoo", "--wiki", "wiki", cwd=here)
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    found = {}
    for name, command in {
        "drafts": ["drafts"], "show": ["show", "1"], "mine": ["mine", "--source", "zoo"],
        "search": ["search", "feed", "--source", "zoo"],
    }.items():  # fmt: skip
        done = wikiagent("-v", *command, "--format", "json", cwd=here)
        assert done.returncode == 0, done.stderr
        found[name] = json.loads(done.stdout)
    assert [draft["id"] for draft in found["drafts"]["drafts"]] == [1]
    assert {"id", "state", "type", "name", "drafter", "rank", "findings", "text"} <= set(found["show"])
    assert set(found["mine"]["candidates"][0]) == {"rank", "score", "kind", "name", "evidence", "reasons"}
    assert set(found["mine"]["candidates"][0]["evidence"][0]) == {"path", "first", "last"}
    assert found["search"]["results"][0]["path"] == "keeper.py"


def test_an_interruption_ends_with_130(here: Path) -> None:
    for number in range(400):
        (here / "zoo" / f"more_{number}.py").write_text("def feed(n):\n    return n\n" * 200)
    command = [Path(sys.executable).parent / "wikiagent", "enrich", "--source", "zoo", "--wiki", "wiki"]
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # what runs in the background may be deaf to it
    with subprocess.Popen(command, cwd=here, stderr=subprocess.PIPE, text=True, preexec_fn=heard) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("Source ")
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
    assert process.returncode == 130
    assert rest.splitlines()[-1].startswith("wikiagent: stopped.")
    assert "Traceback" not in rest


def test_a_reader_that_stops_reading(here: Path) -> None:
    (here / "zoo" / "long.py").write_text("".join(f"def feed_{n}():\n    return {n}\n\n\n" for n in range(3000)))
    chunks = f"{Path(sys.executable).parent / 'wikiagent'} --quiet chunks --source zoo --format jsonl"
    command = f"( {chunks}; echo $? > code ) | head -1"
    done = subprocess.run(["sh", "-c", command], cwd=here, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout)["path"]
    assert done.stderr == ""
    assert (here / "code").read_text() == "141\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_one_sentence(here: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [Path(sys.executable).parent / "wikiagent", "--quiet", "mine", "--source", "zoo"]
        done = subprocess.run(
            command, cwd=here, stdout=full, stderr=subprocess.PIPE, text=True, env=os.environ, check=False
        )
    assert done.returncode == 2
    assert done.stderr.startswith("wikiagent: [Errno 28]")
    assert done.stderr.count("\n") == 1
