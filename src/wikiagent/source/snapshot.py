"""A snapshot: an immutable, read-only view of one source at one revision."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pathspec import GitIgnoreSpec

from wikiagent.errors import EvidenceError

_GENERATED = re.compile(r"@generated\b|\bdo not edit\b|\bauto(matically|)[ -]?generated\b", re.IGNORECASE)


@dataclass(frozen=True)
class Snapshot:
    """One source at one revision, on disk and never written again.

    Attributes:
        source: the source with its revision: `pypi:peft==0.18.1`, `git+https://…@1f0c…`, and for a folder
            `path:NAME@REVISION`, which tells nothing of the machine.
        name: short name of the source: `peft`.
        revision: version, commit, or digest of the files.
        root: folder that holds the files.
        files: paths of all files from the root, `/` between folders, sorted.
        url: home of the code where its metadata says so, else None.
    """

    source: str
    name: str
    revision: str
    root: Path
    files: tuple[str, ...]
    url: str | None = None
    _lines: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def digest(self) -> str:
        """SHA-256, in hex, over the paths and bytes of all files: what everything derived keys on."""
        return digest_of(self.root, self.files)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.files)

    def has(self, path: str) -> bool:
        """Whether `path` (from the root) is a file of this snapshot."""
        return path in self._known

    def read(self, path: str) -> bytes:
        """The bytes of a file.

        Raises:
            EvidenceError: there is no such file in the snapshot.
        """
        if not self.has(path):
            raise EvidenceError(f"{path} is not a file of {self.source}.")
        return (self.root / path).read_bytes()

    def lines(self, path: str) -> tuple[str, ...]:
        r"""The lines of a file, split at `\n` alone as editors and code hosts do; undecodable bytes become U+FFFD.

        A file that ends in a newline has no empty last line.

        Raises:
            EvidenceError: there is no such file in the snapshot.
        """
        if path not in self._lines:
            lines = self.read(path).decode("utf-8", "replace").split("\n")
            if lines and lines[-1] == "":
                lines.pop()
            self._lines[path] = tuple(lines)
        return self._lines[path]

    def select(self, include: Iterable[str], exclude: Iterable[str]) -> tuple[str, ...]:
        """The files to mine: they match an `include` and no `exclude` pattern (gitignore patterns), sorted.

        A file that says in a comment at its top that a program wrote it is left out as well.
        """
        wanted, unwanted = GitIgnoreSpec.from_lines(include), GitIgnoreSpec.from_lines(exclude)
        return tuple(
            path
            for path in self.files
            if wanted.match_file(path) and not unwanted.match_file(path) and not self.generated(path)
        )

    def generated(self, path: str) -> bool:
        """Whether a comment in the first ten lines says that a program wrote the file.

        Raises:
            EvidenceError: there is no such file in the snapshot.
        """
        top = self.lines(path)[:10]
        return any(line.lstrip().startswith("#") and _GENERATED.search(line) for line in top)


def digest_of(root: Path, files: Iterable[str]) -> str:
    """SHA-256, in hex, over names and contents of `files` below `root`, in the order given."""
    total = hashlib.sha256()
    for path in files:
        content = hashlib.sha256((root / path).read_bytes()).hexdigest()
        total.update(f"{path}\0{content}\n".encode("utf-8", "surrogateescape"))
    return total.hexdigest()
