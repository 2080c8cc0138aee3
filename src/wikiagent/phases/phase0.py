"""Phase 0: the repository map, one line a file."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from wikiagent.code.symbols import Symbols, module_docstring
from wikiagent.mine import words
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.markup import one_line

#: Characters that the map spends on what a file is for.
PURPOSE_WIDTH = 120

MARK = "> Files of the source that are mined, derived from it; not to be edited."
"""The line by which a map is known as ours."""


def map_file(repo: str) -> str:
    """Path of the repository map from the root of the wiki."""
    return f"_RepoMap_{repo}.md"


def repository_map(snapshot: Snapshot, paths: Sequence[str], symbols: Symbols, repo: str) -> str:
    """The map of the files `paths`: lines, what each says that it is for, and what of it is public."""
    public: dict[str, list[str]] = {}
    for name, symbol in symbols.exports.items():
        public.setdefault(symbol.place.path, []).append(name)
    sizes = {path: len(snapshot.lines(path)) for path in paths}
    rows = []
    for path, size in sizes.items():
        names = ", ".join(f"`{name}`" for name in public.get(path, [])) or "—"
        rows.append(f"| `{path}` | {size} | {_purpose(snapshot, path)} | {names} |")
    head = [
        f"# Repository Map: {repo}",
        "",
        MARK,
        "",
        "| Property | Value |",
        "|----------|-------|",
        f"| Source | {snapshot.source} |",
        f"| Repository | {snapshot.url or '—'} |",
        f"| Files mined | {len(paths)} of {len(snapshot.files)} |",
        f"| Lines | {sum(sizes.values())} |",
        f"| Public symbols | {len(symbols.exports)} |",
        "",
        "## Files",
        "",
        "| File | Lines | Purpose | Public symbols |",
        "|------|-------|---------|----------------|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def _purpose(snapshot: Snapshot, path: str) -> str:
    """The first sentence of the module's docstring, or a dash."""
    docstring = module_docstring(snapshot.read(path)) if path.endswith(".py") else ""
    first = next(iter(words.sentences(" ".join(docstring.split()))), "")
    plain = one_line(first).replace("|", "\\|").replace("<", "&lt;")
    return textwrap.shorten(plain, PURPOSE_WIDTH, placeholder="…") or "—"
