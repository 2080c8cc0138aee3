"""Snapshots on disk: how one is kept in the store, once and whole, and found again without a network.

`STORE/sources/NAME@REVISION/` holds exactly the files of the source; `NAME@REVISION.json` beside it says what they
are. The record is written last, so that a folder without one is the rest of a fetch that died and is fetched again.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from wikiagent.errors import SourceError
from wikiagent.source.inert import UNSEEN
from wikiagent.source.origin import Package, parse_source
from wikiagent.source.snapshot import Snapshot

#: What no page could cite: what is no UTF-8 (surrogates), line ends, what nobody sees, the marks around a citation.
_UNFIT = re.compile("[\\t\\r\\n`<>\ud800-\udfff]|\\[\\[|\\]\\]|" + UNSEEN.pattern)
#: Files that are left out and named in the message.
_NAMED = 3
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Record:
    """What is known of a kept source.

    Attributes:
        source, name, revision, url: as in `Snapshot`.
        asked: the source strings that led here, where they differ from `source` (`git+URL@main`).
        files: paths of all files from the root, sorted.
        size: bytes of all files, by which a damaged copy shows; None in records of earlier versions.
    """

    source: str
    name: str
    revision: str
    url: str | None
    asked: tuple[str, ...]
    files: tuple[str, ...]
    size: int | None = None


def sources(store: Path) -> Path:
    """The folder of kept sources in a store."""
    return store / "sources"


def is_store(folder: Path) -> bool:
    """Whether a folder is a store, of whatever name: it keeps snapshots or decisions."""
    return (folder / "ledger.sqlite").is_file() or any(sources(folder).glob("*@*.json"))


def find_snapshot(store: Path, source: str) -> Snapshot | None:
    """A snapshot that was fetched before, without a network.

    Args:
        store: the folder for run data.
        source: `NAME@REVISION`, or a source string: the snapshot's own, or the one that it was fetched by. Where a
            branch led to several snapshots over time, it means the one fetched last.

    Returns:
        The snapshot, or None where it was not fetched or is not whole.
    """
    folder = sources(store) / source
    if folder.parent == sources(store) and (named := open_snapshot(folder)):
        return named
    wanted = _normal(source)
    records = sorted(sources(store).glob("*@*.json"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for file in records:
        record = _read(file)
        if record and wanted in (record.source, *record.asked):
            return open_snapshot(file.with_suffix(""))
    return None


def open_snapshot(folder: Path) -> Snapshot | None:
    """The snapshot in `folder`, or None where the folder, the record beside it, or a part of the files is missing."""
    record = _whole(folder)
    if record is None:
        return None
    return Snapshot(record.source, record.name, record.revision, folder.resolve(), record.files, record.url)


@contextmanager
def workspace(store: Path) -> Iterator[Path]:
    """An empty folder in the store to fetch into; removed at the end, whatever happens.

    Raises:
        SourceError: the store cannot be written, at the start or while the folder is in use.
    """
    try:
        sources(store).mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".fetching-", dir=sources(store)))
    except OSError as error:
        raise SourceError(
            f"{sources(store)} cannot be written: {error.strerror}. Name another folder with --store."
        ) from error
    try:
        yield folder
    except OSError as error:
        raise SourceError(f"The source cannot be kept in {sources(store)}: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def keep(store: Path, tree: Path, *, source: str, name: str, revision: str, url: str | None, asked: str) -> Snapshot:
    """Move the files of `tree` into the store as one snapshot; where it is there already, that one stays.

    Args:
        store: the folder for run data.
        tree: folder below a `workspace` of the same store; it is moved away.
        source: the source string with its revision.
        name: short name of the source.
        revision: version, commit or digest.
        url: home of the code, or None.
        asked: the source string that the user gave.
    """
    folder = sources(store) / f"{name}@{revision}"
    with FileLock(sources(store) / ".lock"):
        old = _whole(folder)
        if old is None:
            shutil.rmtree(folder, ignore_errors=True)
            files = _seal(tree)
            tree.rename(folder)
        else:
            files = old.files
        also = {asked, *(old.asked if old else ())} - {source}
        size = _size(folder, files)
        _write(_record_of(folder), Record(source, name, revision, url, tuple(sorted(also)), files, size))
    snapshot = open_snapshot(folder)
    assert snapshot is not None
    return snapshot


def files_below(root: Path) -> tuple[str, ...]:
    """The paths of all regular files below `root`, `/` between folders, sorted.

    Links are left out, and names that no page could cite: in no UTF-8, with control characters, with wiki markup.
    """
    return tuple(sorted(path for path in _regular(root) if not _UNFIT.search(path)))


def _regular(root: Path) -> Iterator[str]:
    """The paths of all regular files below `root`."""
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            if stat.S_ISREG(path.lstat().st_mode):
                yield path.relative_to(root).as_posix()


def _seal(tree: Path) -> tuple[str, ...]:
    """Make the files of `tree` read-only and list them."""
    files = files_below(tree)
    for path in files:
        (tree / path).chmod(0o444)
    if unfit := sorted(path for path in _regular(tree) if _UNFIT.search(path)):
        named = ", ".join(map(ascii, unfit[:_NAMED]))
        _log.error("%d files are left out, because no page could cite their names: %s", len(unfit), named)
    return files


def _whole(folder: Path) -> Record | None:
    """The record of a kept source whose files are all there."""
    record = _read(_record_of(folder)) if folder.is_dir() else None
    try:
        return record if record and record.size in (None, _size(folder, record.files)) else None
    except OSError:
        return None


def _size(folder: Path, files: Iterable[str]) -> int:
    return sum((folder / file).stat().st_size for file in files)


def _normal(source: str) -> str:
    try:
        parsed = parse_source(source)
    except SourceError:
        return source
    return str(parsed) if isinstance(parsed, Package) else source


def _record_of(folder: Path) -> Path:
    return folder.with_name(folder.name + ".json")


def _read(file: Path) -> Record | None:
    try:
        fields = json.loads(file.read_bytes())
        return Record(**{**fields, "asked": tuple(fields["asked"]), "files": tuple(fields["files"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None  # missing or damaged: the source is fetched again


def _write(file: Path, record: Record) -> None:
    fresh = file.with_name(f".{file.name}.new")
    fresh.write_text(json.dumps(asdict(record), indent=1), encoding="utf-8")
    fresh.replace(file)
