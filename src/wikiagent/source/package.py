"""Released packages: the source archive (sdist) of one version, looked up where pip would look and verified.

Not through `pip download`: that runs the package's own build code to learn its metadata.
"""

from __future__ import annotations

import bisect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from urllib.request import url2pathname

import requests
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
from pypi_simple import (
    DigestMismatchError,
    DistributionPackage,
    Link,
    NoDigestsError,
    NoSuchProjectError,
    ProjectPage,
    PyPISimple,
    UnsupportedRepoVersionError,
)

from wikiagent.errors import RemoteError, SourceError
from wikiagent.source.archive import Budget, extract, only_folder
from wikiagent.source.home import stated
from wikiagent.source.origin import Package, local_path
from wikiagent.source.pip_settings import PipSettings
from wikiagent.source.session import open_session, reachable

Listing = Callable[[], list[DistributionPackage]]


def fetch_package(package: Package, pip: PipSettings, into: Path, progress: Callable[[str], None]) -> Path:
    """Download, verify and unpack the sdist of a package into an empty folder.

    Args:
        package: what to fetch.
        pip: where to look.
        into: an empty folder.
        progress: told before each long step.

    Returns:
        The folder that holds the package's files, below `into`.

    Raises:
        SourceError: no such package, version or sdist, or the archive is not safe.
        RemoteError: an index failed, or the archive is not the one that the index names.
    """
    with open_session(pip) as session:
        progress(f"Looking up {package.name} {package.version} ...")
        sdist = _find(package, session, pip)
        archive = into / Path(sdist.filename).name
        progress(f"Downloading {archive.name} ...")
        _download(sdist, archive, session, pip.timeout)
    progress(f"Unpacking {archive.name} ...")
    tree = into / "tree"
    tree.mkdir()
    if links := extract(archive, tree):
        progress(f"Left out {len(links)} links of {archive.name}: {', '.join(links[:3])}")
    root = only_folder(tree)
    _refuse_other(package, root, archive.name)
    return root


def _refuse_other(package: Package, root: Path, archive: str) -> None:
    """Refuse an archive whose own metadata says that it is another package, or another version.

    Raises:
        SourceError: it does.
    """
    name, version = stated(root)
    if name and canonicalize_name(name) != package.name:
        raise SourceError(f"{archive} says that it is {name}, not {package.name}, so it was not used.")
    try:
        other = version and Version(version) != package.version
    except InvalidVersion:
        return
    if other:
        raise SourceError(f"{archive} says that it is version {version}, not {package.version}, so it was not used.")


def _find(package: Package, session: requests.Session, pip: PipSettings) -> DistributionPackage:
    """The sdist, from the first place that has it."""
    seen: list[DistributionPackage] = []
    failures: list[str] = []
    for place, listing in _places(package.name, session, pip):
        try:
            files = listing()
        except NoSuchProjectError:
            continue
        except requests.RequestException as error:
            failures.append(f"{_shown(place)} failed ({_why(error)})")
            continue
        except (ValueError, UnsupportedRepoVersionError):
            failures.append(f"{_shown(place)} does not answer as a package index")
            continue
        seen += [file for file in files if canonicalize_name(file.project or "") == package.name]
        for file in seen:
            if file.package_type == "sdist" and _version(file) == package.version:
                return file
    if failures:
        raise RemoteError(
            f"{package} was not found, and not every index could be asked: {'; '.join(failures)}. "
            "Check the network and pip's settings (`pip config list`), then try again."
        )
    raise SourceError(_not_found(package, seen))


def _places(name: str, session: requests.Session, pip: PipSettings) -> Iterator[tuple[str, Listing]]:
    """Each place to look at, find-links first, with the function that lists its files."""
    for link in pip.find_links:
        yield link, lambda link=link: _find_links(name, link, session, pip)  # type: ignore[misc]
    for url in pip.indexes:
        yield url, lambda url=url: _project_page(name, url, session, pip)  # type: ignore[misc]


def _project_page(name: str, index: str, session: requests.Session, pip: PipSettings) -> list[DistributionPackage]:
    client = PyPISimple(reachable(index, pip), session=session)
    return client.get_project_page(name, timeout=pip.timeout).packages


def _find_links(name: str, link: str, session: requests.Session, pip: PipSettings) -> list[DistributionPackage]:
    """The files of a find-links location: a folder or a page. One that does not exist has none, as in pip."""
    path = _path_of(link)
    if path and path.is_dir():
        links = [Link(text=file.name, url=file.resolve().as_uri(), attrs={}) for file in sorted(path.iterdir())]
        return [DistributionPackage.from_link(link, name) for link in links]
    if path and not path.exists():
        return []
    url = path.resolve().as_uri() if path else reachable(link, pip)
    answer = session.get(url, timeout=pip.timeout)
    answer.raise_for_status()
    return ProjectPage.from_response(answer, name).packages


def _download(sdist: DistributionPackage, target: Path, session: requests.Session, timeout: float) -> None:
    """Download a file and verify its hash; only a file of this machine may come without one."""
    client = PyPISimple(session=session)
    verify = bool(sdist.digests) or not sdist.url.startswith("file:")
    try:
        client.download_package(sdist, target, verify=verify, timeout=timeout, progress=_Bounded)
    except NoDigestsError as error:
        raise SourceError(
            f"{_shown(sdist.url)} has no hash on its index, so it cannot be verified. "
            "Download it yourself and name its folder in PIP_FIND_LINKS, or use an index that gives hashes."
        ) from error
    except DigestMismatchError as error:
        raise RemoteError(
            f"{_shown(sdist.url)} does not have the {error.algorithm} that the index states, so it was not used. "
            "Try again; if it stays so, tell who runs the index."
        ) from error
    except requests.RequestException as error:
        raise RemoteError(
            f"{_shown(sdist.url)} cannot be downloaded ({_why(error)}). Check the network and try again."
        ) from error


class _Bounded(AbstractContextManager["_Bounded", None]):
    """Ends a download that is larger than any source may be."""

    def __exit__(self, *_: object) -> None:
        """Nothing stays open."""

    def __init__(self, size: int | None) -> None:
        self._budget = Budget("The archive")
        if size:
            self._budget.spend(size)
            self._budget.size = 0

    def update(self, increment: int) -> None:
        self._budget.spend(increment)


def _not_found(package: Package, seen: list[DistributionPackage]) -> str:
    """Why there is no sdist, with what there is instead."""
    if not seen:
        return f"No index that pip is configured for has a package named {package.name!r}. Check how it is spelled."
    with_sdist = sorted({version for file in seen if file.package_type == "sdist" and (version := _version(file))})
    if not with_sdist:
        return f"{package.name} is published without source archives; use its repository instead: `git+URL@REV`."
    at = bisect.bisect(with_sdist, package.version)
    near = ", ".join(map(str, with_sdist[max(0, at - 3) : at + 3]))
    if any(_version(file) == package.version for file in seen):
        return f"{package.name} {package.version} is published without a source archive; versions with one: {near}."
    return f"{package.name} has no version {package.version}; close to it: {near}; the newest: {with_sdist[-1]}."


def _why(error: requests.RequestException) -> str:
    return type(error).__name__ if error.response is None else f"status {error.response.status_code}"


def _version(file: DistributionPackage) -> Version | None:
    try:
        return Version(file.version or "")
    except InvalidVersion:
        return None


def _path_of(link: str) -> Path | None:
    """The path that a find-links location on this machine has, else None."""
    if link.startswith("file:"):
        return Path(url2pathname(urlsplit(link).path))
    return None if "://" in link else local_path(link)


def _shown(url: str) -> str:
    """A URL without user name and password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))
