"""What goes wrong between the agent and its endpoint, over real sockets, and how each of it ends.

A fault ends in a page that passes all checks, in a draft that is dropped with its reason on record, in a page that is
left for the next run, or in one sentence; never in a page with an error's text on it, and never with the key anywhere.
"""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.conftest import wikiagent
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
from tests.phases.conftest import FILES, AgentRun, files_of, write_source
from wikiagent.draft.reading import MAX_CALLS
from wikiagent.errors import CallError, ConfigError, WikiagentError
from wikiagent.ledger import CallLog, Ledger
from wikiagent.phases.agent_drafter import MAX_FAILURES
from wikiagent.phases.phase3 import Outcome

KEY = "the-key-of-the-tests"
#: In all texts of errors; what holds it came from one.
MARK = "zxqmark"
ERROR = f"{MARK}: no luck with the key {KEY}"
#: Further attempts of each call; with one layer of them, a call that always fails is made once more than that.
RETRIES = 1

Ending = str | type[WikiagentError]


# --- the faults of the calls about one page ---


@dataclass(frozen=True)
class Fault:
    """What an endpoint does with the calls about one page, and what becomes of that page.

    Attributes:
        reply: the reply to a call, by the request and how many came before it.
        ends: `accepted`, `rejected` (dropped with a finding), `failed` (left for the next run), or the error that
            ends the run.
        said: in the finding or the error, as a regular expression.
        requests: how many calls there are.
        model: settings of the model.
    """

    reply: Callable[[Request, int], Reply]
    ends: Ending
    said: str = ""
    requests: int = 1 + RETRIES
    model: dict[str, Any] = field(default_factory=dict)


def always(reply: Reply) -> Callable[[Request, int], Reply]:
    return lambda request, before: reply


def once(reply: Reply) -> Callable[[Request, int], Reply]:
    """A fault that is over with the next call."""
    return lambda request, before: author(request) if before else reply


def answers(change: Callable[[Request, str], str]) -> Callable[[Request, int], Reply]:
    """A model that does its work, but for what is made of its answer's text."""
    return lambda request, before: says(change(request, str(author(request).body["choices"][0]["message"]["content"])))


def page(**changes: Any) -> Callable[[Request, int], Reply]:
    """A model whose pages have some fields of another kind."""
    return lambda request, before: says(json.dumps(page_answer(request, **changes)))


def told(*texts: str) -> Callable[[Request, int], Reply]:
    """A model that tells something else: the texts of overview, description, and of what to do."""

    def reply(request: Request, before: int) -> Reply:
        overview, description, action = ([{"text": text, "refs": shown_ids(request)[:1]}] for text in texts)
        answer = page_answer(request, overview=overview, description=description)
        part = "insight" if "insight" in answer else "requirements"
        answer[part][0]["prose" if part == "insight" else "requirement"] = action
        return says(json.dumps(answer))

    return reply


def body(**changes: Any) -> Reply:
    """A chat completion of which some fields are others."""
    return Reply(says("ready").body | changes)


SOON = {"Retry-After": "0.05"}
GERMAN = (
    "Der Wert darf nicht größer als erlaubt sein, weil sonst eine Warnung ausgegeben wird und nichts geschieht.",
    "Wer einen größeren Wert übergibt, bekommt eine Warnung, und der Rest der Menge wird stillschweigend verworfen.",
    "Übergib einen kleineren Wert, damit keine Warnung kommt und die ganze Menge verwendet wird.",
)
CHINESE = (
    "该值不能超过允许的最大值,否则会发出警告,多余的部分将被忽略。",
    "传入更大的值时,代码会发出警告,其余部分会被静默丢弃,不会被使用。",
    "请使用较小的值,以免出现警告,并确保全部数量都被使用。",
)
STREAM = b'data: {"choices": [{"delta": {"content": "{}"}}]}\n\ndata: [DONE]\n\n'
HTML = f"<html><body>{ERROR}</body></html>".encode() + b"<p>more</p>" * 500
OLLAMA = {"model": "scripted", "message": {"role": "assistant", "content": "{}"}, "done": True, "note": ERROR}
ANTHROPIC = {"type": "message", "role": "assistant", "content": [{"type": "text", "text": ERROR}]}

FAULTS: dict[str, Fault] = {
    # the endpoint turns it away
    "429, retry after": Fault(once(fails(429, ERROR, **SOON)), "accepted", requests=2),
    "429, always": Fault(always(fails(429, ERROR)), "failed", "rate limit"),
    "429, retry in an hour": Fault(always(fails(429, ERROR, Retry_After="3600")), "failed", "rate limit", requests=1),
    "500, once": Fault(once(fails(500, ERROR)), "accepted", requests=2),
    "500, always": Fault(always(fails(500, ERROR, **SOON)), "failed", "failed .* Try again later"),
    "503, always": Fault(always(fails(503, ERROR, **SOON)), "failed", "failed .* Try again later"),
    "529, overloaded": Fault(always(fails(529, ERROR, **SOON)), "failed", "failed .* Try again later"),
    "401, wrong key": Fault(always(fails(401, ERROR)), ConfigError, "refused the key .* Check OPENAI_API_KEY", 1),
    "403, forbidden": Fault(always(fails(403, ERROR)), ConfigError, "refused the key .* Check OPENAI_API_KEY", 1),
    "404, unknown model": Fault(always(fails(404, ERROR)), ConfigError, r"the model scripted .* Check \[model\]", 1),
    "400, bad request": Fault(always(fails(400, ERROR)), "failed", "refused the request", 1),
    "302, redirect": Fault(
        always(Reply(ERROR.encode(), 302, {"Location": "http://127.0.0.1:9/v1"})), "failed", "failed", 1
    ),
    # the connection
    "reset in mid-body": Fault(once(replace(says("{}" * 999), then="reset")), "accepted", requests=2),
    "reset, always": Fault(always(replace(says(ERROR * 99), then="reset")), "failed", "broke off .* server running"),
    "hang": Fault(
        always(Reply(then="hang")),
        "failed",
        r"no answer within 0\.3 s\. Raise \[model\] timeout",
        model={"timeout": 0.3},
    ),
    "slow drip": Fault(
        always(replace(says(ERROR * 99), then="drip", pause=0.01)),
        "failed",
        r"no answer within 0\.3 s",
        model={"timeout": 0.3},
    ),
    "another protocol": Fault(always(Reply(f"SSH-2.0-{MARK}\r\n".encode(), then="raw")), "failed", "broke off"),
    # what came is no chat completion
    "HTML with status 200": Fault(
        always(Reply(HTML, headers={"Content-Type": "text/html"})), "failed", "base_url; it mostly ends in /v1", 1
    ),
    "error object with status 200": Fault(
        always(Reply({"error": {"message": ERROR * 99, "code": 500}})), "failed", "does not answer with chat compl", 1
    ),
    "stream that nobody asked for": Fault(
        always(Reply(STREAM, headers={"Content-Type": "text/event-stream"})), "failed", "does not answer with chat", 1
    ),
    "half a JSON body": Fault(always(Reply(b'{"choices": [{"mess')), "failed", "does not answer with chat comple", 1),
    "Ollama's own protocol": Fault(always(Reply(OLLAMA)), "failed", "does not answer with chat completions", 1),
    "Anthropic's protocol": Fault(always(Reply(ANTHROPIC)), "failed", "does not answer with chat completions", 1),
    "null choices": Fault(always(body(choices=None)), "failed", "does not answer with chat completions", 1),
    "choice without message": Fault(always(body(choices=[{}])), "failed", "does not answer with chat completions", 1),
    "usage of another form": Fault(always(body(usage={"prompt_tokens": "many"})), "failed", "does not answer with", 1),
    "no Unicode in the error": Fault(always(fails(400, f"{ERROR} \ud83d")), "failed", "refused the request", 1),
    # a completion without an answer
    "no choices": Fault(always(body(choices=[])), "rejected", "without a message", 4),
    "message of a user": Fault(
        always(body(choices=[{"message": {"role": "user", "content": ERROR}}])), "rejected", "without a message", 4
    ),
    "empty answer": Fault(always(says("")), "rejected", "The answer is empty", 4),
    "blank answer": Fault(once(says(" \n")), "accepted", requests=2),
    "null content": Fault(always(says(None)), "rejected", "The answer is empty", 4),
    "cut off": Fault(always(says('{"overview": [{', finish="length")), "rejected", "cut off after 3000 tokens", 4),
    "refusal": Fault(always(says(None, refusal=ERROR)), "rejected", "The model refused", 1),
    "content filter": Fault(always(says("", finish="content_filter")), "rejected", "content filter", 1),
    "tool call that nobody asked for": Fault(
        always(says(None, tool_calls=[("find_symbol", {})])), "rejected", "The answer is empty", 4
    ),
    # an answer that is no page
    "invalid JSON": Fault(always(says('{"overview": [' + MARK)), "rejected", "no JSON object", 2),
    "JSON in a fence after words": Fault(
        answers(lambda request, text: f"Here is the page, as {{you}} asked:\n\n```json\n{text}\n```\nGood luck!"),
        "accepted",
        requests=1,
    ),
    "prose": Fault(always(says(f"I am sorry. {ERROR}")), "rejected", "no JSON object", 2),
    "a list": Fault(always(says(json.dumps([ERROR]))), "rejected", "does not have the form", 2),
    "another shape": Fault(always(says(json.dumps({"error": ERROR}))), "rejected", "is a required property", 2),
    "deeper than Python": Fault(always(says('{"a":' * 100_000)), "rejected", "no JSON object", 2),
    "extra fields": Fault(page(path="/etc/passwd", line=7), "rejected", "'line', 'path' were unexpected", 2),
    "unknown evidence": Fault(
        page(overview=[{"text": "So it is.", "refs": ["e99"]}]), "rejected", "'e99' is not one of", 2
    ),
    "no evidence": Fault(
        page(overview=[{"text": "So it is.", "refs": []}]), "rejected", r"\[\] should be non-empty", 2
    ),
    "no Unicode in the answer": Fault(page(usage="Read \ud83d this."), "rejected", "no Unicode", 2),
    "control characters": Fault(page(usage="Read \0\x1b\x07 this."), "accepted", requests=1),
    "in German": Fault(told(*GERMAN), "rejected", "not written in English", 2),
    "in Chinese": Fault(told(*CHINESE), "rejected", "not written in English", 2),
    "with the key": Fault(
        told(f"It says {KEY}.", "It is the code that decides.", "Look at it."), "accepted", requests=1
    ),
    # more than the model can take
    "context_length_exceeded": Fault(
        always(fails(400, f"maximum context length is 9 tokens. {ERROR}", "context_length_exceeded")),
        "rejected",
        "longer than the model's context",
        2,  # the second time with less
    ),
}
#: Faults that no first call gets past either, so that the run ends with one sentence before it has begun.
FATAL = {name: fault for name, fault in FAULTS.items() if fault.ends == "failed" or not isinstance(fault.ends, str)}


@dataclass
class Nowhere:
    """Where neither the key nor the text of an error may be, once the block has ended."""

    folder: Path
    wiki: Path
    ledger: Ledger
    output: Callable[[], str]
    texts: list[str] = field(default_factory=list)

    def ended(self, outcome: Outcome) -> Outcome:
        """Take in what a run told."""
        self.texts += [skipped.why for skipped in outcome.done.failed]
        if outcome.done.stopped is not None:
            self.raised(outcome.done.stopped)
        return outcome

    def raised(self, error: BaseException) -> None:
        """Take in an error as a traceback shows it, with its causes."""
        self.texts += [str(error), "".join(traceback.format_exception(error))]
        assert len(str(error)) < 600
        assert "\n" not in str(error)
        str(error).encode()  # a terminal can show it

    def check(self) -> None:
        files = [
            file for file in self.folder.rglob("*") if file.is_file() and self.folder / "source" not in file.parents
        ]
        assert {self.ledger.file.name, f"{self.ledger.file.name}-wal"} <= {file.name for file in files}
        assert not [file for file in files if KEY.encode() in file.read_bytes()]
        assert KEY not in "".join(self.texts) + self.output()
        pages = [draft.page for draft in self.ledger.drafts()]
        texts = [*pages, *files_of(self.wiki).values()]
        assert not [text for text in texts if MARK in text or re.search(r"[\x00-\x08\x0b-\x1f]", text)]


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No power fails here, so that nothing waits for the disk; and the first retry comes soon."""
    connect = sqlite3.connect

    def unsynced(*given: Any, **options: Any) -> sqlite3.Connection:
        db = connect(*given, **options)
        db.execute("pragma synchronous = off")
        return db

    monkeypatch.setattr(sqlite3, "connect", unsynced)
    monkeypatch.setattr(os, "fsync", lambda file: None)
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.02)


@pytest.fixture
def nowhere(
    tmp_path: Path,
    wiki: Path,
    ledger: Ledger,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    recwarn: pytest.WarningsRecorder,
) -> Iterator[Nowhere]:
    caplog.set_level(logging.INFO)  # as with --verbose

    def output() -> str:
        return "".join((*capfd.readouterr(), caplog.text, *(str(warning.message) for warning in recwarn)))

    found = Nowhere(tmp_path, wiki, ledger, output)
    with closing(sqlite3.connect(ledger.file)) as open_:  # so that the log beside the ledger stays as it was written
        open_.execute("select count(*) from calls").fetchone()
        yield found
        found.check()


class FirstPage:
    """A script that has a fault in the calls about the first page, and does its work otherwise."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.first: str | None = None
        self.requests = 0

    def __call__(self, request: Request) -> Reply:
        if stage(request) not in ("draft", "repair"):
            return author(request)
        task = request["messages"][1]["content"].partition("\n")[0]
        self.first = self.first or task
        if task != self.first:
            return author(request)
        self.requests += 1
        return self.fault.reply(request, self.requests - 1)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_of_one_page_is_that_page_s_alone(
    fault: Fault, agent_run: AgentRun, ledger: Ledger, nowhere: Nowhere
) -> None:
    with ModelServer(script := FirstPage(fault)) as server:
        outcome = nowhere.ended(agent_run(server, model={"retries": RETRIES, **fault.model}, limit=2))
    done = outcome.done
    assert script.requests == fault.requests
    if not isinstance(fault.ends, str):
        assert isinstance(done.stopped, fault.ends)
        assert re.search(fault.said, str(done.stopped))
        assert len(outcome.drafts) + done.left == 2  # the other page may have been begun, and then is finished
        return
    assert done.stopped is None
    assert [draft.state for draft in outcome.drafts] == [fault.ends, "accepted"][fault.ends == "failed" :]
    reasons = [skipped.why for skipped in done.failed]
    if fault.ends == "rejected":
        reasons = [" ".join(f"{f.code} {f.message}" for f in ledger.findings(outcome.drafts[0].id))]
    assert len(reasons) == (fault.ends != "accepted")
    assert all(re.search(fault.said, reason) for reason in reasons)


@pytest.mark.parametrize("fault", FATAL.values(), ids=FATAL)
def test_a_fault_from_the_first_call_on_is_one_sentence(
    fault: Fault, agent_run: AgentRun, wiki: Path, nowhere: Nowhere
) -> None:
    raised = CallError if fault.ends == "failed" else ConfigError
    with (
        ModelServer(lambda request: fault.reply(request, 0)) as server,
        pytest.raises(raised, match=fault.said) as error,
    ):
        agent_run(server, model={"retries": RETRIES, **fault.model})
    assert len(server.requests) == fault.requests
    assert not wiki.exists()
    nowhere.raised(error.value)


# --- endpoints that lack something ---


def drafting(script: Callable[[Request], Reply]) -> Callable[[Request], Reply]:
    """A script for the calls that write pages; the others get what they ask for."""
    return lambda request: script(request) if stage(request) in ("draft", "repair") else author(request)


def without(refused: Callable[[Request], bool], status: int = 400) -> Callable[[Request], Reply]:
    """An endpoint that does not know a part of a request."""
    return lambda request: fails(status, ERROR) if refused(request) else author(request)


def with_reader(request: Request) -> Reply:
    return says("Nothing more to say.") if stage(request) == "read" else author(request)


LACKING: dict[str, Callable[[Request], Reply]] = {
    "tools": without(lambda request: "tools" in request),
    "tools, as OpenRouter says it": without(lambda request: "tools" in request, 404),
    "empty tools": lambda request: fails(400, ERROR) if request.get("tools") == [] else with_reader(request),
    "response_format": lambda r: fails(400, ERROR) if "response_format" in r else with_reader(r),
    "max_completion_tokens": lambda r: fails(400, ERROR) if "max_completion_tokens" in r else with_reader(r),
    "usage": lambda request: Reply({k: v for k, v in with_reader(request).body.items() if k != "usage"}),
    "id, created and model": lambda request: Reply({"choices": with_reader(request).body["choices"]}),
}


@pytest.mark.parametrize("script", LACKING.values(), ids=LACKING)
def test_pages_are_written_without(
    script: Callable[[Request], Reply], agent_run: AgentRun, ledger: Ledger, nowhere: Nowhere
) -> None:
    with ModelServer(script) as server:
        outcome = nowhere.ended(agent_run(server, draft={"mode": "auto", "plan": True, "judge": True}, limit=1))
    assert [draft.state for draft in outcome.drafts] == ["accepted"]
    assert all(
        row.tokens_in > 0 and row.tokens_out > 0 for row in CallLog(ledger.file).usage() if row.calls > row.failed
    )


LISTINGS = {
    "none": fails(404, ERROR),
    "not for this key": fails(403, ERROR),
    "HTML": Reply(HTML, headers={"Content-Type": "text/html"}),
    "of another form": Reply({"data": [{"name": "scripted"}, 7]}),
    "contexts of another form": Reply({"data": [{"id": "scripted", "max_model_len": "big", "meta": [1]}]}),
    "broken": replace(Reply({"data": []}), then="reset"),
}


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)
def test_pages_are_written_whatever_the_list_of_models_is(
    listing: Reply, agent_run: AgentRun, nowhere: Nowhere
) -> None:
    with ModelServer(author, listing=listing) as server:
        outcome = nowhere.ended(agent_run(server, limit=1))
    assert [draft.state for draft in outcome.drafts] == ["accepted"]


@pytest.mark.parametrize("key", ["x", "none", "content", "test"])
def test_a_word_in_place_of_a_key_is_no_secret(key: str, agent_run: AgentRun, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "The test of the content has none but -----BEGIN PRIVATE KEY----- in it."
    with ModelServer(drafting(lambda request: told(text, "It decides.", "Look at the code.")(request, 0))) as server:
        monkeypatch.setenv("OPENAI_API_KEY", key)
        outcome = agent_run(server, limit=1)
    assert text in outcome.drafts[0].page


# --- waiting, and how often ---


def test_a_call_is_repeated_when_the_endpoint_says_so(agent_run: AgentRun, nowhere: Nowhere) -> None:
    script = FirstPage(Fault(lambda r, n: author(r) if n > 1 else fails(429, ERROR, Retry_After="0.3"), "accepted"))
    with ModelServer(script) as server:
        outcome = nowhere.ended(agent_run(server, model={"retries": 2}, limit=1))
        waits = [after - before for before, after in zip(server.times[3:], server.times[4:], strict=False)]
    assert [draft.state for draft in outcome.drafts] == ["accepted"]
    assert len(waits) == 2
    assert all(0.3 <= wait < 0.5 for wait in waits)


@pytest.mark.parametrize("retries", [0, 3])
def test_retries_are_as_many_as_the_settings_say(retries: int, agent_run: AgentRun, nowhere: Nowhere) -> None:
    with ModelServer(lambda request: fails(500, ERROR, **SOON)) as server, pytest.raises(CallError) as error:
        agent_run(server, model={"retries": retries})
    nowhere.raised(error.value)
    assert len(server.requests) == 1 + retries


def test_nothing_listens(agent_run: AgentRun, nowhere: Nowhere) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        there = {"base_url": f"http://somebody:{KEY}@127.0.0.1:{taken.getsockname()[1]}/v1"}
        with ModelServer(author) as server, pytest.raises(CallError, match=r"cannot be reached .* running") as error:
            agent_run(server, model=there)
    nowhere.raised(error.value)


# --- evidence and tools ---

LONG = FILES | {
    "src/zoo/keeper.py": FILES["src/zoo/keeper.py"].replace(
        "    if portions > 40:\n", "".join(f"    portions += {n}\n" for n in range(20)) + "    if portions > 40:\n"
    )
}


@pytest.mark.parametrize(
    ("first", "last", "ends"),
    [("e1.999", "e1.1000", "rejected"), ("1", "2", "rejected"), (1, 2, "rejected"), (None, None, "accepted")],
)
def test_lines_that_the_evidence_does_not_have(
    first: object, last: object, ends: str, agent_run: AgentRun, ledger: Ledger, nowhere: Nowhere, tmp_path: Path
) -> None:
    """Without lines of its own, the model names the last line before the first one: that is the same piece."""

    def narrowing(request: Request) -> Reply:
        answer = page_answer(request)
        if "narrow" not in answer:
            return author(request)
        ids = re.findall(r"^(e\d+\.\d+)\|", prompt_of(request), re.M)
        answer["description"][0]["refs"] = [shown_ids(request)[0], ids[0].partition(".")[0]]
        return says(json.dumps(answer | {"narrow": [{"first": first or ids[-1], "last": last or ids[0]}]}))

    with ModelServer(drafting(narrowing)) as server:
        outcome = nowhere.ended(agent_run(server, snapshot=write_source(tmp_path / "source" / "long", "1.1", LONG)))
    narrowed = [draft for draft in outcome.drafts if draft.state == ends]
    assert narrowed
    said = [f.message for draft in narrowed for f in ledger.findings(draft.id) if f.severity == "error"]
    assert all("narrow.0." in each for each in said)
    assert bool(said) == (ends == "rejected")


def calls(*called: tuple[Any, Any], **changes: Any) -> Reply:
    """A completion that calls tools; `changes` are of each call."""
    reply = says(None, tool_calls=called)
    for call in reply.body["choices"][0]["message"]["tool_calls"]:
        call |= changes
    return reply


def reads_once(reply: Reply) -> Callable[[Request], Reply]:
    """A reader that begins with a reply and then ends."""

    def script(request: Request) -> Reply:
        begun = any(message["role"] == "assistant" for message in request["messages"])
        return reply if stage(request) == "read" and not begun else with_reader(request)

    return script


READERS: dict[str, tuple[Callable[[Request], Reply], int]] = {
    "no such tool": (reads_once(calls(("rm", {"path": "/"}))), 2),
    "no name": (reads_once(calls((None, {}))), 2),
    "no arguments": (reads_once(calls(("read_lines", {}))), 2),
    "arguments of other types": (reads_once(calls(("read_lines", {"path": [1], "first": "x", "last": None}))), 2),
    "arguments that are a list": (reads_once(calls(("grep", [1]))), 1),
    "arguments that are null": (reads_once(calls(("grep", "null"))), 2),
    "arguments that are no JSON": (reads_once(calls(("grep", '{"text": '))), 1),
    "more arguments than there are": (reads_once(calls(("grep", {"text": "gate", "path": "/etc"}))), 2),
    "lines that are none": (
        reads_once(calls(*(("read_lines", {"path": "setup.py", "first": f, "last": n}) for f, n in ((0, 0), (5, 2))))),
        2,
    ),
    "files outside": (
        reads_once(
            calls(*(("read_lines", {"path": p, "first": 1, "last": 9}) for p in ("../x", "/etc/passwd", "a\0")))
        ),
        2,
    ),
    "empty words": (
        reads_once(calls(("search_code", {"query": " "}), ("grep", {"text": ""}), ("find_symbol", {"name": ""}))),
        2,
    ),
    "half a character": (reads_once(calls(("grep", {"text": "\ud83d"}), ("search_code", {"query": "\ud83d"}))), 2),
    "calls without ids": (reads_once(calls(("grep", {"text": "gate"}), id=None)), 2),
    "the same id twice": (reads_once(calls(("grep", {"text": "gate"}), ("grep", {"text": "lion"}), id="call")), 2),
    "no choices": (reads_once(body(choices=[])), 1),
    "notes with half a character": (reads_once(says("Notes \ud83d")), 1),
    "refusal": (reads_once(says(None, refusal=ERROR)), 1),
    "without end": (lambda r: calls(("grep", {"text": "gate"})) if stage(r) == "read" else author(r), MAX_CALLS),
}


@pytest.mark.parametrize(("script", "readings"), READERS.values(), ids=READERS)
def test_whatever_a_reader_does_the_page_is_written(
    script: Callable[[Request], Reply], readings: int, agent_run: AgentRun, nowhere: Nowhere
) -> None:
    with ModelServer(script) as server:
        outcome = nowhere.ended(agent_run(server, draft={"mode": "tools"}, limit=1))
        assert server.stages().count("read") == readings
    assert outcome.done.failed == []
    assert outcome.done.stopped is None
    assert [draft.state for draft in outcome.drafts] == ["accepted"]


def test_what_was_read_before_a_reader_was_stopped_is_evidence(agent_run: AgentRun, nowhere: Nowhere) -> None:
    def script(request: Request) -> Reply:
        lines = {"path": "src/zoo/keeper.py", "first": len(request["messages"]), "last": 20}
        return calls(("read_lines", lines)) if stage(request) == "read" else author(request)

    with ModelServer(script) as server:
        nowhere.ended(agent_run(server, draft={"mode": "tools"}, limit=1))
        assert len(shown_ids(server.of("draft")[0])) > MAX_CALLS


def test_an_endpoint_that_fails_a_reader_leaves_the_page(agent_run: AgentRun, nowhere: Nowhere) -> None:
    with ModelServer(reads_once(fails(400, ERROR))) as server:
        outcome = nowhere.ended(agent_run(server, draft={"mode": "tools"}, limit=1))
    assert [skipped.why.count("refused the request") for skipped in outcome.done.failed] == [1]


# --- judge, plan and context ---


@pytest.mark.parametrize(
    ("reply", "ends"),
    [
        (fails(500, ERROR), "failed"),
        (says(f"I cannot. {ERROR}"), "accepted"),
        (says(None, refusal=ERROR), "accepted"),
        (says(json.dumps({"verdicts": [ERROR]})), "accepted"),
        (body(choices=[]), "accepted"),
    ],
)
def test_a_judge_that_fails(reply: Reply, ends: str, agent_run: AgentRun, ledger: Ledger, nowhere: Nowhere) -> None:
    with ModelServer(lambda request: reply if stage(request) == "judge" else author(request)) as server:
        outcome = nowhere.ended(agent_run(server, draft={"judge": True}, limit=1))
    if ends == "failed":
        assert [skipped.why.count("Try again later") for skipped in outcome.done.failed] == [1]
    else:
        (draft,) = outcome.drafts
        (finding,) = [found for found in ledger.findings(draft.id) if found.code == "CLM004"]
        assert (draft.state, finding.severity) == ("accepted", "warning")
        assert "was not judged" in finding.message


def test_a_plan_whose_calls_fail_ends_the_run(agent_run: AgentRun, ledger: Ledger, nowhere: Nowhere) -> None:
    with ModelServer(lambda request: fails(500, ERROR) if stage(request) == "plan" else author(request)) as server:
        outcome = nowhere.ended(agent_run(server, draft={"plan": True}, limit=2))
    assert isinstance(outcome.done.stopped, CallError)
    assert (len(ledger.drafts()), outcome.done.left) == (0, 2)


def test_a_context_too_small_for_one_candidate(agent_run: AgentRun, ledger: Ledger, nowhere: Nowhere) -> None:
    with ModelServer(author) as server:
        outcome = nowhere.ended(agent_run(server, model={"context": 2000}, limit=2))
        assert "draft" not in server.stages()
    assert [draft.state for draft in outcome.drafts] == ["rejected", "rejected"]
    for draft in outcome.drafts:
        (finding,) = ledger.findings(draft.id)
        assert finding.code == "DRF001"
        assert re.search(r"context of 2000 tokens is too small; \d{4} are needed", finding.message)


# --- a whole run ---


def test_an_endpoint_that_dies_ends_the_run_and_the_next_one_goes_on(
    agent_run: AgentRun, ledger: Ledger, wiki: Path, nowhere: Nowhere
) -> None:
    written = 2

    def dying(request: Request) -> Reply:
        return author(request) if server.stages().count("draft") <= written else replace(says(ERROR), then="reset")

    with ModelServer(dying) as server:
        first = nowhere.ended(agent_run(server))
        # a further page may have been begun before the last failure was seen
        assert server.stages().count("draft") - written in (MAX_FAILURES, MAX_FAILURES + 1)
    assert isinstance(first.done.stopped, CallError)
    assert [draft.state for draft in first.drafts] == ["accepted"] * written
    assert len(first.done.failed) in (MAX_FAILURES - 1, MAX_FAILURES)
    assert first.done.left == first.candidates - written - len(first.done.failed)
    kept = files_of(wiki)
    assert all(f"{draft.type.lower()}s/{draft.name}.md" in kept for draft in first.drafts)

    with ModelServer(author) as server:
        second = nowhere.ended(agent_run(server))
        assert server.stages().count("draft") == first.candidates - written
    assert second.done.stopped is None
    assert [draft.state for draft in second.drafts] == ["accepted"] * first.candidates
    assert {name: kept[name] for name in kept if name[0] == "h"}.items() <= files_of(wiki).items()


def test_failures_that_are_not_in_a_row_end_no_run(agent_run: AgentRun, nowhere: Nowhere) -> None:
    def script(request: Request) -> Reply:
        return author(request) if server.stages().count("draft") % MAX_FAILURES == 0 else fails(500, ERROR)

    with ModelServer(drafting(script)) as server:
        outcome = nowhere.ended(agent_run(server))
    assert outcome.done.stopped is None
    assert len(outcome.drafts) == outcome.candidates // MAX_FAILURES
    assert len(outcome.drafts) + len(outcome.done.failed) == outcome.candidates


def test_the_command_ends_with_one_sentence_and_without_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path, text in FILES.items():
        (tmp_path / "zoo" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "zoo" / path).write_text(text)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("WIKIAGENT_MODEL__RETRIES", "0")
    with ModelServer(drafting(lambda request: fails(401, ERROR))) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        command = ("-v", "enrich", "--source", "zoo", "--wiki", "wiki", "--model", "scripted", "--no-plan")
        done = wikiagent(*command, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith("wikiagent: The model endpoint 127.0.0.1:")
    assert "Check OPENAI_API_KEY." in done.stderr
    assert "Traceback" not in done.stderr
    assert KEY not in done.stderr
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]
