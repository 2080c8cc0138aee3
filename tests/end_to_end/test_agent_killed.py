"""A run of the agent that is killed repeats at most the calls that were under way, and ends as if nothing had been."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.model_server import ModelServer, Reply, Request, author
from tests.phases.conftest import FILES, files_of, write_source

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
