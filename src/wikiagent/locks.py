"""Who holds a lock, as far as the system tells: for the sentence that the one who waits is shown.

Locks of wikiagent are the kernel's: they end with the process that holds them, however it ends, so that a lock file
that is left behind locks nothing.
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path


def holder(*files: Path) -> str:
    """The process that holds a lock on one of these files, in brackets after a blank; empty where it is not known."""
    held = {inode for file in files if (inode := _inode(file))}
    try:
        rows = [line.replace("-> ", "").split() for line in Path("/proc/locks").read_text("ascii").splitlines()]
        pids = [int(row[4]) for row in rows if len(row) > 5 and row[5].rpartition(":")[2] in held]
        pid = next(pid for pid in pids if pid not in (0, os.getpid()))
        since = datetime.fromtimestamp(Path(f"/proc/{pid}").stat().st_mtime).astimezone()
    except (OSError, ValueError, StopIteration):  # no such file on this system, or the process has just ended
        return ""
    return f" (process {pid}, since {since:%H:%M:%S})"


def _inode(file: Path) -> str:
    try:
        return str(file.stat().st_ino)
    except OSError:
        return ""
