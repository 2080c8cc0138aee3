"""What commands that read a source share: the `--source` option, and the snapshot that it names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from wikiagent.cli.app import Shell
from wikiagent.config import Settings
from wikiagent.errors import ConfigError, SourceError
from wikiagent.source.origin import Folder, Package, Repository, parse_source
from wikiagent.source.snapshot import Snapshot

SourceOption: TypeAlias = Annotated[
    str | None, typer.Option("--source", help="A folder, pypi:NAME==VERSION or git+URL@REV; wins over the settings.")
]


def snapshot_of(shell: Shell, settings: Settings, without: Iterable[Path] = ()) -> Snapshot:
    """The snapshot of the source that the settings name, fetched where it is not in the store.

    Args:
        shell: what the global options say.
        settings: the settings; the wiki that they name is no part of the source.
        without: other folders and files that are none either.

    Raises:
        ConfigError: no source is named.
        SourceError, RemoteError: the source cannot be had.
    """
    from wikiagent.source.fetch import fetch

    if not settings.source.location:
        raise ConfigError("No source is named. Pass --source, or set [source] location in wikiagent.toml.")
    left_out = [*without, *([settings.wiki.path] if settings.wiki.path else [])]
    with shell.console.status("Reading the source ...") as status:
        return fetch(settings.source.location, settings.store, without=left_out, progress=status.update)


def mined(settings: Settings, snapshot: Snapshot) -> tuple[str, ...]:
    """The files of a snapshot that are mined.

    Raises:
        SourceError: there is no Python file among them.
    """
    paths = snapshot.select(settings.source.include, settings.source.exclude)
    if not any(path.endswith(".py") for path in paths):
        raise SourceError(
            f"{snapshot.source} has no Python file to mine among its {len(snapshot.files)} files. Name another source, "
            "or set include and exclude under [source]."
        )
    return paths


def same_but_revision(one: str, other: str) -> bool:
    """Whether two source strings name the same package, repository or folder, at whatever revision."""

    def identity(source: str) -> tuple[type, str | Path]:
        parsed: Folder | Package | Repository = parse_source(source)
        if isinstance(parsed, Package):
            return Package, parsed.name
        return (Repository, parsed.url) if isinstance(parsed, Repository) else (Folder, parsed.path.resolve())

    return identity(one) == identity(other)
