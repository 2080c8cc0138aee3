from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from wikiagent.index.embed import Vectors
from wikiagent.source.fetch import fetch
from wikiagent.source.snapshot import Snapshot


@pytest.fixture(scope="session")
def peft(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    store = os.environ.get("WIKIAGENT_TEST_STORE") or tmp_path_factory.mktemp("store")
    return fetch("pypi:peft==0.18.1", Path(store))


class LetterEmbedder:
    """Counts letters; remembers every text it was asked to embed."""

    name = "letters"
    limit = 200

    def __init__(self) -> None:
        self.seen: list[str] = []

    def count(self, text: str) -> int:
        return len(text)

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.seen += texts
        return np.array(
            [[text.lower().count(letter) for letter in "abcdefghijklmnopqrstuvwxyz_"] for text in texts]
        ).astype(np.float32)


@pytest.fixture
def letters() -> LetterEmbedder:
    return LetterEmbedder()


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    return snapshot_at(
        tmp_path / "source", {"zoo/animals.py": 'def feed_zebra(count):\n    """Feed it."""\n    return count\n'}
    )


def snapshot_at(root: Path, files: dict[str, str]) -> Snapshot:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8", newline="")
    return Snapshot(str(root), "zoo", "1", root, tuple(sorted(files)))
