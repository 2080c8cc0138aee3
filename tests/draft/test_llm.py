"""Each call is on record before its answer is used, is not made twice, and shows no key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage

from tests.model_server import ModelServer, Reply, Request, fails, says
from wikiagent.config import ModelSettings
from wikiagent.draft.budget import Budget
from wikiagent.draft.llm import Desk, Model, ask, model_of
from wikiagent.errors import BudgetError, CallError, ConfigError
from wikiagent.ledger import CallLog

KEY = "the-key-of-the-tests"
QUESTION = [HumanMessage("Is it so?")]
SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


@pytest.fixture
def log(tmp_path: Path) -> CallLog:
    return CallLog(tmp_path / "ledger.sqlite")


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


def model(
    server: ModelServer, log: CallLog, *, cache: bool = True, budget: Budget | None = None, **settings: object
) -> Model:
    chosen = ModelSettings(**{"name": "scripted", "base_url": server.url, "retries": 0, **settings})
    return model_of(chosen, Desk(log, budget or Budget(), cache=cache)).about("draft", "draft@1", "h-1")


def everything(log: CallLog) -> bytes:
    return b"".join(file.read_bytes() for file in log.file.parent.iterdir())


def test_the_same_question_is_asked_once(log: CallLog) -> None:
    with ModelServer(lambda request: says(f"answer {len(server.requests)}")) as server:
        assert [ask(model(server, log), QUESTION) for _ in range(3)] == ["answer 1"] * 3
        assert ask(model(server, log), QUESTION, SCHEMA) == "answer 2"  # another form is another question
        assert ask(model(server, log, temperature=0.5), QUESTION) == "answer 3"
        assert ask(model(server, log, cache=False), QUESTION) == "answer 4"
        assert len(server.requests) == 4
    (draft,) = log.usage()
    assert (draft.stage, draft.calls, draft.tokens_in, draft.tokens_out) == ("draft", 4, 400, 200)


def test_a_call_is_on_record_before_its_answer_is_used(log: CallLog) -> None:
    with ModelServer(lambda request: says("yes")) as server:
        message = model(server, log).invoke(QUESTION)
    found = log.answered(_only_key(log))
    assert found is not None
    assert json.loads(found.answer or "")["data"]["content"] == message.text == "yes"
    assert json.loads(found.request)["messages"] == [{"content": "Is it so?", "role": "user"}]
    assert (found.candidate, found.stage, found.prompt, found.model) == ("h-1", "draft", "draft@1", "scripted")


def _only_key(log: CallLog) -> str:
    import sqlite3

    with sqlite3.connect(log.file) as db:
        ((key,),) = db.execute("select key from calls").fetchall()
    return str(key)


def test_a_failed_call_is_on_record_and_asked_again(log: CallLog) -> None:
    replies = iter([fails(500, "out of order"), says("yes")])
    with ModelServer(lambda request: next(replies)) as server:
        with pytest.raises(
            CallError, match=r"^The model endpoint 127\.0\.0\.1:\d+ failed \(Error code: 500 - out of order\)"
        ):
            ask(model(server, log), QUESTION)
        assert ask(model(server, log), QUESTION) == "yes"
    (usage,) = log.usage()
    assert (usage.calls, usage.failed) == (2, 1)


def test_the_key_is_sent_and_kept_nowhere(log: CallLog) -> None:
    def echo(request: Request) -> Reply:
        if len(server.requests) > 1:
            return fails(401, f"Incorrect API key provided: {KEY}")
        return says(f"your key is {KEY}, sk-proj-abcdefghij0123456789")

    with ModelServer(echo) as server:
        assert ask(model(server, log), QUESTION) == "your key is [masked], [masked]"
        with pytest.raises(ConfigError) as caught:
            ask(model(server, log, cache=False), QUESTION)
        assert server.headers[0]["authorization"] == f"Bearer {KEY}"
        assert KEY not in repr(model(server, log))
    assert KEY not in str(caught.value)
    assert KEY.encode() not in everything(log)
    assert b"sk-proj-" not in everything(log)


def test_what_a_budget_does_not_hold_is_not_asked(log: CallLog) -> None:
    with ModelServer(lambda request: says("yes")) as server:
        with pytest.raises(BudgetError):
            ask(model(server, log, budget=Budget(max_tokens=1000), max_answer=1000), QUESTION)
        assert server.requests == []
        assert ask(model(server, log, budget=Budget(max_tokens=1000), max_answer=500), QUESTION) == "yes"


def test_an_endpoint_of_ones_own_needs_no_key(log: CallLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    with ModelServer(lambda request: says("none of them")) as server:
        assert ask(model(server, log), QUESTION) == "none of them"  # the stand-in for a key is no secret
    with pytest.raises(ConfigError, match="OPENAI_API_KEY is not set"):
        model_of(ModelSettings(name="gpt"), Desk(log, Budget()))


def test_the_base_url_of_the_environment_is_used(log: CallLog, monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelServer(lambda request: says("yes")) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        named = model_of(ModelSettings(name="scripted"), Desk(log, Budget())).about("draft", "p")
        assert ask(named, QUESTION) == "yes"
        assert server.requests[0]["max_tokens"] == 3000
        assert "max_completion_tokens" not in server.requests[0]


def test_langsmith_gets_the_calls_where_it_is_asked_to(log: CallLog, monkeypatch: pytest.MonkeyPatch) -> None:
    from langchain_core.tracers.langchain import wait_for_all_tracers
    from langsmith import utils

    with ModelServer(lambda request: says("yes")) as server:
        monkeypatch.setenv("LANGSMITH_TRACING", "true")
        monkeypatch.setenv("LANGSMITH_ENDPOINT", server.url)
        monkeypatch.setenv("LANGSMITH_API_KEY", "lsv2-of-the-tests")
        utils.get_env_var.cache_clear()
        try:
            assert ask(model(server, log), QUESTION) == "yes"
            wait_for_all_tracers()
        finally:
            monkeypatch.delenv("LANGSMITH_TRACING")
            utils.get_env_var.cache_clear()
        assert any("/runs" in path for path in server.paths)
