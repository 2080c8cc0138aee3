"""One edit of a wiki folder as a transaction: all files change or none.

    stage    new texts are written and synced into `.wikiagent-edit/`
    commit   `journal.json` appears there, by rename: from here on the edit is finished, whatever happens
    move     the staged files are renamed over the wiki's files
    clear    the journal and the staging folder go

Whoever finds a staging folder with a journal finishes the edit; without one, throws the folder away.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from filelock import FileLock, Timeout

from wikiagent.errors import WikiError
from wikiagent.locks import holder

STAGING = ".wikiagent-edit"
LOCK = ".wikiagent-lock"
_JOURNAL = "journal.json"
_SECONDS_TO_WAIT = 10.0


class _Step(NamedTuple):
    """One file of the journal: SHA-256 of its bytes before and after, and the staged file; None for no file."""

    file: str
    before: str | None
    after: str | None
    staged: str | None


def apply(root: Path, changes: Mapping[str, str | None], before: Mapping[str, str]) -> tuple[str, ...]:
    """Apply one edit to a wiki: all of it or nothing.

    Args:
        root: the wiki's folder; made where it does not exist.
        changes: new text by file (path from the root, `/` between folders); None removes the file.
        before: the texts that the edit was made from, as `graph.read_text` gives them; a file that is not in it is
            expected not to exist.

    Returns:
        The files that were changed, sorted; nothing is written where that is none.

    Raises:
        WikiError: a path leaves the wiki, a file is not as it was read, another edit is going on, or the disk fails.
    """
    for file in changes:
        _target(root, file)
    new = {file: _encoded(text) for file, text in sorted(changes.items()) if text != before.get(file)}
    if not new:
        return ()
    with writing(root):
        _finish_or_undo(root)
        steps = [
            _Step(
                file,
                _digest(_encoded(before.get(file))),
                _digest(content),
                str(number) if content is not None else None,
            )
            for number, (file, content) in enumerate(new.items())
        ]
        for step in steps:
            if _digest(_content(root, step.file)) != step.before:
                raise WikiError(f"{step.file} changed while the edit was prepared; run the command again.")
        _stage(root, steps, new)
        _finish_or_undo(root)
    return tuple(new)


def recover(root: Path) -> None:
    """Finish or undo an edit that was interrupted; without one, nothing is touched.

    Raises:
        WikiError: a file was changed by somebody else since the interruption, or another edit is going on.
    """
    if (root / STAGING).is_dir():
        with writing(root):
            _finish_or_undo(root)


def is_interrupted(root: Path) -> bool:
    """Whether an edit has come so far that `recover` will finish it."""
    return (root / STAGING / _JOURNAL).exists()


def under_way(root: Path) -> dict[str, bytes | None]:
    """What an edit that is certain and not finished will make of files that it has not come to; None for no file.

    For readers: with this, a wiki is whole at any moment, even where the program died and nobody may write.
    """
    staging, found = root / STAGING, dict[str, bytes | None]()
    for step in _journal(staging):
        with suppress(FileNotFoundError):  # it stands in its place by now
            content = (staging / step.staged).read_bytes() if step.staged else None
            if _digest(_content(root, step.file)) == step.before:
                found[step.file] = content
    return found


@contextmanager
def writing(root: Path) -> Iterator[None]:
    """Hold the wiki's lock, for several edits in a row too; errors of the disk become the user's sentence.

    Raises:
        WikiError: another edit is going on, or the disk fails.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        with FileLock(root / LOCK, timeout=_SECONDS_TO_WAIT, is_singleton=True):  # who has it may take it again
            yield
    except PermissionError as error:
        raise WikiError(
            f"{error.filename or root} cannot be written. Change its permissions; the next start finishes or undoes "
            f"what was begun."
        ) from error
    except Timeout as error:
        raise WikiError(f"Another edit of {root} is going on{holder(root / LOCK)}; wait for it to end.") from error
    except OSError as error:
        raise WikiError(f"The edit of {root} did not end ({error}); the next start finishes or undoes it.") from error


def _target(root: Path, file: str) -> Path:
    """The path of a file below the root; links that lead out of the wiki are no way out either."""
    path = PurePosixPath(file)
    hidden = any(part.startswith(".") for part in path.parts)
    target = root / path
    if not file or "\\" in file or "\0" in file or path.is_absolute() or hidden or path.as_posix() != file:
        raise WikiError(f"{file!r} is no path inside a wiki.")
    if not target.parent.resolve().is_relative_to(root.resolve()):
        raise WikiError(f"{file!r} leads out of the wiki.")
    return target


def _encoded(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8", "surrogateescape")


def _content(root: Path, file: str) -> bytes | None:
    target = _target(root, file)
    if target.is_dir():
        raise WikiError(f"{file} is a folder.")
    return target.read_bytes() if target.exists() else None


def text_digest(text: str | None) -> str | None:
    """SHA-256, in hex, of the bytes of a file with this text; None for no file."""
    return _digest(_encoded(text))


def _digest(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def _stage(root: Path, steps: list[_Step], new: Mapping[str, bytes | None]) -> None:
    """Write the new contents beside the wiki, then commit to them with the journal."""
    staging = root / STAGING
    staging.mkdir()
    for step in steps:
        content = new[step.file]
        if step.staged is not None and content is not None:
            _write_synced(staging / step.staged, content)
            if step.before is not None:
                shutil.copymode(root / step.file, staging / step.staged)
    draft = staging / f"{_JOURNAL}.new"
    _write_synced(draft, json.dumps([step._asdict() for step in steps], indent=1).encode())
    _sync_folder(staging)
    draft.replace(staging / _JOURNAL)
    _sync_folder(staging)
    _sync_folder(root)


def _finish_or_undo(root: Path) -> None:
    """Bring the wiki to one side of an edit, if there is one in the staging folder."""
    staging = root / STAGING
    if not staging.is_dir():
        return
    if steps := _journal(staging):
        for step in steps:
            if _digest(_content(root, step.file)) not in (step.before, step.after):
                raise WikiError(
                    f"{step.file} was changed after an edit of the wiki was interrupted; "
                    f"put it back, or remove {staging} to give that edit up."
                )
        for step in steps:
            _move(root, staging, step)
        folders = {folder for step in steps for folder in _target(root, step.file).parents}
        for folder in sorted(folder for folder in folders if folder.is_relative_to(root)):
            _sync_folder(folder)
        (staging / _JOURNAL).unlink()
        _sync_folder(staging)
    for rest in staging.iterdir():
        rest.unlink()
    staging.rmdir()
    _sync_folder(root)


def _journal(staging: Path) -> list[_Step]:
    """The steps of an edit that is certain; none where there is no such edit.

    Raises:
        WikiError: the journal is none of ours: it came with a copy of the wiki, or the disk is damaged.
    """
    try:
        steps = [_Step(**step) for step in json.loads((staging / _JOURNAL).read_bytes())]
        if all(step.staged is None or step.staged.isdecimal() for step in steps):  # nothing from elsewhere
            return steps
    except (FileNotFoundError, NotADirectoryError):
        return []
    except (ValueError, TypeError, AttributeError, RecursionError):
        pass
    raise WikiError(f"{staging / _JOURNAL} is damaged. Remove {staging} to give that edit up.")


def _move(root: Path, staging: Path, step: _Step) -> None:
    """Do one step; a step that was done before the interruption stays done."""
    target = _target(root, step.file)
    if step.staged is None:
        target.unlink(missing_ok=True)
    elif (staging / step.staged).exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        (staging / step.staged).replace(target)


def _write_synced(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make renames in a folder last; where a folder cannot be opened (Windows) the system does it alone."""
    if os.name == "posix" and folder.is_dir():
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
