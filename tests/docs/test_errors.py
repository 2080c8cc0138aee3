"""docs/errors.md lists the error classes and messages with their statuses: each comes up here, or in the test named."""

from __future__ import annotations

import io
import socket
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.text import ROOT, rows, sections
from tests.reliability.conftest import Done, contents, copy, here, made, run  # noqa: F401 (fixtures)
from tests.reliability.test_stores import cut, set_version
from wikiagent.errors import WikiagentError
from wikiagent.ledger import Ledger

TEXT = (ROOT / "docs/errors.md").read_text("utf-8")
MESSAGES = {
    cells[0].strip("`"): int(cells[1]) for cells in rows(sections(TEXT)["Messages that come up"]) if cells[1].isdigit()
}

E = "enrich --source zoo --wiki wiki"


def folder(name: str, **files: str) -> str:
    Path(name).mkdir()
    for file, text in files.items():
        Path(name, file.replace("__", ".")).write_text(text)
    return name


def page(revision: str) -> None:
    """The only page of the wiki `other`, from a source of this revision."""
    where = Path("other/heuristics")
    where.mkdir(parents=True)
    stated = f"{{|\n|-\n! Source Revision\n| [[source_revision::{revision}]]\n|}}\n\n" if revision else ""
    (where / "peft_A.md").write_text(f"{stated}== Overview ==\nAn insight.\n")


def archive(*names: str) -> None:
    """The find-links folder `links` with an sdist of demo 1.0 that has these files."""
    Path("links").mkdir()
    with tarfile.open("links/demo-1.0.tar.gz", "w:gz") as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = 9
            tar.addfile(member, io.BytesIO(b"Name: no\n"))


def nowhere() -> str:
    """A port of this machine on which nobody answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


#: What brings a message up, in a folder with `zoo`, its `wiki` and its store: a command, after a step or none.
COMMANDS: dict[str, str | list[str] | tuple[Callable[[], object], str]] = {
    "No source is named.": "enrich --wiki new",
    "is no source.": "mine --source peft==1.0",
    "does not exist. A package is written": "mine --source nowhere",
    "has no source files.": (lambda: folder("empty"), "mine --source empty"),
    "has no Python file to mine": (lambda: folder("prose", README__md="x"), "enrich --source prose --wiki new"),
    "has a package named": "enrich --source pypi:demo==1.0 --wiki new",
    "is no git repository, or it needs a login": "mine --source git+file:///no/such@main",
    "No wiki is named.": "enrich --source zoo",
    "is a file; a wiki is a folder.": "enrich --source zoo --wiki zoo/setup.py",
    "Name a folder of its own with --wiki.": "enrich --source zoo --wiki .",
    "is no wiki: it has no pages": (lambda: folder("empty"), "refresh --source zoo --wiki empty"),
    "says from which source it is": (lambda: page(""), "refresh --source zoo --wiki other"),
    ", not about ": (lambda: page("pypi:peft==1.0"), "enrich --source zoo --wiki other"),
    "Leave --repo out": f"{E} --repo peft",
    "is older than the wiki": (lambda: page("pypi:peft==1.0"), "refresh --source pypi:peft==0.9 --wiki other"),
    "cannot be used as a ledger": (lambda: Path("store/ledger.sqlite").write_bytes(b"x" * 999), E),
    "was written by a newer wikiagent": (lambda: set_version(Path("store"), 99), E),
    "cannot be used as a store": "--store zoo/setup.py drafts",
    "Delete this folder; it is built again.": (lambda: cut(Path("store/chroma/chroma.sqlite3"), 0.5), E),
    "no such configuration file": "--config none.toml drafts",
    "is not valid TOML": (lambda: Path("wikiagent.toml").write_text("= ["), "drafts"),
    "there is no such setting": (lambda: Path("wikiagent.toml").write_text("speed = 1"), "drafts"),
    "wikiagent.toml is here already": (lambda: Path("wikiagent.toml").touch(), "init"),
    "There is no phase": f"{E} --phase 9",
    "There is no rule": "check wiki --select XYZ",
    "The query is empty.": ["search", " ", "--source", "zoo"],
    "The agent needs a model.": f"{E} --drafter agent",
    "OPENAI_API_KEY is not set.": f"{E} --drafter agent --model m",
    "There is no draft": "show 4711",
    "is accepted already": "accept 1",
    "Name drafts by their ids": "accept",
    "A draft has no 'colour'.": "accept --where colour=red",
    "The rule cannot be read at": "accept --where findings",
    "Say why, in a sentence (--reason)": "reject 1",
    "has no decision to take back": "undo --wiki wiki --as stranger",
    "was changed by hand since draft": (
        lambda: [file.write_text(file.read_text() + "\nMine.\n") for file in Path("wiki").rglob("zoo_*.md")], "undo 1"
    ),
    "and not every index could be asked": "mine --source pypi:demo==1.0",
    "cannot be reached: ": "mine --source git+http://NOWHERE/o/n@main",
    "is not safe: the path": (lambda: archive("demo-1.0/PKG-INFO", "../out.py"), "mine --source pypi:demo==1.0"),
    "says that it is": (lambda: archive("demo-1.0/PKG-INFO"), "mine --source pypi:demo==1.0"),
    "has no version": (lambda: archive("demo-1.0/PKG-INFO"), "mine --source pypi:demo==2.0"),
}  # fmt: skip

#: Messages for which more has to be set up than a command.
ELSEWHERE: dict[str, tuple[str, str]] = {
    "so that nothing can be checked": ("tests/review/test_desk.py", "test_without_its_source_nothing_can_be_checked"),
    "is not read as code:": ("tests/code/test_syntax.py", "test_what_is_not_read_is_said"),
    "has no branch or tag": ("tests/source/test_git.py", "test_an_unknown_revision_names_close_ones"),
    "does not have the sha256 that the index states": ("tests/source/test_package.py", "test_a_wrong_hash"),
    "holds more than": ("tests/source/test_archive.py", "test_ten_gigabytes_of_gzip_are_not_read"),
    "cannot be written. Change its permissions": (
        "tests/reliability/test_disk.py", "test_a_folder_that_cannot_be_written"
    ),
    "Another edit of": ("tests/reliability/test_locks.py", "test_the_second_is_refused_and_told_who_is_first"),
    "is in use by another wikiagent": (
        "tests/reliability/test_locks.py", "test_the_second_is_refused_and_told_who_is_first"
    ),
    "changed while the edit was prepared": (
        "tests/wiki/test_edit.py", "test_a_page_that_changed_since_it_was_read_is_not_overwritten"
    ),
    "was changed after an edit of the wiki was interrupted": (
        "tests/wiki/test_edit.py", "test_a_page_written_by_somebody_after_the_interruption_is_not_overwritten"
    ),
    "refused the key": ("tests/draft/test_faults.py", ""),
    "cannot be reached or broke off": (
        "tests/cli/test_agent_commands.py", "test_a_limit_is_no_failure_and_a_dead_endpoint_is_one"
    ),
    "Stopped: --max-pages": (
        "tests/cli/test_agent_commands.py", "test_a_limit_is_no_failure_and_a_dead_endpoint_is_one"
    ),
    "was rejected for error findings": (
        "tests/review/test_desk.py", "test_a_draft_with_errors_can_be_fixed_but_not_accepted"
    ),
    "was rejected already": ("tests/phases/test_phase3.py", "test_only_pending_drafts_can_be_decided"),
    "was superseded": ("tests/phases/test_refresh.py", "test_what_waits_goes_on_to_the_next_revision"),
    "have no place for this line": ("tests/review/test_desk.py", "test_a_fix_that_does_not_hold_changes_nothing"),
    "ended with status": ("tests/cli/test_decide.py", "test_a_draft_is_fixed_in_an_editor"),
}  # fmt: skip


def test_classes_and_statuses_are_the_real_ones() -> None:
    said = {cells[0].strip("`"): int(cells[1]) for cells in rows(sections(TEXT)["The kinds of error"])}
    assert said == {cls.__name__: cls.exit_code for cls in WikiagentError.__subclasses__()}


def test_every_status_is_explained() -> None:
    explained = {int(cells[0]) for cells in rows(TEXT) if cells[0].isdigit()}
    assert {cls.exit_code for cls in WikiagentError.__subclasses__()} | {0, 130} <= explained


def test_every_message_comes_up() -> None:
    assert COMMANDS.keys() | ELSEWHERE.keys() == MESSAGES.keys()
    for file, test in ELSEWHERE.values():
        assert f"def {test}" in (ROOT / file).read_text("utf-8"), test


@pytest.mark.parametrize("message", COMMANDS)
def test_a_message_has_the_status_that_the_text_gives_and_nothing_changes(
    here: Path,  # noqa: F811
    message: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_FIND_LINKS", str(here / "links"))
    if message == "and not every index could be asked":
        monkeypatch.setenv("PIP_INDEX_URL", f"http://{nowhere()}/simple")
    else:
        monkeypatch.setenv("PIP_NO_INDEX", "1")
    given = COMMANDS[message]
    prepare, command = given if isinstance(given, tuple) else (lambda: None, given)
    prepare()
    before, decided = contents(here / "wiki"), len(_log(here))
    done = run(
        [word.replace("NOWHERE", nowhere()) for word in command]
        if isinstance(command, list)
        else command.replace("NOWHERE", nowhere())
    )
    assert message in done.said
    assert done.status == MESSAGES[message]
    assert contents(here / "wiki") == before
    assert len(_log(here)) == decided
    assert not (here / "new").exists()


def _log(folder: Path) -> list[object]:
    try:
        return list(Ledger(folder / "store/ledger.sqlite").log())
    except WikiagentError:
        return []
