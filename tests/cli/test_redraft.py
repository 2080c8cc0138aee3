"""`enrich --redraft`, `reject` with `[review] redraft`, and what `show` says of an answer, against a scripted model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest
from click.testing import Result
from rich.console import Console
from typer.testing import CliRunner

import wikiagent.cli  # noqa: F401 - registers all commands
from tests.model_server import (
    ModelServer,
    Reply,
    Request,
    author,
    fails,
    page_answer,
    prompt_of,
    says,
    shown_ids,
    stage,
)
from tests.phases.conftest import FILES, write_source
from wikiagent.check.wiki_rules import check_wiki
from wikiagent.cli.app import Shell, app
from wikiagent.cli.desk import desk_of
from wikiagent.errors import CallError, WikiagentError
from wikiagent.review.desk import Desk
from wikiagent.wiki.graph import read_wiki

CONFIG = '[source]\nlocation = "zoo"\n[wiki]\npath = "wiki"\n[model]\nname = "scripted"\nretries = 0\n'
CONFIG += '[draft]\nmode = "packed"\nplan = false\njudge = false\n[review]\nname = "ann"\nredraft = {}\n'
REASON = "It hides that the surplus rots."
Cli = Callable[..., Result]


def better(request: Request) -> Reply:
    """A model that says something else once it was told of a reject."""
    if stage(request) != "draft" or "A reviewer rejected" not in prompt_of(request):
        return author(request)
    said = {"text": "The code says that the surplus is ignored.", "refs": shown_ids(request)[:1]}
    return says(json.dumps(page_answer(request, overview=[said])))


def failing(request: Request) -> Reply:
    """A model that fails where it was told of a reject."""
    return fails(500) if "A reviewer rejected" in prompt_of(request) else author(request)


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line in a folder with a source and settings; what fails has to fail with the given status."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "the-key-of-the-tests")
    write_source(tmp_path / "zoo", "1.0", FILES)
    (tmp_path / "wikiagent.toml").write_text(CONFIG.format("false"))

    def run(*command: str, server: ModelServer | None = None, status: int = 0) -> Result:
        if server:
            monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        result = CliRunner().invoke(app, ["--store", str(tmp_path / "store"), *command])
        failed = result.exception if isinstance(result.exception, WikiagentError) else None
        assert (failed.exit_code if failed else result.exit_code) == status, (result.exception, result.stderr)
        return result

    return run


@pytest.fixture
def at_once(cli: Cli, tmp_path: Path) -> Cli:
    """The same, where what is rejected is drafted again at once."""
    (tmp_path / "wikiagent.toml").write_text(CONFIG.format("true"))
    return cli


def drafts(cli: Cli, *options: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(cli("drafts", "--format", "json", *options).stdout)["drafts"]
    return found


def open_desk() -> Desk:
    return desk_of(Shell(None, Path.cwd() / "store", False, False, Console(stderr=True)), Path("wiki"))


def test_show_says_what_a_draft_answers_to_and_what_changed(cli: Cli) -> None:
    with ModelServer(better) as server:
        cli("enrich", "--limit", "2", server=server)
        cli("reject", "2", "--code", "unclear", "--reason", REASON)
        done = cli("enrich", "--redraft", "--draft", "2", server=server)
    assert "Drafted again: draft 3 in place of 2." in done.stderr
    shown = cli("show", "3").stdout
    assert f"answers to draft 2, rejected as unclear: {REASON}" in shown
    assert "+The code says that the surplus is ignored." in shown
    told = json.loads(cli("show", "3", "--format", "json").stdout)
    assert (told["redrafts"], told["rejected"]) == (2, {"code": "unclear", "reason": REASON})
    assert told["written"]["judged"] is False
    assert [draft["id"] for draft in drafts(cli, "--where", "redrafted=yes")] == [3]
    told = json.loads(cli("show", "1", "--format", "json").stdout)
    assert (told["redrafts"], told["rejected"]) == (None, None)


def test_what_was_rejected_as_trivial_stays_away_and_comes_back_with_the_source(cli: Cli, tmp_path: Path) -> None:
    with ModelServer(better) as server:
        cli("enrich", "--drafter", "extractive", server=server)
        first = next(draft for draft in drafts(cli) if "Portions" in str(draft["name"]))
        cli("reject", str(first["id"]), "--code", "trivial")
        assert "Settled       1" in cli("enrich", "--drafter", "extractive").stderr
        cli("enrich")
        assert first["name"] not in {draft["name"] for draft in drafts(cli, "--state", "pending")}
        assert (
            f"{str(first['name']).removeprefix('zoo_')}: rejected as trivial by ann"
            in cli("enrich", "--dry-run").stdout
        )
        assert "No rejected draft waits" in cli("enrich", "--redraft").stderr
        keeper = tmp_path / "zoo/src/zoo/keeper.py"
        keeper.write_text(keeper.read_text().replace("may rot", "rots"))
        cli("enrich")
    assert any("Portions" in str(draft["name"]) for draft in drafts(cli, "--state", "pending"))


def test_a_reject_is_answered_at_once_where_that_is_set(at_once: Cli) -> None:
    with ModelServer(better) as server:
        at_once("enrich", "--limit", "3", server=server)
        assert "Drafted again: draft 4 in place of 1." in at_once("reject", "1", "--code", "wrong").stderr
        assert "Drafted again" not in at_once("reject", "2", "--code", "trivial").stderr
        assert [draft["state"] for draft in drafts(at_once, "--where", "id=4")] == ["pending"]
    with ModelServer(failing) as server:
        failed = at_once("reject", "3", "--code", "wrong", server=server, status=4)
    assert "Rejected 1 for" in failed.stderr
    assert "The reject stands; `wikiagent enrich --redraft` tries again." in str(failed.exception)
    assert [draft["state"] for draft in drafts(at_once, "--where", "id=3")] == ["rejected"]


def test_a_desk_drafts_again_in_threads_while_the_reviewer_goes_on(at_once: Cli) -> None:
    with ModelServer(better) as server:
        at_once("enrich", "--limit", "3", server=server)
        desk = open_desk()
        ids = [item.id for item in desk.queue()]
        told: list[str] = []

        def rejected(draft_id: int) -> None:
            desk.reject([draft_id], "wrong", "no")
            assert desk.redraft is not None
            told.append(desk.redraft([draft_id]))

        threads = [Thread(target=rejected, args=(draft_id,)) for draft_id in ids[:2]]
        for thread in threads:
            thread.start()
        desk.accept([ids[2]])
        for thread in threads:
            thread.join(60)
    answers = [draft for draft in desk.ledger.drafts(desk.root, "pending") if draft.redrafts]
    assert {draft.redrafts for draft in answers} == set(ids[:2])
    assert sorted(told) == sorted(f"Drafted again: draft {d.id} in place of {d.redrafts}." for d in answers)
    assert check_wiki(read_wiki(desk.root)) == []
    assert desk.ledger.verify().problems == ()


def test_a_model_that_fails_is_an_error_of_the_hook_and_the_reject_stands(at_once: Cli) -> None:
    with ModelServer(failing) as server:
        at_once("enrich", "--limit", "1", server=server)
        desk = open_desk()
        desk.reject([1], "wrong", "no")
        assert desk.redraft is not None
        with pytest.raises(CallError, match=r"was not written: .* The reject stands"):
            desk.redraft([1])
    assert desk.ledger.draft(1).state == "rejected"


def test_without_a_model_a_desk_drafts_nothing_again(at_once: Cli, tmp_path: Path) -> None:
    (tmp_path / "wikiagent.toml").write_text(CONFIG.format("true").replace('name = "scripted"\n', ""))
    assert open_desk().redraft is None


def test_mistakes_are_one_sentence(cli: Cli) -> None:
    with ModelServer(better) as server:
        cli("enrich", "--limit", "2", "--drafter", "extractive", server=server)
        for options, message in (
            (["--draft", "1"], "--draft names what is drafted again. Add --redraft."),
            (["--redraft", "--accept-valid"], "What is drafted again waits for a person."),
            (["--redraft", "--dry-run"], "What is drafted again waits for a person."),
            (["--redraft", "--draft", "1"], "Draft 1 is pending; only what a person rejected is drafted again."),
        ):
            assert message in str(cli("enrich", *options, status=2).exception)
        cli("reject", "1", "--code", "wrong")
        told = cli("enrich", "--redraft", "--drafter", "extractive").stderr
    assert "The extractive drafter says the same again: 1 draft stays rejected; use --drafter agent." in told
