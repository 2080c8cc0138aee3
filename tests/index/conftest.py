from __future__ import annotations

import os
from pathlib import Path

import pytest
from zoo import LetterEmbedder, snapshot_at

from wikiagent.source.fetch import fetch
from wikiagent.source.snapshot import Snapshot


@pytest.fixture(scope="session")
def peft(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    store = os.environ.get("WIKIAGENT_TEST_STORE") or tmp_path_factory.mktemp("store")
    return fetch("pypi:peft==0.18.1", Path(store))


@pytest.fixture
def letters() -> LetterEmbedder:
    return LetterEmbedder()


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    return snapshot_at(
        tmp_path / "source", {"zoo/animals.py": 'def feed_zebra(count):\n    """Feed it."""\n    return count\n'}
    )
