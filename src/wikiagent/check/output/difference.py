"""What fixes would change, as a unified diff."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path

from wikiagent.wiki.graph import Wiki

_LINE = re.compile(r"[^\n]*\n|[^\n]+")


def difference(root: Path, wiki: Wiki, changes: Mapping[str, str]) -> str:
    """The changes of a wiki as a unified diff, which `git apply` and `patch -p1` take in the current folder.

    Args:
        root: the wiki's folder, from the current one.
        wiki: the wiki as it is.
        changes: the new texts, by file.
    """
    lines: list[str] = []
    for file, text in sorted(changes.items()):
        name = (root / file).as_posix().lstrip("/")
        before = f"a/{name}" if file in wiki.files else "/dev/null"
        old, new = _LINE.findall(wiki.files.get(file, "")), _LINE.findall(text)
        lines += difflib.unified_diff(old, new, before, f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
