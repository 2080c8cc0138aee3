"""Fetching: from a source string to a snapshot in the store. Nothing of a source is ever run or built.

What only fetching needs is imported when something is fetched: most runs find their source in the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from wikiagent.errors import RemoteError, SourceError
from wikiagent.source import git
from wikiagent.source.kept import find_snapshot, keep, open_snapshot, sources, workspace
from wikiagent.source.local import copy_folder, revision_of
from wikiagent.source.origin import Folder, Package, Repository, parse_source, slug
from wikiagent.source.snapshot import Snapshot

Progress = Callable[[str], None]


def fetch(source: str, store: Path, *, without: Iterable[Path] = (), progress: Progress | None = None) -> Snapshot:
    """The snapshot of a source, fetched where the store does not have it yet.

    A package and a commit that the store has need no network; a branch or tag is asked for each time, and where the
    repository cannot be reached the snapshot fetched last stands in for it. A folder is read each time.

    Args:
        source: a folder, `pypi:NAME==VERSION`, `git+URL@REV`, or the source string of a snapshot in the store.
        store: the folder for run data; the snapshot is kept in `sources/NAME@REVISION/` of it.
        without: folders and files inside a folder source that are no part of it, like the wiki written there.
        progress: told before each long step, in one line.

    Raises:
        SourceError: the source does not exist or is not safe; the message says what to do.
        ConfigError: pip's settings, which say where packages come from, are wrong.
        RemoteError: the network or an index failed.
    """
    tell = progress or (lambda message: None)
    if source.startswith("path:"):
        return _kept(store, source)
    parsed = parse_source(source)
    if isinstance(parsed, Package):
        return _package(parsed, store, tell)
    if isinstance(parsed, Repository):
        return _repository(parsed, store, tell)
    return _folder(parsed, store, without, tell)


def _kept(store: Path, source: str) -> Snapshot:
    snapshot = find_snapshot(store, source)
    if snapshot is None:
        raise SourceError(f"{source} is not in the store {store}; name the folder that it was read from.")
    return snapshot


def _package(package: Package, store: Path, tell: Progress) -> Snapshot:
    name, revision = package.name, str(package.version)
    if found := open_snapshot(sources(store) / f"{name}@{revision}"):
        return found
    from wikiagent.source.home import home_of
    from wikiagent.source.package import fetch_package
    from wikiagent.source.pip_settings import pip_settings

    with workspace(store) as space:
        tree = fetch_package(package, pip_settings(), space, tell)
        text = str(package)
        return keep(store, tree, source=text, name=name, revision=revision, url=home_of(tree), asked=text)


def _repository(repository: Repository, store: Path, tell: Progress) -> Snapshot:
    asked = str(repository)
    before = find_snapshot(store, asked)
    if before and git.is_commit(repository.rev):
        return before
    try:
        commit = git.resolve(repository)
    except RemoteError as error:
        if before is None:
            raise
        tell(f"{error} Going on with {before.name}@{before.revision}, fetched before.")
        return before
    source = f"git+{repository.url}@{commit}"
    if before and before.source == source:
        return before
    from wikiagent.source.home import home_of, plain_url

    with workspace(store) as space:
        tree = git.fetch_commit(repository, commit, space, tell)
        url = plain_url(repository.url) or home_of(tree)
        return keep(store, tree, source=source, name=repository.name, revision=commit, url=url, asked=asked)


def _folder(folder: Folder, store: Path, without: Iterable[Path], tell: Progress) -> Snapshot:
    path = folder.path.resolve()
    if found := open_snapshot(path):
        return found
    from wikiagent.source.home import home_of, name_of

    with workspace(store) as space:
        left_out = (store, *without)
        tree = copy_folder(path, space, left_out, tell)
        name, revision = slug(name_of(tree) or path.name), revision_of(path, tree, left_out)
        source = f"path:{name}@{revision}"
        url = home_of(tree) or git.web_url(path)
        return keep(store, tree, source=source, name=name, revision=revision, url=url, asked=source)
