"""A page in the reviewer's own editor."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

from wikiagent.errors import DraftError


def kept_text(store: Path, draft_id: int) -> Path:
    """The file in which the text of a draft is kept while a person changes it."""
    return store / "review" / f"draft-{draft_id}.md"


def keep_text(file: Path, text: str) -> None:
    """Keep a text for the next time that a draft is changed."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def edited(text: str, file: Path) -> str:
    """A text as the user changed it in `$VISUAL` or `$EDITOR` (else vi); it stays in `file`, so that none gets lost.

    What `file` has from an earlier time is gone on with.

    Raises:
        DraftError: there is no such editor, it ended with an error, or left no text.
    """
    command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    if not file.exists():
        keep_text(file, text)
    try:
        ended = subprocess.run([*shlex.split(command), str(file)], check=False).returncode
        new = file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise DraftError(
            f"The editor left a text that is no UTF-8; nothing was decided. Mend {file}, or remove it to begin anew."
        ) from error
    except (OSError, ValueError) as error:
        raise DraftError(
            f"The editor {command!r} failed: {error}. Set $VISUAL or $EDITOR; nothing was decided."
        ) from error
    if ended:
        raise DraftError(f"The editor {command!r} ended with status {ended}; nothing was decided. {file} has the text.")
    if not new.strip():
        file.unlink()
        raise DraftError("The editor left an empty page; nothing was decided.")
    return new
