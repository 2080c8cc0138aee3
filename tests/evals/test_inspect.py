"""The evaluations under inspect_ai: what the model gets, and that a page is scored as by `wikiagent eval run`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonref
import pytest
import yaml
from click import ClickException
from inspect_ai import eval as inspect_eval
from inspect_ai.log import EvalLog, EvalSample, read_eval_log
from inspect_ai.model import get_model

from tests.docs.text import ROOT
from tests.evals.conftest import GOLDENS, Desk, value
from tests.evals.test_eval_commands import enriched
from tests.model_server import ModelServer, Reply, Request, author, fails, page_answer, prompt_of, says, shown_ids
from wikiagent.evals.inspect_task import MEASURED, Page, task_of

TASK = """
from pathlib import Path

from inspect_ai import Task, task

from wikiagent.evals.inspect_task import task_of

HERE = Path(__file__).parent


@task
def zoo() -> Task:
    return task_of(HERE / "zoo.toml", HERE)
"""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    with ModelServer(author) as server:
        monkeypatch.setenv("LOCAL_BASE_URL", server.url)
        monkeypatch.setenv("LOCAL_API_KEY", "none")
        monkeypatch.setenv("WIKIAGENT_STORE", "store")
        yield server


def run(
    desk: Desk, sample: str | None = None, epochs: int = 1, token_limit: int | None = None, **options: Any
) -> EvalLog:
    """The task of zoo.toml with the scripted model."""
    (log,) = inspect_eval(
        task_of(desk.config, desk.folder, **options),
        model=get_model("openai-api/local/scripted", memoize=False),  # each test has a server of its own
        sample_id=sample,
        epochs=epochs,
        token_limit=token_limit,
        log_dir=str(desk.folder / "logs"),
        display="none",
        max_retries=0,
    )
    assert log.status == "success", log.error
    return log


def figures(log: EvalLog) -> dict[str, float]:
    assert log.results is not None
    return {each.name: each.metrics["value"].value for each in log.results.scores}


def sample_of(log: EvalLog, golden: str) -> EvalSample:
    return next(sample for sample in log.samples or () if sample.id == golden)


def point_of(request: Request) -> str:
    """What a request asks to write about."""
    point = re.search(r"^<<point.*?>>\n(.*?)\n<<", prompt_of(request), re.M | re.S)
    assert point
    return re.sub(r"\s+", " ", point[1]).strip().rstrip(".")


def form_of(request: Request) -> Any:
    """The schema that a request sends, without references."""
    form = request["response_format"]["json_schema"]
    whole = jsonref.replace_refs(form["schema"], proxies=False, lazy_load=False)
    return form["name"], form["strict"], {key: value for key, value in whole.items() if key != "$defs"}


def telling(request: Request) -> Reply:
    """A model that shows all of its evidence, repeats what it was asked about, and invents a number at the gate."""
    text = point_of(request)
    invented = ", 8641 times a night" if "lions are loose" in text else ""
    overview = {"text": f"{text}{invented}.", "refs": shown_ids(request)[:4]}
    return says(json.dumps(page_answer(request, overview=[overview])))


def test_a_page_is_scored_as_by_wikiagent_eval_run(desk: Desk, server: ModelServer) -> None:
    server.script = telling
    log = run(desk)
    assert figures(log)["told"] > 0  # else nothing is compared
    assert figures(log)["unsupported_numbers"] > 0
    assert 0 < figures(log)["facts"] < 1

    wiki = enriched(desk)
    for page in [*wiki.glob("environments/*"), *wiki.glob("heuristics/*")]:
        page.unlink()
    for golden in GOLDENS[:4]:
        sample = sample_of(log, golden.id)
        page, text = sample.store_as(Page), sample.output.completion
        (wiki / page.file).write_text(text)
        told = {"source": "./zoo", "goldens": [golden.model_dump(mode="json")]}
        (desk.folder / "goldens.yaml").write_text(yaml.safe_dump(told))
        mine = desk.run("--wiki", wiki)
        (wiki / page.file).unlink()
        scores = {name: score.value for name, score in (sample.scores or {}).items() if not name.startswith("pass")}
        assert scores == {name: value(mine, MEASURED[name]) for name in scores}


def test_the_model_gets_what_the_agent_gets(desk: Desk, server: ModelServer, monkeypatch: pytest.MonkeyPatch) -> None:
    run(desk)
    mine = {prompt_of(request): form_of(request) for request in server.requests}
    assert len(mine) == 4
    server.requests.clear()
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    (desk.folder / "wikiagent.toml").write_text('[draft]\nmode = "packed"\nplan = false\n')
    desk.configure(drafter="agent", model="scripted")
    desk.run()
    agents = {prompt_of(request): form_of(request) for request in server.of("draft")}
    assert mine == {asked: agents[asked] for asked in mine}


def test_goldens_that_no_candidate_shows_are_left_out(desk: Desk, server: ModelServer) -> None:
    log = run(desk)
    assert (log.eval.metadata or {})["left_out"] == ["imports"]
    assert {sample.id for sample in log.samples or ()} == {"packages", "speed", "gate", "portions"}


def test_a_call_that_fails_is_an_error_and_no_zero(desk: Desk, server: ModelServer) -> None:
    server.script = lambda request: fails(400) if "lions are loose" in point_of(request) else telling(request)
    log = run(desk)
    failed = sample_of(log, "gate")
    assert failed.error is not None
    assert not failed.scores
    assert log.results is not None
    assert {each.scored_samples for each in log.results.scores if each.name == "shown"} == {3}
    assert figures(log)["shown"] == 1


def test_a_page_that_a_limit_prevents_is_no_zero(desk: Desk, server: ModelServer) -> None:
    log = run(desk, "speed", token_limit=100)
    sample = sample_of(log, "speed")
    assert sample.limit is not None
    assert sample.limit.type == "token"
    assert {name for name, score in (sample.scores or {}).items() if score.value == score.value} == set()


TOO_LONG = fails(400, "This model's maximum context length is 100 tokens.", "context_length_exceeded")


@pytest.mark.parametrize(
    "answer", [says("I would rather not."), says(None, refusal="no"), says("{", finish="length"), TOO_LONG]
)
def test_an_answer_that_cannot_be_used_shows_nothing(desk: Desk, server: ModelServer, answer: Reply) -> None:
    server.script = lambda request: answer
    sample = sample_of(run(desk, "speed"), "speed")
    assert sample.error is None
    assert sample.output.completion == ""
    scores = {name: score.value for name, score in (sample.scores or {}).items()}
    assert (scores["shown"], scores["facts"], scores["pass_repaired"]) == (0, 0, 0)
    assert scores["citation_validity"] != scores["citation_validity"]  # not a number: not measured


def test_half_a_character_is_no_reason_to_fail(desk: Desk, server: ModelServer) -> None:
    def broken(request: Request) -> Reply:
        return says(json.dumps(page_answer(request, usage="Read this \ud800 first."), ensure_ascii=False))

    server.script = broken
    sample = sample_of(run(desk, "speed"), "speed")
    assert sample.error is None
    assert "Read this ? first." in sample.output.completion


def test_a_draft_that_is_mended_is_told_from_one_that_was_right(desk: Desk, server: ModelServer) -> None:
    def second(request: Request) -> Reply:
        return author(request) if len(request["messages"]) > 2 else telling(request)

    server.script = second
    log = run(desk)
    assert (figures(log)["pass_first"], figures(log)["pass_repaired"]) == (0.75, 1)
    roles = [
        message.role for event in sample_of(log, "gate").events if event.event == "model" for message in event.input
    ]
    assert roles == ["system", "user", "system", "user", "assistant", "user"]


def test_epochs_are_clusters_of_a_golden(desk: Desk, server: ModelServer) -> None:
    server.script = telling
    once, twice = run(desk), run(desk, epochs=2)
    assert figures(once) == figures(twice)
    assert len(twice.samples or ()) == 2 * len(once.samples or ())
    assert once.results is not None
    assert twice.results is not None
    ends = [{name: m.value for name, m in log.results.scores[2].metrics.items()} for log in (once, twice)]  # facts
    assert ends[0] == ends[1]  # more trials of the same pages tell nothing new


def test_options_reach_the_agent(desk: Desk, server: ModelServer) -> None:
    run(desk, "speed", schema=False, context=6000)
    (request,) = server.requests
    assert "response_format" not in request
    assert request["max_tokens"] == 1000
    server.requests.clear()
    run(desk, "speed")
    form = server.requests[0]["response_format"]["json_schema"]
    assert form["strict"] is True
    assert "$ref" not in json.dumps(form)
    refs = form["schema"]["properties"]["overview"]["items"]["properties"]["refs"]
    assert refs["items"]["enum"] == shown_ids(server.requests[0])
    assert (refs["minItems"], refs["maxItems"]) == (1, 4)


def test_what_is_measured_is_described() -> None:
    text = (ROOT / "docs" / "evals.md").read_text("utf-8").partition("inspect_ai\n")[2]
    assert {name for name in MEASURED if f"`{name}`" in text} == set(MEASURED)


def test_what_is_wrong_is_said_in_a_sentence(desk: Desk) -> None:
    desk.configure("[thresholds]\nrecal = 1\n")
    with pytest.raises(ClickException, match="There is no metric recal"):
        task_of(desk.config, desk.folder)


def test_the_command_runs(desk: Desk, server: ModelServer) -> None:
    (desk.folder / "zoo.py").write_text(TASK)
    model = ["--model", "openai-api/local/scripted", "--display", "plain", "--log-dir", "logs"]
    called = [str(Path(sys.executable).with_name("inspect")), "eval", "zoo.py", *model]
    done = subprocess.run(called, cwd=desk.folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "pass_repaired" in done.stdout
    (file,) = (desk.folder / "logs").glob("*.eval")
    assert figures(read_eval_log(str(file)))["pass_repaired"] == 1
    assert len(server.of("draft")) == 4
