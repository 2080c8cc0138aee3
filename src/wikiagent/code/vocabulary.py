"""The vocabulary of a snapshot: every word that it contains."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import PurePosixPath

from wikiagent.source.snapshot import Snapshot

_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_]{2,}")
_TEXT = frozenset(
    ".py .pyi .toml .cfg .ini .md .txt .rst .yml .yaml .json .c .cc .cpp .cu .cuh .h .hpp .sh .ipynb".split()
)
#: Larger files hold data, not words.
_MAX_BYTES = 2_000_000


class Vocabulary:
    """Answers `word in vocabulary` for identifiers of three characters and more; reads the files when first asked."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def __contains__(self, word: str) -> bool:
        return word in self._words

    @cached_property
    def _words(self) -> frozenset[str]:
        found: set[bytes] = set()
        for path in self._snapshot.files:
            file = self._snapshot.root / path
            if PurePosixPath(path).suffix in (*_TEXT, "") and file.stat().st_size <= _MAX_BYTES:
                found.update(_WORD.findall(self._snapshot.read(path)))
                found.update(_WORD.findall(path.encode("utf-8", "surrogateescape")))
        return frozenset(word.decode("ascii") for word in found)
