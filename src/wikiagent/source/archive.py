"""Safe extraction: regular files at paths inside the tree and within limits, and nothing else, reach the disk.

An archive is read as a stream and each limit is checked before the byte that would pass it is written. What Python's
`tarfile` data filter allows and this does not: links are left out, absolute paths are refused instead of rewritten.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from wikiagent.errors import SourceError

MAX_BYTES = 1 << 30
MAX_MEMBERS = 100_000
_CHUNK = 1 << 16
_HEADERS = 1 << 13  # bytes of headers and padding that a member of a tar file may need
_AHEAD = 1 << 20  # bytes that are read before the first member, or ahead of one
_OPENERS: dict[str, Callable[[Path], IO[bytes]]] = {
    ".gz": cast("Callable[[Path], IO[bytes]]", gzip.open),
    ".tgz": cast("Callable[[Path], IO[bytes]]", gzip.open),
    ".bz2": cast("Callable[[Path], IO[bytes]]", bz2.open),
    ".xz": cast("Callable[[Path], IO[bytes]]", lzma.open),
}


@dataclass
class Budget:
    """How much a source may hold, counted while it is written.

    Attributes:
        what: what is being unpacked or copied, for the message.
        max_size: bytes allowed in total.
        max_members: files and folders allowed.
        size, members: what was counted so far.
    """

    what: str
    max_size: int = MAX_BYTES
    max_members: int = MAX_MEMBERS
    size: int = field(default=0, init=False)
    members: int = field(default=0, init=False)

    def member(self) -> None:
        """Count one member.

        Raises:
            SourceError: it is one too many.
        """
        self.members += 1
        if self.members > self.max_members:
            raise SourceError(f"{self.what} has more than {self.max_members:,} files, so nothing of it was kept.")

    def spend(self, size: int) -> None:
        """Count `size` bytes.

        Raises:
            SourceError: they are too many.
        """
        self.size += size
        if self.size > self.max_size:
            raise SourceError(f"{self.what} holds more than {self.max_size:,} bytes, so nothing of it was kept.")


def extract(archive: Path, into: Path, *, max_size: int = MAX_BYTES, max_members: int = MAX_MEMBERS) -> tuple[str, ...]:
    """Unpack an archive (`.tar.gz`, `.tgz`, `.tar.bz2`, `.tar.xz`, `.zip`) into a folder.

    Args:
        archive: the file; its suffix says what it is.
        into: an empty folder.
        max_size: bytes that all files together may have.
        max_members: files, folders and links that the archive may have.

    Returns:
        The names of the links that were left out.

    Raises:
        SourceError: it is no archive, or not safe to unpack. What was written until then is the caller's to remove.
    """
    budget = Budget(archive.name, max_size, max_members)
    try:
        if archive.suffix == ".zip":
            return _extract_zip(archive, into, budget)
        if archive.suffix in _OPENERS:
            with _OPENERS[archive.suffix](archive) as stream:
                return _extract_tar(stream, into, budget)
    except (tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, zlib.error, EOFError, NotImplementedError) as error:
        raise SourceError(f"{archive.name} is no readable archive: {error}.") from error
    except (ValueError, LookupError, struct.error, RuntimeError) as error:  # what damaged headers lead to
        raise SourceError(f"{archive.name} is no readable archive: {error}.") from error
    except OSError as error:  # damaged gzip and bzip2 data as well as a full disk
        raise SourceError(f"{archive.name} cannot be unpacked: {error.strerror or error}.") from error
    raise SourceError(f"{archive.name} is no .tar.gz, .tar.bz2, .tar.xz or .zip archive.")


def inside(name: str, what: str) -> PurePosixPath:
    """The path of a member from the root of its tree.

    Raises:
        SourceError: `name` is absolute, climbs out of the tree or is no file name; `what` holds it.
    """
    if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or "\0" in name or name[1:2] == ":":
        raise SourceError(f"{what} is not safe: the path {name!r} leads out of it. Nothing of it was kept.")
    return PurePosixPath(name)


def write_file(target: Path, content: IO[bytes], budget: Budget) -> None:
    """Write one file of a source, folders above it included, within the budget."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        while chunk := content.read(_CHUNK):
            budget.spend(len(chunk))
            out.write(chunk)


def only_folder(tree: Path) -> Path:
    """The folder that holds the source: the single folder at the top of `tree`, else `tree`."""
    top = list(tree.iterdir())
    return top[0] if len(top) == 1 and top[0].is_dir() else tree


class _Limited:
    """A decompressed stream that ends a bomb early, also one hidden in what never becomes a file (tar headers).

    Python reads a long name or a comment of a header at once: what is read beyond the files so far stays small.
    """

    def __init__(self, stream: IO[bytes], budget: Budget) -> None:
        self._stream = stream
        self._budget = budget
        self._read = 0

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._read += len(data)
        if self._read > self._budget.size + self._budget.members * _HEADERS + _AHEAD:
            raise SourceError(f"{self._budget.what} has headers of more than {_AHEAD:,} bytes. Nothing of it was kept.")
        return data


def _extract_tar(stream: IO[bytes], into: Path, budget: Budget) -> tuple[str, ...]:
    links = []
    with tarfile.open(fileobj=cast("BinaryIO", _Limited(stream, budget)), mode="r|") as tar:
        for member in tar:
            budget.member()
            path = inside(member.name, budget.what)
            if member.issym() or member.islnk():
                links.append(str(path))
            elif member.isreg():
                content = tar.extractfile(member)
                assert content is not None
                write_file(into / path, content, budget)
            elif not member.isdir():
                raise SourceError(f"{budget.what} is not safe: {member.name!r} is a device. Nothing of it was kept.")
    return tuple(links)


def _extract_zip(archive: Path, into: Path, budget: Budget) -> tuple[str, ...]:
    links = []
    with zipfile.ZipFile(archive) as bundle:
        for member in bundle.infolist():
            budget.member()
            path = inside(member.filename, budget.what)
            kind = stat.S_IFMT(member.external_attr >> 16)
            if member.flag_bits & 1:
                raise SourceError(f"{budget.what} is encrypted; it cannot be unpacked.")
            if kind == stat.S_IFLNK:
                links.append(str(path))
            elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise SourceError(f"{budget.what} is not safe: {member.filename!r} is a device. Nothing was kept.")
            elif not member.is_dir():
                with bundle.open(member) as content:
                    write_file(into / path, content, budget)
    return tuple(links)
