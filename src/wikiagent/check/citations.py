"""CIT: whether every citation holds against the snapshot."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from wikiagent.check.finding import Finding
from wikiagent.source.evidence import normal
from wikiagent.source.secret import masked
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.page import Environment, Exhibit, Heuristic

#: Longest span, in lines, that still proves a statement.
MAX_SPAN = 60


def check_citations(page: Environment | Heuristic, snapshot: Snapshot, lines: Sequence[str]) -> Iterator[Finding]:
    """Check the exhibits of a page; `lines` are the lines of its text, for the place of a finding."""
    if not page.evidence:
        yield Finding("CIT007", page.file, 0, f"{page.name} cites nothing: quote at least one place of the source.")
    for exhibit in page.evidence:
        cited = str(exhibit.place)
        line = next((n for n, text in enumerate(lines, 1) if cited in text), 0)
        for code, message, fix in _problems(exhibit, snapshot):
            yield Finding(code, page.file, line, message, cited=cited, fix=fix)


def _problems(exhibit: Exhibit, snapshot: Snapshot) -> Iterator[tuple[str, str, str | None]]:
    """Code, message and fix of each thing wrong with one exhibit."""
    path, first, last = exhibit.path, exhibit.first, exhibit.last
    if not snapshot.has(path):
        yield _unknown_path(path, snapshot)
        return
    source = snapshot.lines(path)
    if not 1 <= first <= last <= len(source):
        yield "CIT002", f"{path} has the lines 1-{len(source)}, not {first}-{last}.", None
        return
    quoted, actual = exhibit.code.split("\n"), masked("\n".join(normal(source[first - 1 : last]))).split("\n")
    if normal(quoted) != actual:
        found = _elsewhere(normal(quoted), source)
        if len(found) == 1:
            where = f"{path}:{found[0]}-{found[0] + len(quoted) - 1}"
            yield "CIT004", f"the quoted text stands at {where}, not at {first}-{last}.", where
        else:
            row = next(
                (n for n, (a, b) in enumerate(zip(quoted, actual, strict=False)) if a != b),
                min(len(quoted), len(actual)),
            )
            wanted = actual[row] if row < len(actual) else "no more lines"
            yield "CIT003", f"line {first + row} of {path} reads {wanted.strip()!r}; the quote differs.", None
    if last - first + 1 > MAX_SPAN:
        yield "CIT006", f"{last - first + 1} lines are too many to prove a statement; quote at most {MAX_SPAN}.", None
    elif not any(c.isalnum() for line in source[first - 1 : last] for c in line):
        yield "CIT006", f"{path}:{first}-{last} holds no words; it proves nothing.", None


def _unknown_path(path: str, snapshot: Snapshot) -> tuple[str, str, str | None]:
    ending = [known for known in snapshot.files if known.endswith(f"/{path.lstrip('./')}")]
    if len(ending) == 1:
        return "CIT005", f"{path} is not a path from the root; the file is {ending[0]}.", ending[0]
    near = ending[:3] or difflib.get_close_matches(path, snapshot.files, 1)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    return "CIT001", f"{path} is not a file of {snapshot.source}.{hint}", None


def _elsewhere(quoted: list[str], source: Sequence[str]) -> list[int]:
    """First lines, 1-based, of all places of a file that read as `quoted`."""
    size, head = len(quoted), quoted[0].strip()
    starts = (n for n, line in enumerate(source) if line.strip() == head)
    return [n + 1 for n in starts if normal(source[n : n + size]) == quoted]
