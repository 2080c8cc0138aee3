"""The vocabulary of a snapshot: every word that it contains, and in how many files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
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
    """The words of three characters and more; the files are read when it is first asked."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def __contains__(self, word: str) -> bool:
        return word in self._files

    def files_with(self, word: str) -> int:
        """In how many files a word stands."""
        return self._files[word]

    def has_in_another_case(self, word: str) -> bool:
        """Whether a word stands in the snapshot, however it is capitalised."""
        return word.casefold() in self._folded

    @cached_property
    def _folded(self) -> frozenset[str]:
        return frozenset(word.casefold() for word in self._files)

    def counts(self) -> Iterable[tuple[str, int]]:
        """All words, each with the number of files that it stands in."""
        return self._files.items()

    @property
    def python_files(self) -> int:
        """How many Python files the snapshot has."""
        return sum(path.endswith(".py") for path in self._snapshot.files)

    @cached_property
    def _files(self) -> Counter[str]:
        found: Counter[bytes] = Counter()
        for path in self._snapshot.files:
            file = self._snapshot.root / path
            if PurePosixPath(path).suffix in (*_TEXT, "") and file.stat().st_size <= _MAX_BYTES:
                words = set(_WORD.findall(self._snapshot.read(path)))
                found.update(words | set(_WORD.findall(path.encode("utf-8", "surrogateescape"))))
        return Counter({word.decode("ascii"): count for word, count in found.items()})
