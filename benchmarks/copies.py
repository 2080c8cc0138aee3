"""Sources of any size for the benchmarks: copies of one module of peft 0.18.1, each with names of its own."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from wikiagent.source.snapshot import Snapshot

#: Some 250 lines with functions, warnings, comments and checks.
MODULE = "src/peft/helpers.py"


def renamed(code: str, number: int, private: bool = False) -> str:
    """A module with another name for each class, function and parameter that it defines, in messages too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("__"):
            names.add(node.name)
        if isinstance(node, ast.arg) and node.arg != "self":
            names.add(node.arg)
    anywhere = re.compile(rf"\b({'|'.join(sorted(map(re.escape, names)))})\b")
    return anywhere.sub(lambda found: f"{'_' * private}{found[1]}_{number}", code)


def copies(peft: Snapshot, number: int, root: Path, edited: int | None = None, private: bool = False) -> Snapshot:
    """A snapshot of so many modules.

    Args:
        peft: where the module comes from.
        number: how many copies.
        root: the folder to write them to.
        edited: the copy in which a statement is new.
        private: whether all copies but the first define private names alone, so that a wiki has few Implementations.
    """
    code = "\n".join(peft.lines(MODULE)) + "\n"
    files = []
    for copy in range(number):
        path = f"pkg_{copy // 100}/module_{copy}.py"
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        text = renamed(code, copy, private and copy > 0) + ("\nEDITED = True\n" if copy == edited else "")
        (root / path).write_text(text, encoding="utf-8")
        files.append(path)
    return Snapshot("path:copies@1", "copies", "1", root, tuple(sorted(files)))
