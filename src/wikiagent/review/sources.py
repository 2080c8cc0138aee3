"""The sources of drafts, out of the store: to show evidence in its file, and to check what a person changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from wikiagent.check.source import Source
from wikiagent.code.symbols import Symbols, read_symbols
from wikiagent.errors import SourceError
from wikiagent.review.view import Span, span
from wikiagent.source.kept import find_snapshot
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.page import Exhibit


@dataclass(frozen=True)
class Checker:
    """A source as a draft is checked against it."""

    source: Source
    is_public: Callable[[str], bool]


@dataclass(frozen=True)
class Sources:
    """The sources in a store; each is read once. May be asked by several threads.

    Attributes:
        store: the folder for run data.
        include, exclude: patterns of the files that are mined.
    """

    store: Path
    include: tuple[str, ...]
    exclude: tuple[str, ...]

    _snapshots: dict[str, Snapshot | None] = field(default_factory=dict, repr=False, compare=False)
    _checkers: dict[str, Checker] = field(default_factory=dict, repr=False, compare=False)
    _symbols: dict[tuple[str, str], Symbols] = field(default_factory=dict, repr=False, compare=False)
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def snapshot(self, source: str) -> Snapshot | None:
        """The snapshot of a source; None where the store does not have it."""
        if source not in self._snapshots:
            self._snapshots[source] = find_snapshot(self.store, source)
        return self._snapshots[source]

    def checker(self, source: str) -> Checker:
        """A source as drafts are checked against it.

        Raises:
            SourceError: the store does not have it.
        """
        snapshot = self.snapshot(source)
        if snapshot is None:
            raise SourceError(
                f"{source} is not in {self.store}, so that nothing can be checked against it. Run "
                f"`wikiagent index --source {source}` to fetch it."
            )
        with self._lock:
            if source not in self._checkers:
                symbols = read_symbols(snapshot, snapshot.select(self.include, self.exclude))
                self._checkers[source] = Checker(Source(snapshot), symbols.is_public)
            return self._checkers[source]

    def span(self, exhibit: Exhibit, source: str) -> Span:
        """A piece of evidence in its file, with the symbols that it stands in."""
        snapshot = self.snapshot(source)
        return span(exhibit, snapshot, self._in_file(source, exhibit.path, snapshot))

    def _in_file(self, source: str, path: str, snapshot: Snapshot | None) -> Symbols | None:
        if snapshot is None or not snapshot.has(path) or not path.endswith(".py"):
            return None
        with self._lock:
            if (source, path) not in self._symbols:
                self._symbols[source, path] = read_symbols(snapshot, (path,))
            return self._symbols[source, path]
