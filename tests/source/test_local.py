from __future__ import annotations

from pathlib import Path

import pytest

from tests.source.conftest import git
from wikiagent.errors import SourceError
from wikiagent.source import local
from wikiagent.source.fetch import fetch
from wikiagent.source.snapshot import Snapshot


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that is no checkout, with things that are not source."""
    folder = tmp_path / "my project"
    for path in ("a.py", "pkg/b.py", ".venv/x.py", "env/pyvenv.cfg", "env/lib/y.py", "pkg/__pycache__/b.pyc", ".hg/z"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"# {path}\n")
    (folder / "out.py").symlink_to("/etc/passwd")
    (folder / "etc").symlink_to("/etc")
    (folder / "loop").symlink_to("loop")
    return folder


def test_a_folder(folder: Path, tmp_path: Path) -> None:
    snapshot = fetch(str(folder), tmp_path / "store")
    assert snapshot.files == ("a.py", "pkg/b.py")
    assert snapshot.revision == snapshot.digest[:12]
    assert snapshot.source == f"path:my-project@{snapshot.revision}"
    assert str(tmp_path) not in snapshot.source
    assert fetch(snapshot.source, tmp_path / "store") == snapshot


def test_a_snapshot_does_not_change_with_its_folder(folder: Path, tmp_path: Path) -> None:
    before = fetch(str(folder), tmp_path / "store")
    (folder / "a.py").write_text("changed\n")
    after = fetch(str(folder), tmp_path / "store")
    assert before.read("a.py") == b"# a.py\n"
    assert after.read("a.py") == b"changed\n"
    assert before.revision != after.revision
    assert (before.root / "a.py").stat().st_mode & 0o222 == 0


def test_the_store_and_the_wiki_are_no_source(folder: Path) -> None:
    store, wiki = folder / "store", folder / "wiki"
    wiki.mkdir()
    first = fetch(str(folder), store, without=[wiki])
    (wiki / "page.md").write_text("text")
    assert fetch(str(folder), store, without=[wiki]) == first
    assert first.files == ("a.py", "pkg/b.py")


def test_a_snapshot_can_be_named_by_its_folder(peft: Snapshot, tmp_path: Path) -> None:
    assert fetch(str(peft.root), tmp_path) == peft


def test_a_clean_checkout_has_its_commit_and_is_the_same_as_through_git(repository: Path, tmp_path: Path) -> None:
    (repository / "ignored.py").write_text("")
    snapshot = fetch(str(repository), tmp_path / "store")
    assert snapshot.revision == git(repository, "rev-parse", "HEAD")
    assert snapshot.files == (".gitignore", "src/a.py")
    assert fetch(f"git+{repository.as_uri()}@main", tmp_path / "other").digest == snapshot.digest


def test_a_wiki_that_is_committed_beside_the_source_does_not_take_its_commit(repository: Path, tmp_path: Path) -> None:
    (repository / "wiki").mkdir()
    (repository / "wiki/page.md").write_text("a page")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "the wiki")
    snapshot = fetch(str(repository), tmp_path / "store", without=[repository / "wiki"])
    assert snapshot.revision == git(repository, "rev-parse", "HEAD")
    assert snapshot.files == (".gitignore", "src/a.py")


@pytest.mark.parametrize("mark", ["ledger.sqlite", "sources/zoo@1.0.json"])
def test_a_store_of_any_name_is_no_source(folder: Path, tmp_path: Path, mark: str) -> None:
    before = fetch(str(folder), tmp_path / "store")
    (folder / "left/sources/zoo@1.0").mkdir(parents=True)
    (folder / "left/sources/zoo@1.0/zoo.py").write_text("")
    (folder / "left" / mark).write_text("{}")
    assert fetch(str(folder), tmp_path / "store").files == before.files


@pytest.mark.parametrize("change", ["modified", "untracked", "deleted"])
def test_a_checkout_with_changes_has_a_digest(repository: Path, tmp_path: Path, change: str) -> None:
    if change == "deleted":
        (repository / "src/a.py").unlink()
    else:
        (repository / {"modified": "src/a.py", "untracked": "new.py"}[change]).write_text("x\n")
    snapshot = fetch(str(repository), tmp_path / "store")
    assert snapshot.revision == snapshot.digest[:12]
    assert snapshot.has("new.py") == (change == "untracked")


def test_a_part_of_a_checkout_has_a_digest(repository: Path, tmp_path: Path) -> None:
    snapshot = fetch(str(repository / "src"), tmp_path / "store")
    assert (snapshot.files, snapshot.revision) == (("a.py",), snapshot.digest[:12])


def test_an_ignored_folder_of_a_checkout_is_a_plain_folder(repository: Path, tmp_path: Path) -> None:
    (repository / ".gitignore").write_text("unpacked/\n")
    (repository / "unpacked").mkdir()
    (repository / "unpacked/x.py").write_text("")
    assert fetch(str(repository / "unpacked"), tmp_path / "store").files == ("x.py",)


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("pyproject.toml", '[project]\nname = "zoo-keeper"', "zoo-keeper"),
        ("setup.cfg", "[metadata]\nname = zoo-keeper", "zoo-keeper"),
        ("setup.py", "import setuptools\nsetuptools.setup(version='1', name='zoo-keeper')", "zoo-keeper"),
        ("setup.py", "NAME = 'zoo-keeper'\nsetup(name=NAME)", "folder"),
        ("setup.py", "setup(name='zoo-keeper'", "folder"),
        ("setup.cfg", "name = zoo-keeper", "folder"),
        ("pyproject.toml", "[project]\nname = '../zoo keeper'", "folder"),
    ],
)
def test_the_name_is_that_of_the_distribution(tmp_path: Path, file: str, text: str, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / file).write_text(text)
    snapshot = fetch(str(tmp_path / "folder"), tmp_path / "store")
    assert (snapshot.name, snapshot.source) == (name, f"path:{name}@{snapshot.revision}")


def test_a_very_large_file_is_left_out(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "MAX_FILE", 100)
    (folder / "big.py").write_text("#" * 101)
    assert not fetch(str(folder), tmp_path / "store").has("big.py")


def test_the_home_is_what_the_project_says(folder: Path, tmp_path: Path) -> None:
    (folder / "pyproject.toml").write_text(
        '[project.urls]\nDocs = "https://d"\n"Source Code" = "https://me:pw@example.org/n"\nHomepage = "https://h"\n'
    )
    assert fetch(str(folder), tmp_path / "store").url == "https://example.org/n"
    (folder / "pyproject.toml").write_text('[project.urls]\nSource = "javascript:alert(1)"\n')
    assert fetch(str(folder), tmp_path / "store").url is None


@pytest.mark.parametrize(
    ("name", "words"), [("missing", "does not exist"), ("file.py", "is a file"), ("empty", "no source")]
)
def test_what_is_no_folder_of_source(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "file.py").write_text("")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match=words):
        fetch(str(tmp_path / name), tmp_path / "store")
