"""The agent as a process: on real peft, and killed in the middle, with a scripted model behind real sockets."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.model_server import ModelServer, Reply, Request, author
from tests.phases.conftest import FILES, files_of, write_source
from wikiagent.check.wiki_rules import check_wiki
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import read_wiki

WORKERS = 2


def command(folder: Path, server: ModelServer) -> tuple[list[str], dict[str, str]]:
    enrich = ["enrich", "--phase", "3", "--source", "zoo", "--wiki", "wiki", "--accept-valid", "--model", "scripted"]
    options = ["--mode", "packed", "--concurrency", str(WORKERS)]
    environment = {**os.environ, "OPENAI_BASE_URL": server.url}
    return [sys.executable, "-m", "wikiagent", "--store", "store", *enrich, *options], environment


def run(folder: Path, server: ModelServer) -> None:
    call, environment = command(folder, server)
    done = subprocess.run(call, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def pages(folder: Path) -> dict[str, str]:
    """The wiki's files without dates, and without what a run counts of its own seconds and calls."""
    files = files_of(folder / "wiki")
    usage = re.compile(r"^## Model Usage.*?^---$", re.M | re.S)
    return {name: re.sub(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?", "DATE", usage.sub("", text)) for name, text in files.items()}


@pytest.mark.parametrize("after", [1, 4, 8, 13])
def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, after: int) -> None:
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    for folder in (undisturbed, killed):
        write_source(folder / "zoo", "1.0", FILES)

    def slowly(request: Request) -> Reply:
        time.sleep(0.05)
        return author(request)

    with ModelServer(slowly) as server:
        run(undisturbed, server)
        expected = len(server.requests)
    with ModelServer(slowly) as server:
        call, environment = command(killed, server)
        process = subprocess.Popen(call, cwd=killed, env=environment, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while len(server.requests) < after and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert len(server.requests) >= after
        run(killed, server)
        asked = Counter(json.dumps(request, sort_keys=True) for request in server.requests)
        assert sum(asked.values()) - len(asked) <= WORKERS
        assert len(asked) == expected
        run(killed, server)
        assert sum(asked.values()) == len(server.requests)
    assert pages(killed) == pages(undisturbed)


def test_the_agent_on_peft_and_its_own_wiki(shared: Path, peft: Snapshot, tmp_path: Path) -> None:
    before = shared / "reference" / "peft-wiki-before-phase3"
    shutil.copytree(before, tmp_path / "wiki")
    shutil.copytree(peft.root.parent, tmp_path / "store" / "sources")
    enrich = ["enrich", "--phase", "3", "--source", "pypi:peft==0.18.1", "--wiki", "wiki", "--limit", "25"]
    with ModelServer(author) as server:
        environment = {**os.environ, "OPENAI_BASE_URL": server.url}
        command = [
            sys.executable,
            "-m",
            "wikiagent",
            "--store",
            "store",
            *enrich,
            "--accept-valid",
            "--model",
            "scripted",
        ]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    golden = shared / "golden"
    scorer = [sys.executable, golden / "score.py", "--wiki", tmp_path / "wiki", "--root", peft.root]
    told = subprocess.run(
        [*scorer, "--golden", golden / "peft-0.18.1.jsonl", "--json"], capture_output=True, text=True, check=True
    )
    score = json.loads(told.stdout)
    assert score["pages"] >= 20
    assert score["pages_all_valid"] == score["pages"]
    assert (score["unsupported_numbers"], score["unknown_identifiers"]) == (0, 0)
    assert check_wiki(read_wiki(tmp_path / "wiki")) == check_wiki(read_wiki(before))
