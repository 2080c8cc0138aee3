from __future__ import annotations

from pathlib import Path

import pytest

from tests.index.zoo import LetterEmbedder, snapshot_at
from wikiagent.source.snapshot import Snapshot


@pytest.fixture
def letters() -> LetterEmbedder:
    return LetterEmbedder()


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    return snapshot_at(
        tmp_path / "source", {"zoo/animals.py": 'def feed_zebra(count):\n    """Feed it."""\n    return count\n'}
    )
