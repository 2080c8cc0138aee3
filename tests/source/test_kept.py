from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from wikiagent.errors import SourceError
from wikiagent.source.fetch import fetch
from wikiagent.source.kept import find_snapshot, keep, workspace
from wikiagent.source.snapshot import Snapshot


def test_a_snapshot_is_found_by_its_name_and_by_its_source(peft: Snapshot) -> None:
    store = peft.root.parents[1]
    for text in ("peft@0.18.1", "pypi:peft==0.18.1", "pypi:PEFT==0.18.1"):
        assert find_snapshot(store, text) == peft


@pytest.mark.parametrize("text", ["peft@9", "pypi:peft==9", "", "..", "../sources/peft@0.18.1", "/peft@0.18.1"])
def test_what_was_not_fetched_is_not_found(peft: Snapshot, text: str) -> None:
    assert find_snapshot(peft.root.parents[1], text) is None


def test_a_store_that_is_not_there_has_nothing(tmp_path: Path) -> None:
    assert find_snapshot(tmp_path / "none", "peft@1") is None
    with pytest.raises(SourceError, match="not in the store"):
        fetch("path:peft@1", tmp_path / "none")


@pytest.mark.parametrize("damage", ["{", "[]", '{"name": "a"}'])
def test_a_damaged_record_is_no_snapshot(tmp_path: Path, damage: str) -> None:
    keep_one(tmp_path, "x")
    (tmp_path / "sources/a@1.json").write_text(damage)
    assert find_snapshot(tmp_path, "a@1") is None
    assert keep_one(tmp_path, "y").read("a.py") == b"y"


def keep_one(store: Path, text: str) -> Snapshot:
    with workspace(store) as space:
        tree = space / "tree"
        tree.mkdir()
        (tree / "a.py").write_text(text)
        return keep(store, tree, source="pypi:a==1", name="a", revision="1", url=None, asked="pypi:a==1")


def _many(store: Path) -> None:
    for _ in range(20):
        keep_one(store, "same")


def test_two_processes_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_many, args=(tmp_path,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert find_snapshot(tmp_path, "a@1") is not None
    assert sorted(path.name for path in (tmp_path / "sources").iterdir()) == [".lock", "a@1", "a@1.json"]


def test_a_fetch_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def die() -> None:
        with workspace(tmp_path) as space:
            (space / "half.py").write_text("")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        die()
    assert list((tmp_path / "sources").iterdir()) == []


def test_a_store_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceError, match="--store"), workspace(tmp_path / "file"):
        pass


def test_names_that_no_page_could_cite_are_left_out_and_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    odd = ["line\nend.py", "escape\x1b[2J.py", "turned\u202e.py", "tab\t.py", "tick`.py", "half\udcff.py"]
    with workspace(tmp_path) as space:
        (space / "tree/a").mkdir(parents=True)
        for name in [*odd, "fine [1].py", "gr\u00fcn.py"]:
            (space / "tree/a" / name).write_text("x = 1\n")
        (space / "tree/a/link.py").symlink_to("fine [1].py")
        kept = keep(tmp_path, space / "tree", source="a", name="a", revision="1", url=None, asked="a")
    assert kept.files == ("a/fine [1].py", "a/gr\u00fcn.py")
    assert "6 files are left out, because no page could cite their names: 'a/escape\\x1b[2J.py', " in caplog.text
