"""A folder on this machine: which of its files are its source, and what revision they are."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from wikiagent.errors import SourceError
from wikiagent.source import git
from wikiagent.source.archive import Budget, write_file
from wikiagent.source.kept import files_below, is_store
from wikiagent.source.snapshot import digest_of

#: A file over this size is data, not source.
MAX_FILE = 16 << 20

_NOT_SOURCE = frozenset(
    {".git", ".hg", ".svn", ".venv", "__pycache__", "node_modules", ".tox", ".nox", ".eggs", ".ipynb_checkpoints"}
    | {".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis", ".cache", ".idea"}
)


def copy_folder(folder: Path, into: Path, without: Iterable[Path], progress: Callable[[str], None]) -> Path:
    """Copy the source files of a folder: in a git checkout what is tracked or not ignored, else all but caches.

    Stores of wikiagent are never source, wherever they lie.

    Args:
        folder: the folder.
        into: an empty folder.
        without: folders and files that are no part of the source (the store, the wiki).
        progress: told before the copy.

    Returns:
        The folder that holds the copies, below `into`.

    Raises:
        SourceError: there is no such folder, it has no files, or it is too large.
    """
    if not folder.is_dir():
        what = "is a file; name its folder" if folder.exists() else "does not exist"
        raise SourceError(f"The folder {folder} {what}. A package is written `pypi:NAME==VERSION`.")
    progress(f"Copying {folder} ...")
    tree = into / "tree"
    tree.mkdir()
    budget = Budget(str(folder))
    paths = sorted(git.checkout_files(folder) or _walk(folder, [path.resolve() for path in without]))
    left_out = _left_out(folder, paths, without)
    for path in paths:
        if _is_source(folder, path, left_out):
            budget.member()
            _copy(folder / path, tree / path, budget)
    if next(tree.iterdir(), None) is None:
        raise SourceError(f"The folder {folder} has no source files. Name the folder that holds the code.")
    return tree


def revision_of(folder: Path, tree: Path, without: Iterable[Path]) -> str:
    """The commit of a checkout where `tree` holds exactly its files, else 12 hex digits of the digest of `tree`.

    Files of the commit in folders that are no part of the source do not count.
    """
    files = files_below(tree)
    if head := git.head(folder):
        commit, blobs = head
        left_out = _left_out(folder, blobs, without)
        committed = {path: blob for path, blob in blobs.items() if not _is_in(folder, path, left_out)}
        if set(committed) == set(files) and all(
            git.blob_id((tree / path).read_bytes(), committed[path]) == committed[path] for path in files
        ):
            return commit
    return digest_of(tree, files)[:12]


def _walk(folder: Path, without: list[Path]) -> Iterable[str]:
    for here, folders, names in os.walk(folder):
        folders[:] = [
            name
            for name in folders
            if name not in _NOT_SOURCE
            and not Path(here, name, "pyvenv.cfg").exists()
            and Path(here, name).resolve() not in without
        ]
        for name in names:
            yield Path(here, name).relative_to(folder).as_posix()


def _left_out(folder: Path, paths: Iterable[str], without: Iterable[Path]) -> set[Path]:
    """The folders that are no part of the source: those named, and all stores, also of another wiki."""
    folders = {parent for path in paths for parent in (folder.resolve() / path).parents}
    inside = {path for path in folders if path.is_relative_to(folder.resolve())}
    return {path.resolve() for path in without} | {path for path in inside if is_store(path)}


def _is_in(folder: Path, path: str, left_out: set[Path]) -> bool:
    """Whether a file is left out, or a folder that it is in."""
    file = folder.resolve() / path
    return bool(left_out & {file, *file.parents})


def _is_source(folder: Path, path: str, left_out: set[Path]) -> bool:
    """Whether the file is a regular one, of source size, reached over no link, and in no folder that is left out."""
    file, plain = folder / path, folder.resolve() / path
    if _NOT_SOURCE & set(Path(path).parts) or _is_in(folder, path, left_out):
        return False
    try:
        status = file.lstat()
    except OSError:  # tracked but deleted
        return False
    return stat.S_ISREG(status.st_mode) and status.st_size <= MAX_FILE and file.resolve() == plain


def _copy(file: Path, target: Path, budget: Budget) -> None:
    try:
        with file.open("rb") as content:
            write_file(target, content, budget)
    except OSError as error:
        raise SourceError(f"{file} cannot be copied: {error.strerror}.") from error
