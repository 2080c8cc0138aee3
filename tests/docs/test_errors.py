"""docs/errors.md lists the error classes and messages with their statuses: each comes up here, or in the test named."""

from __future__ import annotations

import io
import json
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


def evaluation(more: str = "") -> None:
    """An evaluation of `zoo` with one golden, which is about something else."""
    Path("zoo.toml").write_text(f'source = "./zoo"\ngoldens = "g.yaml"\n{more}\n')
    place = {"path": "zoo/gnu.py", "first": 1, "last": 1, "quote": "nowhere to be found"}
    golden = {"id": "gnu", "type": "Heuristic", "title": "Gnu", "insight": "Gnus run.", "facts": ["Gnus run."]}
    golden |= {"importance": 3, "applies_to": [], "evidence": [place]}
    Path("g.yaml").write_text(json.dumps({"source": "./zoo", "goldens": [golden]}))


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
    "The store has no drafts for": "log --wiki nowhere",
    "There is no ledger in": "--store none review",
    "There is no reason code": "reject 1 --code silly",
    "is no reviewer's name": "reject 1 --code wrong --as wikiagent",
    "only what a person rejected is drafted again": f"{E} --redraft --draft 1",
    "Add --redraft.": f"{E} --draft 1",
    "Leave --accept-valid and --dry-run out.": f"{E} --redraft --dry-run",
    "There is no wiki in": "review --wiki nowhere",
    "needs a terminal to show drafts in": "review --wiki wiki",
    "can be reached from other machines": "review --web --wiki wiki --host 0.0.0.0 --port 0",
    "there is no such wiki": "export --format html --wiki nowhere",
    "has no pages to export": (lambda: folder("empty"), "export --format html --wiki empty"),
    "is a file; name a folder with --output": "export --format html --wiki wiki --output zoo/setup.py",
    "holds files that are no export": "export --format markdown --wiki wiki --output zoo",
    "lie in each other": "export --format html --wiki wiki --output wiki/site",
    "is no YAML": (lambda: Path("g.yaml").write_text("- ["), "golden check g.yaml"),
    "cannot be read: ": "golden check none.yaml",
    "does not stand in the folder environments or heuristics": "golden add --from zoo/setup.py --file g.yaml",
    "There is no metric": (lambda: evaluation("[thresholds]\nrecal = 1"), "eval run zoo.toml"),
    "is neither better nor worse when it grows": (
        lambda: evaluation("[thresholds]\npages_per_golden = 1"), "eval run zoo.toml"
    ),
    "is a share, at most 1": (lambda: evaluation("[thresholds]\n\"recall@120\" = 80"), "eval run zoo.toml"),
    "--wiki scores one wiki as it is": (lambda: evaluation(), "eval run zoo.toml --wiki wiki --fresh"),
    "needs a model. Set model in its configuration": (lambda: evaluation("judge = true"), "eval run zoo.toml"),
    "has the evidence of none of these goldens": (lambda: evaluation(), "eval run zoo.toml"),
    "There is no run": "eval report zoo-9",
}  # fmt: skip

#: Messages for which more has to be set up than a command.
ELSEWHERE: dict[str, tuple[str, str]] = {
    "so that nothing can be checked": ("tests/review/test_desk.py", "test_without_its_source_nothing_can_be_checked"),
    "are left out, because no page could cite": (
        "tests/source/test_kept.py", "test_names_that_no_page_could_cite_are_left_out_and_told"
    ),
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
    "to give that edit up": ("tests/wiki/test_edit.py", "test_a_journal_that_is_none_moves_nothing"),
    "refused the key": ("tests/draft/test_faults.py", "test_a_fault_from_the_first_call_on_is_one_sentence"),
    "does not know the model": ("tests/draft/test_faults.py", "test_a_fault_from_the_first_call_on_is_one_sentence"),
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
    "says something else than draft": (
        "tests/phases/test_phase3.py", "test_two_drafts_of_one_name_cannot_both_become_the_page"
    ),
    "The wiki has no Heuristic page": ("tests/review/test_desk.py", "test_what_cannot_be_merged"),
    "for good; ": ("tests/phases/test_redraft.py", "test_only_what_waits_can_be_named"),
    "The reject stands": (
        "tests/cli/test_redraft.py", "test_a_model_that_fails_is_an_error_of_the_hook_and_the_reject_stands"
    ),
    "You changed nothing": ("tests/review/test_desk.py", "test_a_fix_is_checked_and_accepted"),
    "is in use, by another wikiagent perhaps": ("tests/review/web/test_server.py", "test_a_port_in_use_is_a_sentence"),
    "a golden is made of an accepted one": (
        "tests/cli/test_golden_commands.py", "test_what_makes_no_golden_is_refused"
    ),
    "already. Change that, or remove it first.": (
        "tests/cli/test_golden_commands.py", "test_a_golden_is_added_behind_the_others_and_never_twice"
    ),
    "and the goldens are about": ("tests/evals/test_eval_commands.py", "test_a_wiki_of_another_source_is_refused"),
    "Another process is working on the run": ("tests/evals/test_runs.py", "test_two_processes_do_not_work_on_one_run"),
    "is not finished. ": ("tests/evals/test_runs.py", "test_an_interrupted_run_goes_on"),
    "is damaged. Remove the folder": ("tests/evals/test_runs.py", "test_damaged_parts_are_named"),
    "and this version reads form": ("tests/evals/test_eval_commands.py", "test_an_older_run_is_refused"),
    "were scored on different": (
        "tests/evals/test_eval_commands.py", "test_what_was_scored_on_other_goldens_is_not_compared"
    ),
    "have different limits": (
        "tests/evals/test_eval_commands.py", "test_runs_of_different_limits_are_not_compared"
    ),
    "was measured with other": ("tests/evals/test_guards.py", "test_other_goldens_are_something_else"),
    "has nothing about the evaluation": (
        "tests/evals/test_eval_commands.py", "test_a_baseline_without_this_evaluation"
    ),
    "The HTML report needs matplotlib": (
        "tests/evals/test_eval_commands.py", "test_without_plots_the_other_outputs_still_come"
    ),
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
        assert f"def {test}(" in (ROOT / file).read_text("utf-8"), test


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


def test_who_names_the_prefix_of_a_wiki_means_that_wiki(here: Path) -> None:  # noqa: F811
    page("pypi:peft==1.0")
    assert run("enrich --source zoo --wiki other --repo peft").status == 0
    assert list((here / "other/_reports").iterdir())


def _log(folder: Path) -> list[object]:
    try:
        return list(Ledger(folder / "store/ledger.sqlite").log())
    except WikiagentError:
        return []
