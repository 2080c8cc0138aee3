"""What a source string means: a folder, a package at a version, or a git repository at a revision."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

from wikiagent.errors import SourceError

FORMS = (
    "Write a folder (`.`), a package (`pypi:peft==0.18.1`) or a repository (`git+https://github.com/owner/name@v1.0`)."
)
GIT_SCHEMES = ("https", "http", "ssh", "file")


@dataclass(frozen=True)
class Folder:
    """A folder on this machine."""

    path: Path


@dataclass(frozen=True)
class Package:
    """A released package: its normalized name and its version."""

    name: str
    version: Version

    def __str__(self) -> str:
        return f"pypi:{self.name}=={self.version}"


@dataclass(frozen=True)
class Repository:
    """A git repository at a branch, tag or commit.

    Attributes:
        url: the repository, free of user name and password (`ssh` keeps the user name, which is no secret).
        rev: branch, tag or full commit.
        login: user name and password that an `http(s)` URL carried; never stored or shown.
    """

    url: str
    rev: str
    login: tuple[str, str] | None = None

    def __str__(self) -> str:
        return f"git+{self.url}@{self.rev}"

    def __repr__(self) -> str:
        return f"Repository({str(self)!r})"

    @property
    def name(self) -> str:
        """Short name: the last part of the URL without `.git`."""
        return slug(unquote(urlsplit(self.url).path).rstrip("/").rpartition("/")[2].removesuffix(".git"))


def parse_source(source: str) -> Folder | Package | Repository:
    """Read a source string.

    Raises:
        SourceError: the string has none of the three forms.
    """
    if source.startswith("pypi:"):
        return _package(source)
    if source.startswith("git+"):
        return _repository(source)
    if not source.strip() or "\0" in source or "://" in source or re.match(r"[\w.-]+==", source):
        raise SourceError(f"{without_login(source)!r} is no source. {FORMS}")
    return Folder(local_path(source))


def local_path(text: str) -> Path:
    """`text` as a path, with `~` for a home folder where there is such a home."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def slug(name: str) -> str:
    """`name` as it stands in folder names: letters, digits, dots, dashes and underscores."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "source"


def without_login(source: str) -> str:
    """A text in which no URL shows a user name or a password."""
    return re.sub(r"://[^/\s]*@", "://", source)


def _package(source: str) -> Package:
    name, equals, version = source.removeprefix("pypi:").partition("==")
    if not equals:
        raise SourceError(f"{source!r} names no version. Add it: `pypi:{name or 'peft'}==VERSION`.")
    try:
        return Package(canonicalize_name(name.strip(), validate=True), Version(version))
    except (InvalidName, InvalidVersion) as error:
        raise SourceError(f"{source!r} is no package at one version: {error}. Write `pypi:peft==0.18.1`.") from error


def _repository(source: str) -> Repository:
    try:
        parts = urlsplit(source.removeprefix("git+"))
        port_is_valid = parts.port != 0
    except ValueError as error:
        raise SourceError(f"{without_login(source)!r} is no URL: {error}. {FORMS}") from error
    path, at, rev = parts.path.rpartition("@")
    if parts.scheme not in GIT_SCHEMES:
        raise SourceError(
            f"{without_login(source)!r} is no repository that can be fetched; use one of "
            + ", ".join(f"git+{scheme}://" for scheme in GIT_SCHEMES)
            + "."
        )
    if not at or not rev:
        raise SourceError(f"{without_login(source)!r} names no revision. Add a branch, tag or commit: `…@main`.")
    _refuse_options(source, rev, parts.hostname or "", parts.username or "")
    hosted = parts.scheme == "file" or (parts.hostname and port_is_valid)
    if parts.query or parts.fragment or not path.strip("/") or not hosted:
        raise SourceError(f"{without_login(source)!r} is no plain repository URL. {FORMS}")
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme == "ssh" and parts.username:
        host = f"{parts.username}@{host}"
    url = urlunsplit((parts.scheme, host, path, "", ""))
    login = None
    if parts.username and parts.scheme.startswith("http"):
        login = (unquote(parts.username), unquote(parts.password or ""))
    return Repository(url, rev, login)


def _refuse_options(source: str, rev: str, host: str, user: str) -> None:
    """Refuse what git or ssh would read as an option or as more than one word."""
    unfit = re.search(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{", rev)
    if unfit or any(word.startswith("-") for word in (rev, host, user)):
        raise SourceError(f"{without_login(source)!r} does not end in a branch, tag or commit that git allows.")
