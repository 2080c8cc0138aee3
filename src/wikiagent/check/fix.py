"""Fixes that are certain: right lines and paths, missing backlinks, true indexes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from wikiagent.check.finding import Edit, Finding
from wikiagent.wiki.graph import Wiki, add_links
from wikiagent.wiki.indexes import derive_indexes
from wikiagent.wiki.page import Link, PageKind

#: Fixes may make others possible; as many rounds as there are kinds of them is plenty.
_ROUNDS = 5
_BACKLINK = re.compile(r"\[\[(\w+)::(\w+):([^\]]+)\]\]")


def fixed(wiki: Wiki, find: Callable[[Wiki], Iterable[Finding]]) -> dict[str, str]:
    """The new texts of the files that certain fixes change; applying them again changes nothing.

    Args:
        wiki: the wiki.
        find: what finds the findings that are wanted, in the wiki as it becomes.
    """
    now = wiki
    for _ in range(_ROUNDS):
        changes = _round(now, list(find(now)))
        if not changes:
            break
        now = now.edited(changes)
    return {file: text for file, text in now.files.items() if text != wiki.files.get(file)}


def _round(wiki: Wiki, findings: list[Finding]) -> dict[str, str]:
    changes = {}
    edits: dict[str, list[Edit]] = {}
    for finding in findings:
        edits.setdefault(finding.path, []).extend(finding.edits)
    for file, wanted in edits.items():
        if wanted:
            changes[file] = _edited(wiki.files[file], wanted)
    for file, links in _backlinks(wiki, findings).items():
        changes[file] = add_links(changes.get(file, wiki.files[file]), links)
    wrong = {finding.path for finding in findings if finding.code.startswith("IDX") and has_fix(finding)}
    if wrong:
        derived = derive_indexes(wiki.edited(changes))
        changes.update({file: text for file, text in derived.items() if file in wrong})
    return {file: text for file, text in changes.items() if text != wiki.files.get(file)}


def _edited(text: str, edits: Iterable[Edit]) -> str:
    r"""A text with edits of it, of which the first wins where two overlap; line ends stay as they are.

    Edits count characters with `\\n` as line ends, and none of them has a line end in it.
    """
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    ends = ["\r\n" if line.endswith("\r\n") else "\n" if line.endswith("\n") else "" for line in lines]
    plain = text.replace("\r\n", "\n")
    free = len(plain)
    for edit in sorted(set(edits), reverse=True):
        if edit.end <= free:
            plain = plain[: edit.start] + edit.text + plain[edit.end :]
            free = edit.start
    return "".join(line + end for line, end in zip(plain.split("\n"), [*ends, ""], strict=False))


def _backlinks(wiki: Wiki, findings: Iterable[Finding]) -> dict[str, list[Link]]:
    """The links that LNK002 asks for, by the file that lacks them."""
    found: dict[str, list[Link]] = {}
    for finding in findings:
        if finding.code == "LNK002" and finding.fix and (link := _BACKLINK.search(finding.fix)):
            file = finding.fix.partition(": ")[0]
            found.setdefault(file, []).append(Link(edge=link[1], kind=PageKind(link[2]), name=link[3]))
    return found


def has_fix(finding: Finding) -> bool:
    """Whether `--fix` can put a finding right."""
    return finding.fix is not None
