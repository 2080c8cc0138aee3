"""The transaction: wholly before or wholly after, whatever fails and when."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from filelock import FileLock

from wikiagent.errors import WikiError
from wikiagent.wiki import edit
from wikiagent.wiki.edit import LOCK, STAGING, apply, recover
from wikiagent.wiki.graph import read_text, read_wiki

BEFORE = {"a.md": "one\r\n", "heuristics/b.md": "two\n", "gone.md": "three\n"}
CHANGES = {"a.md": "ONE\r\n", "new/deep/c.md": "four\n", "gone.md": None, "heuristics/b.md": "two\n"}
AFTER = {"a.md": "ONE\r\n", "heuristics/b.md": "two\n", "new/deep/c.md": "four\n"}


class Crash(BaseException):
    """The machine stops: nothing may catch this."""


@pytest.fixture
def root(tmp_path):
    for file, text in BEFORE.items():
        path = tmp_path / "wiki" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return tmp_path / "wiki"


def contents(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): read_text(path)
        for path in root.rglob("*")
        if path.is_file() and path.name != LOCK
    }


def test_an_edit_changes_what_it_says_and_nothing_else(root):
    assert apply(root, CHANGES, BEFORE) == ("a.md", "gone.md", "new/deep/c.md")
    assert contents(root) == AFTER


def test_an_edit_that_changes_nothing_writes_nothing(root):
    assert apply(root, BEFORE, BEFORE) == ()
    assert not (root / LOCK).exists()


def test_a_new_wiki_is_made(tmp_path):
    assert apply(tmp_path / "x" / "wiki", {"a.md": "one"}, {}) == ("a.md",)
    assert contents(tmp_path / "x" / "wiki") == {"a.md": "one"}


def test_bytes_that_are_no_text_survive(root):
    (root / "a.md").write_bytes(b"\xff\xfe one")
    text = read_text(root / "a.md")
    apply(root, {"a.md": text + "!"}, {"a.md": text})
    assert (root / "a.md").read_bytes() == b"\xff\xfe one!"


def test_the_mode_of_a_file_stays(root):
    (root / "a.md").chmod(0o600)
    apply(root, CHANGES, BEFORE)
    assert (root / "a.md").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("before", [{}, {"a.md": "older\r\n"}])
def test_a_page_that_changed_since_it_was_read_is_not_overwritten(root, before):
    with pytest.raises(WikiError, match=r"a\.md changed"):
        apply(root, {"a.md": "ONE", "new.md": "x"}, before)
    assert contents(root) == BEFORE


@pytest.mark.parametrize(
    "file", ["/etc/x", "../x", "a/../../x", "", "a\\b", ".git/config", f"{STAGING}/journal.json", "a//b", "x\0"]
)
def test_paths_stay_inside_the_wiki(root, file):
    with pytest.raises(WikiError, match="no path inside a wiki"):
        apply(root, {file: "x"}, {})


def test_links_do_not_lead_out_of_the_wiki(root, tmp_path):
    (tmp_path / "outside").mkdir()
    (root / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(WikiError, match="leads out"):
        apply(root, {"link/x.md": "x"}, {})


def test_a_folder_is_no_page(root):
    with pytest.raises(WikiError, match="heuristics is a folder"):
        apply(root, {"heuristics": "x"}, {})


def test_one_writer_at_a_time(root, monkeypatch):
    monkeypatch.setattr(edit, "_SECONDS_TO_WAIT", 0.01)
    with FileLock(root / LOCK), pytest.raises(WikiError, match="Another edit"):
        apply(root, CHANGES, BEFORE)


def test_a_wiki_that_cannot_be_written_is_one_sentence(root, monkeypatch):
    def refused(*_, **__):
        raise PermissionError(13, "Permission denied", str(root / ".wikiagent-lock"))

    monkeypatch.setattr(FileLock, "acquire", refused)
    with pytest.raises(WikiError, match=r"cannot be written\. Change its permissions"):
        apply(root, CHANGES, BEFORE)
    assert contents(root) == BEFORE


def test_a_full_disk_is_one_sentence_and_can_be_recovered(root, monkeypatch):
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(WikiError, match="No space left"):
            apply(root, CHANGES, BEFORE)
    recover(root)
    assert contents(root) == BEFORE


def crash_at(monkeypatch: pytest.MonkeyPatch, nth: int, *, after: bool) -> list[str]:
    """Let the machine stop before or right after the nth call that touches the disk; the calls made are returned."""
    calls: list[str] = []
    for name in ("fsync", "replace", "rename", "unlink", "mkdir", "rmdir", "chmod"):
        real = getattr(os, name)

        def step(*args, _name=name, _real=real, **kwargs):
            calls.append(_name)
            if len(calls) == nth and not after:
                raise Crash
            result = _real(*args, **kwargs)
            if len(calls) == nth:
                raise Crash
            return result

        monkeypatch.setattr(os, name, step)
    return calls


@pytest.mark.parametrize("after", [False, True])
def test_an_edit_interrupted_anywhere_is_wholly_before_or_wholly_after(root, monkeypatch, after):
    seen, nth = set(), 0
    while True:
        nth += 1
        with monkeypatch.context() as patch:
            calls = crash_at(patch, nth, after=after)
            with contextlib.suppress(Crash):
                apply(root, CHANGES, BEFORE)
        if len(calls) < nth:
            break
        read = read_wiki(root).files
        assert read in (BEFORE, AFTER), "a reader sees a whole wiki before anybody recovers it"
        with monkeypatch.context() as patch:
            crash_at(patch, 1 + nth % 4, after=after)
            with contextlib.suppress(Crash):
                recover(root)
        recover(root)
        state = contents(root)
        assert state in (BEFORE, AFTER)
        assert read in (state, BEFORE)
        assert not (root / STAGING).exists()
        seen.add(state == AFTER)
        apply(root, {**dict.fromkeys(state), **BEFORE}, state)
    assert seen == {True, False}
    assert nth > 15


def test_a_page_written_by_somebody_after_the_interruption_is_not_overwritten(root, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(edit, "_move", lambda *_: (_ for _ in ()).throw(Crash))
        with pytest.raises(Crash):
            apply(root, CHANGES, BEFORE)
    (root / "a.md").write_text("mine", encoding="utf-8")
    with pytest.raises(WikiError, match="changed after an edit"):
        recover(root)
    assert read_text(root / "a.md") == "mine"


def test_the_next_edit_finishes_an_interrupted_one_first(root, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(edit, "_move", lambda *_: (_ for _ in ()).throw(Crash))
        with pytest.raises(Crash):
            apply(root, CHANGES, BEFORE)
    apply(root, {"later.md": "x"}, {})
    assert contents(root) == {**AFTER, "later.md": "x"}


def test_recovering_an_untouched_wiki_does_nothing(root, tmp_path):
    recover(root)
    recover(tmp_path / "nowhere")
    assert contents(root) == BEFORE
    assert not (root / LOCK).exists()


@pytest.mark.parametrize(
    "journal",
    ["", "{", "[1]", "{}x", '[{"file": "a.md"}]', "[" * 100_000,
     '[{"file": "a.md", "before": null, "after": null, "staged": 3}]',
     '[{"file": "new.md", "before": null, "after": null, "staged": "../../secret"}]'],
)  # fmt: skip
def test_a_journal_that_is_none_moves_nothing(root, tmp_path, journal):
    (tmp_path / "secret").write_text("key")
    (root / STAGING).mkdir()
    (root / STAGING / "journal.json").write_text(journal)
    for use in (recover, read_wiki):
        with pytest.raises(WikiError, match=r"journal\.json is damaged\. Remove .* to give that edit up"):
            use(root)
    assert (tmp_path / "secret").read_text() == "key"
    assert not (root / "new.md").exists()
