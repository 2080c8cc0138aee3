"""The real command in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from wikiagent.source.snapshot import Snapshot

Command = Callable[..., subprocess.CompletedProcess[str]]


def wikiagent(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run `wikiagent` as a user does, in a folder without a configuration."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("WIKIAGENT_", "CHROMA_"))}
    return subprocess.run(
        [Path(sys.executable).parent / "wikiagent", *arguments],
        cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@dataclass(frozen=True)
class Enriched:
    """A wiki that was enriched, as it was before, and the store."""

    before: Path
    wiki: Path
    store: Path
    source: Snapshot


ISSUE = ("enrich", "--phase", "3", "--source", "pypi:peft==0.18.1", "--limit", "120", "--accept-valid")


@pytest.fixture(scope="session")
def enriched(shared: Path, peft: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Enriched:
    """The reference wiki, enriched once for all tests; nothing may change it."""
    folder = tmp_path_factory.mktemp("enriched")
    before = shared / "reference" / "peft-wiki-before-phase3"
    wiki = shutil.copytree(before, folder / "wiki")
    store = folder / "store"
    shutil.copytree(peft.root.parent, store / "sources")
    done = wikiagent("--store", store, *ISSUE, "--wiki", wiki, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return Enriched(before, wiki, store, peft)


def bytes_of(folder: Path) -> dict[str, bytes]:
    """All files of a folder, but what wikiagent hides there."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files if not path.name.startswith(".")}
