"""Which wikis a user means by some paths, and reading them whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wikiagent.errors import ConfigError, SourceError, WikiError
from wikiagent.source.origin import Package, parse_source
from wikiagent.wiki.graph import INDEX_FILES, Wiki, read_wiki
from wikiagent.wiki.page import PageKind

_REVISION = re.compile(r"\[\[source_revision::([^\]|\n]*)\]\]")
_FOLDERS = frozenset(kind.folder for kind in PageKind)


@dataclass(frozen=True)
class NamedWiki:
    """A wiki that is to be checked.

    Attributes:
        root: its folder.
        wiki: all of it.
        files: the files that findings are wanted about; all, where it is None.
    """

    root: Path
    wiki: Wiki
    files: set[str] | None

    @property
    def parts(self) -> list[Path]:
        """The folders of its pages, its indexes and its reports: what of its folder is sure to be no source."""
        tops = {file.partition("/")[0] for file in self.wiki.files}
        return [self.root / top for top in sorted(tops) if top in _FOLDERS or top.startswith("_")]


def find_wikis(paths: Sequence[Path], configured: Path | None, repo: str | None) -> list[NamedWiki]:
    """The wikis of some paths: folders of wikis, or files of their pages.

    Args:
        paths: what the user named; where nothing, the configured wiki, else the current folder.
        configured: the wiki of the settings.
        repo: prefix of page names for a wiki that shows none.

    Raises:
        ConfigError: a path does not exist.
        WikiError: a path is no wiki or cannot be read.
    """
    named = list(paths) or [configured or Path()]
    wanted: dict[Path, set[str] | None] = {}
    for given in named:
        path = given.resolve() if given.is_symlink() or ".." in given.parts else given
        if not path.exists():
            raise ConfigError(f"{path} does not exist. Name a wiki's folder, or pages of it.")
        if path.is_dir():
            wanted[path] = None
            continue
        root = _root_of(path)
        if root is None:
            raise WikiError(f"{path} is no page of a wiki: pages stand in {', '.join(sorted(_FOLDERS))}.")
        files = wanted.setdefault(root, set())
        if files is not None:
            files.add(path.resolve().relative_to(root.resolve()).as_posix())
    return [NamedWiki(root, _read(root, repo), files) for root, files in wanted.items()]


def _root_of(file: Path) -> Path | None:
    """The wiki's folder that a file is a page, an index or a report of."""
    if file.parent.name in _FOLDERS or file.parent.name == "_reports":
        return file.parent.parent
    return file.parent if file.name in INDEX_FILES.values() or file.name.startswith("_") else None


def _read(root: Path, repo: str | None) -> Wiki:
    wiki = read_wiki(root, repo)
    if not wiki.pages and not set(INDEX_FILES.values()) & set(wiki.files):
        raise WikiError(
            f"{root} is no wiki: it has no page in {', '.join(sorted(_FOLDERS))}. "
            f"Name the folder that holds them, or let `wikiagent enrich` write one."
        )
    return wiki


def refuse_older(named: NamedWiki, source: str) -> None:
    """A wiki is not checked against an older release than most of its pages were written from.

    Args:
        named: the wiki.
        source: the source with its revision.

    Raises:
        WikiError: it is older.
    """
    asked = _release(source)
    named_by = [_REVISION.search(page.text) for page in named.wiki.pages.values()]
    written = [_release(found[1]) for found in named_by if found]
    if asked is None or not written:
        return
    newer = [p.version for p in written if p is not None and p.name == asked.name and p.version > asked.version]
    if 2 * len(newer) > len(written):
        raise WikiError(
            f"The pages of {named.root} were written from {asked.name} {max(newer)}, and {source} is older. "
            f"Name the source that they are about: --source pypi:{asked.name}=={max(newer)}."
        )


def _release(source: str) -> Package | None:
    """The release that a source string names; None for anything else, and for what somebody wrote wrongly."""
    try:
        parsed = parse_source(source) if source.startswith("pypi:") else None
    except SourceError:
        return None
    return parsed if isinstance(parsed, Package) else None
