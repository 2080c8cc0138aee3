from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from wikiagent.errors import SourceError
from wikiagent.source.archive import extract

Change = Callable[[tarfile.TarInfo], None]


def make_tar(path: Path, *members: tuple[str, bytes, Change | None], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for name, content, change in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            if change:
                change(member)
            tar.addfile(member, io.BytesIO(content))
    return path


def kind(type_: bytes, target: str = "") -> Change:
    def change(member: tarfile.TarInfo) -> None:
        member.type, member.linkname = type_, target

    return change


def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "in/to"
    folder.mkdir(parents=True)
    return folder


def written(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("suffix", "mode"), [("tar.gz", "w:gz"), ("tgz", "w:gz"), ("tar.bz2", "w:bz2"), ("tar.xz", "w:xz")]
)
def test_each_kind_of_tar(tmp_path: Path, suffix: str, mode: str) -> None:
    archive = make_tar(tmp_path / f"a-1.{suffix}", ("./a-1/x\\y.py", b"x\r\n\xff", None), mode=mode)
    assert extract(archive, into := empty(tmp_path)) == ()
    assert (into / "a-1/x\\y.py").read_bytes() == b"x\r\n\xff"


def test_zip(tmp_path: Path) -> None:
    archive = tmp_path / "a-1.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("a-1/", "")
        bundle.writestr("a-1/x.py", "x\n")
        link = zipfile.ZipInfo("a-1/link")
        link.external_attr = 0o120777 << 16
        bundle.writestr(link, "/etc/passwd")
    assert extract(archive, into := empty(tmp_path)) == ("a-1/link",)
    assert written(into) == ["a-1/x.py"]


@pytest.mark.parametrize("name", ["/abs.py", "../out.py", "a/../../out.py", "a/..", "C:/x.py", "..\\out.py", "\\x.py"])
@pytest.mark.parametrize("form", ["tar", "zip"])
def test_a_path_out_of_the_tree_is_refused(tmp_path: Path, name: str, form: str) -> None:
    if form == "tar":
        archive = make_tar(tmp_path / "evil.tar.gz", (name, b"x", None))
    else:
        archive = tmp_path / "evil.zip"
        with zipfile.ZipFile(archive, "w") as bundle:
            bundle.writestr(name, "x")
    with pytest.raises(SourceError, match="not safe"):
        extract(archive, empty(tmp_path))
    assert written(tmp_path) == [archive.name]


def test_links_are_left_out_and_nothing_is_written_through_them(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    archive = make_tar(
        tmp_path / "evil.tar.gz",
        ("a/link", b"", kind(tarfile.SYMTYPE, str(outside))),
        ("a/link/owned.py", b"x", None),
        ("a/hard", b"", kind(tarfile.LNKTYPE, "../../../etc/passwd")),
    )
    assert extract(archive, into := empty(tmp_path)) == ("a/link", "a/hard")
    assert written(into) == ["a/link/owned.py"]
    assert written(outside) == []


@pytest.mark.parametrize("type_", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_devices_are_refused(tmp_path: Path, type_: bytes) -> None:
    with pytest.raises(SourceError, match="device"):
        extract(make_tar(tmp_path / "evil.tar.gz", ("a/dev", b"", kind(type_))), empty(tmp_path))


@pytest.mark.parametrize("form", ["tar.gz", "tar.xz", "zip"])
def test_a_bomb_is_stopped_before_it_is_written(tmp_path: Path, form: str) -> None:
    archive = tmp_path / f"bomb.{form}"
    zeros = bytes(30_000_000)
    if form == "zip":
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.writestr("a/zeros", zeros)
    else:
        make_tar(archive, ("a/zeros", zeros, None), mode=f"w:{form[4:]}")
    with pytest.raises(SourceError, match="more than 1,000,000 bytes"):
        extract(archive, into := empty(tmp_path), max_size=1_000_000)
    assert sum(path.stat().st_size for path in into.rglob("*") if path.is_file()) <= 1_000_000


def test_a_bomb_in_the_headers_is_stopped(tmp_path: Path) -> None:
    archive = tmp_path / "bomb.tar.gz"
    with tarfile.open(archive, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        member = tarfile.TarInfo("a/x")
        member.pax_headers = {"comment": "z" * 5_000_000}
        tar.addfile(member)
    with pytest.raises(SourceError, match="headers of more than"):
        extract(archive, empty(tmp_path))


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    archive = make_tar(tmp_path / "many.tar.gz", *((f"a/{number}", b"", None) for number in range(11)))
    with pytest.raises(SourceError, match="more than 10 files"):
        extract(archive, empty(tmp_path), max_members=10)


@pytest.mark.parametrize("suffix", ["tar.gz", "tar.bz2", "tar.xz", "zip", "exe", "tgz"])
def test_what_is_no_archive_is_said_to_be_none(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"page.{suffix}"
    file.write_text("<html>Please log in</html>")
    with pytest.raises(SourceError, match=r"page\."):
        extract(file, empty(tmp_path))


def test_an_archive_that_ends_early(tmp_path: Path) -> None:
    archive = make_tar(tmp_path / "a.tar.gz", ("a/x", bytes(range(256)) * 4000, None))
    archive.write_bytes(archive.read_bytes()[:-500])
    with pytest.raises(SourceError, match=r"a\.tar\.gz"):
        extract(archive, empty(tmp_path))


def test_a_file_where_a_folder_is_needed(tmp_path: Path) -> None:
    archive = make_tar(tmp_path / "a.tar.gz", ("a", b"x", None), ("a/b", b"y", None))
    with pytest.raises(SourceError, match="cannot be unpacked"):
        extract(archive, empty(tmp_path))


def test_a_hundred_thousand_members_are_too_many(tmp_path: Path) -> None:
    archive = tmp_path / "many.tar.gz"
    with gzip.open(archive, "wb", compresslevel=1) as out:
        for number in range(100_001):
            member = tarfile.TarInfo(f"a/{number}")
            member.type = tarfile.SYMTYPE if number % 2 else tarfile.DIRTYPE  # nothing that takes long to write
            out.write(member.tobuf())
    with pytest.raises(SourceError, match="more than 100,000 files"):
        extract(archive, into := empty(tmp_path))
    assert written(into) == []


def test_ten_gigabytes_of_gzip_are_not_read(tmp_path: Path) -> None:
    """A member after the other makes one stream: a megabyte of zeros ten thousand times is ten real gigabytes."""
    member = tarfile.TarInfo("a/zeros")
    member.size = 10_000_000_000
    archive = tmp_path / "bomb.tar.gz"
    archive.write_bytes(gzip.compress(member.tobuf()) + gzip.compress(bytes(1_000_000)) * 10_000)
    with pytest.raises(SourceError, match="holds more than 5,000,000 bytes"):
        extract(archive, into := empty(tmp_path), max_size=5_000_000)
    assert sum(path.stat().st_size for path in into.rglob("*") if path.is_file()) <= 5_000_000


def zip_of(declared: int, packed: bytes) -> bytes:
    """A zip of one deflated file that states any size."""
    about = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, 0, len(packed), declared, 7, 0)
    local = b"PK\3\4" + about + b"a/zeros" + packed
    central = b"PK\1\2" + struct.pack("<H", 20) + about + struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"a/zeros"
    return local + central + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


@pytest.mark.parametrize("declared", [4_294_967_294, 100])
def test_a_zip_that_holds_more_than_it_may_or_says(tmp_path: Path, declared: int) -> None:
    press = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = press.compress(bytes(1_000_000)) + press.flush(zlib.Z_FULL_FLUSH)
    archive = tmp_path / "bomb.zip"
    archive.write_bytes(zip_of(declared, block * 10_000))
    with pytest.raises(SourceError):
        extract(archive, into := empty(tmp_path), max_size=5_000_000)
    assert sum(path.stat().st_size for path in into.rglob("*") if path.is_file()) <= 5_000_000


def test_names_that_differ_in_case_are_two_files(tmp_path: Path) -> None:
    archive = make_tar(tmp_path / "a.tar.gz", ("a/X.py", b"1", None), ("a/x.py", b"2", None))
    extract(archive, into := empty(tmp_path))
    if not (tmp_path / "IN").exists():  # elsewhere the second takes the place of the first, as in every tool
        assert [(into / "a" / name).read_bytes() for name in ("X.py", "x.py")] == [b"1", b"2"]
