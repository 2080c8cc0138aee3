"""`wikiagent export` as it is called: what it writes, what it says, one sentence where it cannot."""

from __future__ import annotations

import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.end_to_end.conftest import bytes_of
from wikiagent.cli import main

ZOO = Path(__file__).parents[1] / "docs" / "zoo" / "wiki"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder beside a wiki."""
    shutil.copytree(ZOO, tmp_path / "zoo")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr("sys.argv", ["wikiagent", "export", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    out = capsys.readouterr()
    return int(ended.value.code or 0), out.out, out.err


@pytest.mark.parametrize(
    ("form", "output", "one"),
    [("markdown", "zoo-markdown", "docs/heuristics/zoo_Greed.md"), ("html", "zoo-html", "heuristics/zoo_Greed.html")],
)
def test_folders_are_named_like_the_wiki(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], form: str, output: str, one: str
) -> None:
    before = bytes_of(here.parent / "zoo")
    status, out, _ = call(monkeypatch, capsys, "--format", form, "--wiki", "../zoo")
    assert status == 0
    assert out.startswith("7 pages, ")
    assert out.endswith(f" files in {output}\n")
    assert (here / output / one).is_file()
    assert bytes_of(here.parent / "zoo") == before


def test_a_dump_is_a_file(here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    page = here.parent / "zoo" / "heuristics" / "zoo_Greed.md"
    page.write_bytes(page.read_bytes() + b"\x01\xff")
    status, out, err = call(monkeypatch, capsys, "--format", "mediawiki-xml", "--wiki", "../zoo", "--output", "a/b.xml")
    assert status == 0
    assert "pages in a/b.xml" in out
    assert "2 characters that XML does not allow are written as �" in err
    assert ElementTree.parse(here / "a" / "b.xml").getroot().tag.endswith("mediawiki")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--wiki", "../nowhere"], "there is no such wiki. Name its folder with --wiki."),
        (["--wiki", "."], "has no pages to export."),
        (["--wiki", "../zoo", "--output", "../zoo/site"], "lie in each other"),
        (["--wiki", "../zoo", "--output", "file"], "is a file; name a folder with --output."),
        (["--wiki", "../zoo", "--output", "full"], "holds files that are no export"),
        (["--wiki", "../zoo", "--output", "file/site"], "cannot be written"),
        (["--wiki", "file"], "file is a file; a wiki is a folder."),
        ([], "No wiki is named."),
    ],
)
def test_mistakes_end_in_a_sentence(
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    (here / "file").write_text("mine")
    (here / "full").mkdir()
    (here / "full" / "mine").write_text("mine")
    before = bytes_of(here.parent)
    status, out, err = call(monkeypatch, capsys, "--format", "html", *arguments)
    assert status == 2
    assert out == ""
    assert sentence in err
    assert "Traceback" not in err
    assert bytes_of(here.parent) == before
