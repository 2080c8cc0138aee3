"""Where exports are written: as a whole or not at all, never over what somebody else wrote."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from wikiagent.errors import ExportError
from wikiagent.export.output import MARKER, write_dump, write_folder

FILES = [("index.html", b"1"), ("a/b.html", b"2")]
DUMP = b"<mediawiki><siteinfo><generator>wikiagent</generator></siteinfo></mediawiki>"


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    folder = tmp_path / "wiki"
    folder.mkdir()
    return folder


def seen(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_second_export_replaces_the_first(tmp_path: Path, wiki: Path) -> None:
    output = tmp_path / "deep" / "site"
    assert write_folder(output, FILES, wiki) == 2
    assert write_folder(output, [("index.html", b"3"), ("c", b"4")], wiki) == 2
    assert seen(output) == {"index.html", "c", MARKER}
    assert (output / "index.html").read_bytes() == b"3"


def test_what_stands_beside_an_export_stays(tmp_path: Path, wiki: Path) -> None:
    write_folder(tmp_path / "site", FILES, wiki)
    (tmp_path / "site" / ".git").mkdir()
    (tmp_path / "site" / ".git" / "HEAD").write_text("ref")
    write_folder(tmp_path / "site", FILES, wiki)
    assert seen(tmp_path / "site") == {"index.html", "a/b.html", MARKER, ".git/HEAD"}
    (tmp_path / "site" / "c").write_text("mine")
    with pytest.raises(ExportError, match="is no part of an export"):
        write_folder(tmp_path / "site", [("c", b"4")], wiki)
    assert (tmp_path / "site" / "c").read_text() == "mine"
    assert (tmp_path / "site" / "index.html").read_bytes() == b"1"


def test_a_folder_with_other_files_is_refused(tmp_path: Path, wiki: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("all of it")
    with pytest.raises(ExportError, match="holds files that are no export"):
        write_folder(tmp_path / "mine", FILES, wiki)
    assert seen(tmp_path / "mine") == {"thesis.txt"}


@pytest.mark.parametrize("where", ["wiki", "wiki/site", "."])
def test_the_wiki_is_never_written(tmp_path: Path, wiki: Path, where: str) -> None:
    for write in (
        lambda: write_folder(tmp_path / where, FILES, wiki),
        lambda: write_dump(tmp_path / where, DUMP, wiki),
    ):
        with pytest.raises(ExportError, match="lie in each other"):
            write()
    assert seen(wiki) == set()


def test_a_link_into_the_wiki_is_no_way_in(tmp_path: Path, wiki: Path) -> None:
    (tmp_path / "link").symlink_to(wiki)
    with pytest.raises(ExportError, match="lie in each other"):
        write_folder(tmp_path / "link" / "site", FILES, wiki)


def test_a_file_is_no_folder_and_a_folder_no_file(tmp_path: Path, wiki: Path) -> None:
    (tmp_path / "file").write_text("a")
    with pytest.raises(ExportError, match="is a file"):
        write_folder(tmp_path / "file", FILES, wiki)
    with pytest.raises(ExportError, match="cannot be written"):
        write_folder(tmp_path / "file" / "below", FILES, wiki)
    (tmp_path / "folder").mkdir()
    with pytest.raises(ExportError, match="is a folder"):
        write_dump(tmp_path / "folder", DUMP, wiki)


def test_a_dump_replaces_a_dump_and_nothing_else(tmp_path: Path, wiki: Path) -> None:
    output = tmp_path / "deep" / "wiki.xml"
    write_dump(output, DUMP, wiki)
    write_dump(output, DUMP + b"2", wiki)
    assert output.read_bytes() == DUMP + b"2"
    assert os.listdir(output.parent) == ["wiki.xml"]  # noqa: PTH208
    output.write_text("mine")
    with pytest.raises(ExportError, match="is no dump by wikiagent"):
        write_dump(output, DUMP, wiki)
    assert output.read_text() == "mine"


def failing() -> Iterator[tuple[str, bytes]]:
    yield "index.html", b"new"
    raise OSError(28, "No space left on device")


def test_an_export_that_fails_leaves_what_was_there(tmp_path: Path, wiki: Path) -> None:
    output = tmp_path / "site"
    with pytest.raises(ExportError, match="No space left on device"):
        write_folder(output, failing(), wiki)
    assert not output.exists()
    write_folder(output, FILES, wiki)
    with pytest.raises(ExportError, match="No space left on device"):
        write_folder(output, failing(), wiki)
    assert seen(output) == {"index.html", "a/b.html", MARKER}
    assert (output / "index.html").read_bytes() == b"1"


@pytest.mark.parametrize("fails_at", range(1, 5))
def test_a_swap_that_fails_is_taken_back(
    tmp_path: Path, wiki: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    output = tmp_path / "site"
    write_folder(output, FILES, wiki)
    real, calls = Path.rename, []

    def rename(self: Path, target: Path) -> Path:
        calls.append(self)
        if len(calls) == fails_at:
            raise OSError(5, "Input/output error")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(ExportError, match="Input/output error"):
        write_folder(output, [("index.html", b"new"), ("a/b.html", b"new")], wiki)
    monkeypatch.undo()
    assert seen(output) == {"index.html", "a/b.html", MARKER}
    assert (output / "index.html").read_bytes() == b"1"
    assert (output / "a" / "b.html").read_bytes() == b"2"
    write_folder(output, [("index.html", b"new")], wiki)
    assert (output / "index.html").read_bytes() == b"new"


def test_a_damaged_marker_is_no_licence(tmp_path: Path, wiki: Path) -> None:
    output = tmp_path / "site"
    write_folder(output, FILES, wiki)
    (output / MARKER).write_text("[]")
    with pytest.raises(ExportError, match="is damaged"):
        write_folder(output, FILES, wiki)
    (output / MARKER).write_text('{"files": ["..", "../wiki", "a/b.html"]}')
    with pytest.raises(ExportError, match="no part of an export"):
        write_folder(output, FILES, wiki)
    assert wiki.is_dir()
