"""A small embedder and small snapshots for the tests of this folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from wikiagent.index.embed import Vectors
from wikiagent.source.snapshot import Snapshot

LETTERS = "abcdefghijklmnopqrstuvwxyz_"


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
        return np.array([[text.lower().count(letter) for letter in LETTERS] for text in texts]).astype(np.float32)


def snapshot_at(root: Path, files: dict[str, str]) -> Snapshot:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8", newline="")
    return Snapshot(str(root), "zoo", "1", root, tuple(sorted(files)))
