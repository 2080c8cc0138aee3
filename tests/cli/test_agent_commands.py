"""The agent's commands, against a model server on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

import wikiagent.cli  # noqa: F401 - registers all commands
from tests.model_server import ModelServer, Reply, Request, author, fails, says, stage
from tests.phases.conftest import FILES, write_source
from wikiagent.cli.app import app
from wikiagent.source.inert import inert

Cli = Callable[..., Result]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    write_source(tmp_path / "zoo", "1.0", FILES)
    monkeypatch.chdir(tmp_path)

    def run(*command: str, endpoint: str | None = None) -> Result:
        if endpoint:
            monkeypatch.setenv("OPENAI_BASE_URL", endpoint)
        return CliRunner().invoke(app, ["--store", str(tmp_path / "store"), *command])

    return run


def enrich(cli: Cli, server: ModelServer, *options: str) -> Result:
    how = ("--phase", "3", "--source", "zoo", "--wiki", "wiki", "--model", "scripted")
    return cli("enrich", *how, *options, endpoint=server.url)


def test_enrich_with_a_model_says_what_it_did_and_what_it_cost(cli: Cli) -> None:
    with ModelServer(author) as server:
        result = enrich(cli, server)
    assert result.exit_code == 0
    assert "Model scripted: tools mode, it calls tools" in result.stderr
    assert "1 of 6: zoo_" in result.stderr
    usage = next(line for line in result.stderr.splitlines() if line.strip().startswith("draft"))
    assert usage.split()[:6] == ["draft", "6", "0", "600", "0", "300"]


def test_a_dry_run_shows_the_plan_and_writes_nothing(cli: Cli, tmp_path: Path) -> None:
    with ModelServer(author) as server:
        result = enrich(cli, server, "--dry-run", "--mode", "packed")
        assert set(server.stages()) == {"probe", "plan"}
        planned = len(server.requests)
        assert not (tmp_path / "wiki").exists()
        enrich(cli, server, "--mode", "packed")
        assert server.stages().count("plan") == 1
        assert server.stages()[planned] == "draft"
    assert "Keeper_Speed_Zebras_Nervous  for Keeper  about " in result.stdout
    assert result.stdout.splitlines()[-1].startswith("6 pages to write: about ")


def test_a_limit_is_no_failure_and_a_dead_endpoint_is_one(cli: Cli) -> None:
    with ModelServer(author) as server:
        limited = enrich(cli, server, "--max-pages", "2", "--no-plan")
        assert limited.exit_code == 0
        assert "Stopped: --max-pages 2 is reached. 4 candidates are left" in limited.stderr
        server.script = lambda request: fails(500)
        dead = enrich(cli, server, "--no-plan", "--concurrency", "1")
    assert dead.exception is not None
    assert getattr(dead.exception, "exit_code", None) == 4
    assert "and what was done is kept" in dead.stderr


def test_trace_tells_a_draft_in_order(cli: Cli) -> None:
    def reader(request: Request) -> Reply:
        if stage(request) != "read" or any(message["role"] == "tool" for message in request["messages"]):
            return says("Seen.\x1b[31m") if stage(request) == "read" else author(request)
        return says(None, tool_calls=[("grep", {"text": "lions"})])

    with ModelServer(reader) as server:
        enrich(cli, server, "--limit", "1", "--no-plan")
    told = cli("trace", "1").stdout
    steps = ["read, scripted", "-- system", "You read the source", 'calls grep({"text": "lions"})', "-- tool", "Seen."]
    steps += ["draft, scripted", "You write one page", '"overview"', "judge, scripted", "== draft 1: pending"]
    assert [step for step in steps if step not in told] == []
    assert [told.index(step) for step in steps] == sorted(told.index(step) for step in steps)
    assert "\x1b" not in told.replace("\x1b[1m", "").replace("\x1b[0m", "")
    shown = cli("show", "1").stdout
    assert "written by scripted (mode tools, temperature 0.0, max_answer 3000, judge True), prompts draft@" in shown
    assert "0 repairs, 4 calls, 400 tokens in, 200 out" in shown


def test_trace_of_a_draft_without_a_model(cli: Cli) -> None:
    cli("enrich", "--phase", "3", "--source", "zoo", "--wiki", "wiki")
    assert "was written without a model (extractive)" in str(cli("trace", "1").exception)


def test_doctor_says_what_is_there_and_how_drafts_are_written(cli: Cli) -> None:
    with ModelServer(author, models=[{"id": "scripted", "max_model_len": 16384}]) as server:
        result = cli("doctor", "--model", "scripted", endpoint=server.url)
    assert result.exit_code == 0
    for line in ("✓ store", "- wiki", "✓ embedder", "- key", "✓ model", "✓ tool calling", "✓ JSON schema"):
        assert any(row.startswith(line) for row in result.stdout.splitlines()), line
    assert "16384 tokens" in result.stdout
    assert "tools mode: it calls tools" in result.stdout


def test_doctor_finds_what_is_wrong(cli: Cli) -> None:
    def limited(request: Request) -> Reply:
        if "tools" in request or "response_format" in request:
            return fails(400, "this field is not supported")
        return author(request)

    with ModelServer(limited, models=[{"id": "scripted"}]) as server:
        weak = cli("doctor", "--model", "scripted", endpoint=server.url)
        server.script = lambda request: fails(404, "no such model")
        wrong = cli("doctor", "--model", "scriptet", endpoint=server.url)
    assert weak.exit_code == 0
    assert "packed mode: the endpoint refuses tools" in weak.stdout
    assert "refused by the endpoint" in weak.stdout
    assert wrong.exit_code == 1
    assert "did you mean scripted?" in wrong.stdout
    assert "✗ model" in wrong.stdout
    none = cli("doctor")
    assert none.exit_code == 0
    assert "drafts are extractive" in none.stdout


MISTAKES = [
    ([], {}, "OPENAI_API_KEY is not set."),
    (["--model", "gguf:none.gguf"], {}, "none.gguf cannot be read as a GGUF model"),
    (["--model", "gguf:zoo/setup.py"], {}, "zoo/setup.py is no GGUF model."),
    (["--max-cost", "1"], {}, "--max-cost needs to know what tokens cost"),
    (["--max-tokens", "0"], {}, "--max-tokens: Input should be greater than or equal to 1."),
    (["--max-cost", "0"], {}, "--max-cost: Input should be greater than 0."),
    (["--max-pages", "-1"], {}, "--max-pages: Input should be greater than or equal to 1."),
    (["--concurrency", "65"], {}, "--concurrency: Input should be less than or equal to 64."),
    ([], {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}, "cannot be reached or broke off"),
    ([], {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "WIKIAGENT_MODEL__CONTEXT": "0"}, "WIKIAGENT_MODEL__CONTEXT: "),
    (["--drafter", "extractive", "--dry-run"], {}, "--dry-run shows the plan of the agent."),
]


@pytest.mark.parametrize(("options", "environment", "message"), MISTAKES, ids=[message for *_, message in MISTAKES])
def test_a_mistake_is_one_sentence_and_loses_nothing(
    cli: Cli,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    environment: dict[str, str],
    message: str,
) -> None:
    monkeypatch.setenv("WIKIAGENT_MODEL__RETRIES", "0")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    result = cli("enrich", "--source", "zoo", "--wiki", "wiki", "--model", "scripted", *options)
    assert result.exception is not None
    assert message in str(result.exception)
    assert "\n" not in str(result.exception)
    assert getattr(result.exception, "exit_code", None) in (2, 4)
    assert not (tmp_path / "wiki").exists()


def test_a_model_that_is_none_is_not_served(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_bytes(b"GGUF and then nothing of the kind")
    call = [sys.executable, "-m", "wikiagent", "model", "serve", "model.gguf", "--port", "0"]
    done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "wikiagent: " in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif("WIKIAGENT_TEST_GGUF" not in os.environ, reason="names no GGUF model in WIKIAGENT_TEST_GGUF")
def test_a_model_of_this_machine_is_served_and_answers(tmp_path: Path) -> None:
    call = [sys.executable, "-m", "wikiagent", "model", "serve", os.environ["WIKIAGENT_TEST_GGUF"], "--port", "0"]
    with subprocess.Popen(call, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        base_url = process.stdout.readline().strip()
        environment = {**os.environ, "OPENAI_BASE_URL": base_url}
        doctor = [sys.executable, "-m", "wikiagent", "doctor", "--model", "local", "--format", "json"]
        done = subprocess.run(doctor, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    states = {check["what"]: check["state"] for check in json.loads(done.stdout)["checks"]}
    assert states["model"] == states["JSON schema"] == "ok"


def test_terminals_are_told_no_control_characters() -> None:
    assert inert("a\x1b[2Jb\x07\u202ec\td\n") == "a�[2Jb��c\td\n"
