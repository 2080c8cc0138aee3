"""Writing an export: as a whole or not at all, never over what somebody else put there, never into the wiki."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from wikiagent.errors import ExportError

MARKER = ".wikiagent-export"
"""A file in each folder of ours: the names at its top level that the export wrote."""

_STAGING = ".wikiagent-export-new"
_REPLACED = ".wikiagent-export-old"
_DUMP_BEGINS = b"<generator>wikiagent</generator>"


def write_folder(output: Path, files: Iterable[tuple[str, bytes]], wiki: Path) -> int:
    """Write an export's files; an earlier export in the folder is replaced, other entries beside it stay.

    Args:
        output: the folder; made where it does not exist.
        files: content by path from the folder.
        wiki: the wiki's folder, which must not be touched.

    Returns:
        How many files were written.

    Raises:
        ExportError: the folder is not ours to write, or cannot be written. It is as it was then.
    """
    _refuse_wiki(output, wiki)
    if output.exists() and not output.is_dir():
        raise ExportError(f"{output} is a file; name a folder with --output.")
    try:
        earlier = _earlier(output)
        made = not output.exists()
        output.mkdir(parents=True, exist_ok=True)
        try:
            count = _stage(output / _STAGING, files)
            _swap(output, earlier)
        finally:
            for folder in (_STAGING, _REPLACED):
                shutil.rmtree(output / folder, ignore_errors=True)
            if made and not any(output.iterdir()):
                output.rmdir()
    except OSError as error:
        raise ExportError(
            f"{output} cannot be written ({error.strerror or error}); name another with --output."
        ) from error
    return count


def write_dump(output: Path, content: bytes, wiki: Path) -> None:
    """Write a dump; an earlier one at the same place is replaced.

    Raises:
        ExportError: the place is taken by something else, or cannot be written.
    """
    _refuse_wiki(output, wiki)
    if output.is_dir():
        raise ExportError(f"{output} is a folder; name a file with --output.")
    try:
        if output.exists() and not _is_dump(output):
            raise ExportError(f"{output} exists and is no dump by wikiagent; name another file with --output.")
        output.parent.mkdir(parents=True, exist_ok=True)
        descriptor, staged = tempfile.mkstemp(prefix=f".{output.name}-", dir=output.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            Path(staged).chmod(0o644)
            Path(staged).replace(output)
        finally:
            Path(staged).unlink(missing_ok=True)
    except OSError as error:
        raise ExportError(
            f"{output} cannot be written ({error.strerror or error}); name another with --output."
        ) from error


def _refuse_wiki(output: Path, wiki: Path) -> None:
    here, there = output.resolve(), wiki.resolve()
    if here.is_relative_to(there) or there.is_relative_to(here):
        raise ExportError(f"{output} and the wiki {wiki} lie in each other; name a place outside of it with --output.")


def _is_dump(file: Path) -> bool:
    with file.open("rb") as opened:
        return _DUMP_BEGINS in opened.read(2000)


def _earlier(output: Path) -> set[str]:
    """The names at the top level that an earlier export wrote.

    Raises:
        ExportError: the folder holds something, and no export.
    """
    if not output.exists():
        return set()
    try:
        names = json.loads((output / MARKER).read_text("utf-8"))["files"]
        return {name for name in names if isinstance(name, str) and name == PurePosixPath(name).name and name != ".."}
    except FileNotFoundError:
        if any(entry.name not in (_STAGING, _REPLACED) for entry in output.iterdir()):
            raise ExportError(f"{output} holds files that are no export; name another folder with --output.") from None
        return set()
    except (ValueError, KeyError, TypeError):
        raise ExportError(f"{output / MARKER} is damaged; name another folder with --output.") from None


def _stage(staging: Path, files: Iterable[tuple[str, bytes]]) -> int:
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    count = 0
    for file, content in files:
        path = staging / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        count += 1
    return count


def _swap(output: Path, earlier: set[str]) -> None:
    """Put the staged entries in place of the earlier ones; when that fails halfway, the earlier ones come back."""
    staging, replaced = output / _STAGING, output / _REPLACED
    new = sorted(entry.name for entry in staging.iterdir())
    for name in new:
        if name not in earlier and (output / name).exists():
            raise ExportError(
                f"{output / name} is no part of an export and in its way; move it, or name another folder."
            )
    _mark(output, {*earlier, *new})
    shutil.rmtree(replaced, ignore_errors=True)
    replaced.mkdir()
    moved: list[tuple[Path, Path]] = []
    try:
        for name in sorted(earlier):
            if (output / name).exists():
                moved.append((output / name, replaced / name))
                (output / name).rename(replaced / name)
        for name in new:
            moved.append((staging / name, output / name))
            (staging / name).rename(output / name)
    except OSError:
        for source, target in reversed(moved):
            if target.exists() and not source.exists():
                target.rename(source)
        raise
    _mark(output, set(new))


def _mark(output: Path, names: set[str]) -> None:
    (output / MARKER).write_text(json.dumps({"files": sorted(names)}) + "\n", "utf-8")
