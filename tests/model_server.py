"""A small OpenAI-compatible server on loopback for tests: plays a script over real sockets, and can misbehave.

    with ModelServer(author) as server:
        ...  # base URL: server.url; what was asked: server.requests

A script is a function from the request's JSON to a `Reply`. `author` is one that writes pages that pass all checks.
"""

from __future__ import annotations

import json
import re
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Literal

Request = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """What the server does with a request.

    Attributes:
        status, headers, body: as HTTP has them; a body that is no bytes is sent as JSON.
        then: `reset` breaks off in the middle of the body, `hang` sends nothing until the server ends, `drip` sends a
            byte every `pause` seconds, `raw` sends the body alone, as a server of another protocol does.
        pause: seconds before the reply, or between the bytes of a `drip`.
    """

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    then: Literal["", "reset", "hang", "drip", "raw"] = ""
    pause: float = 0.0


Script = Callable[[Request], Reply]


def says(
    text: str | None,
    *,
    tool_calls: Sequence[tuple[str, Any]] = (),
    finish: str | None = None,
    usage: tuple[int, int] | None = (100, 50),
    refusal: str | None = None,
) -> Reply:
    """A chat completion with a text, or calls of tools: pairs of name and arguments (a string is sent as it is)."""
    message: Request = {"role": "assistant", "content": text}
    if refusal is not None:
        message["refusal"] = refusal
    if tool_calls:
        message["tool_calls"] = [
            {
                "id": f"call_{number}",
                "type": "function",
                "function": {"name": name, "arguments": given if isinstance(given, str) else json.dumps(given)},
            }
            for number, (name, given) in enumerate(tool_calls)
        ]
    body: Request = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": "scripted",
        "choices": [
            {"index": 0, "message": message, "finish_reason": finish or ("tool_calls" if tool_calls else "stop")}
        ],
    }
    if usage:
        body["usage"] = usage_of(*usage)
    return Reply(body)


def usage_of(tokens_in: int, tokens_out: int) -> Request:
    """The usage of a completion."""
    return {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, "total_tokens": tokens_in + tokens_out}


def fails(status: int, message: str = "it failed", code: str | None = None, **headers: str) -> Reply:
    """An error as OpenAI words it."""
    error = {"message": message, "type": "error", "code": code}
    return Reply({"error": error}, status, {name.replace("_", "-"): value for name, value in headers.items()})


class _Quiet(ThreadingHTTPServer):
    """A server that says nothing of clients that went away, even within a request: tests kill them."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError | json.JSONDecodeError):
            super().handle_error(request, client_address)


class ModelServer:
    """The server.

    Attributes:
        requests: the bodies of all chat requests, in order of arrival; `headers` and `times` are theirs.
        paths: of all that was posted.
        listing: the reply to who asks for the models, where it is not `models`.
    """

    def __init__(
        self,
        script: Script,
        models: Sequence[Request] = ({"id": "scripted", "object": "model"},),
        listing: Reply | None = None,
    ) -> None:
        self.script = script
        self.models = models
        self.listing = listing
        self.requests: list[Request] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.times: list[float] = []
        self._lock, self._ended = Lock(), Event()
        self._server = _Quiet(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> ModelServer:
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def stages(self) -> list[str]:
        """The stages of the requests, in order."""
        return [stage(request) for request in self.requests]

    def of(self, wanted: str) -> list[Request]:
        """The requests of one stage."""
        return [request for request in self.requests if stage(request) == wanted]

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler's
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each reply waits 40 ms for an acknowledgement

            def do_GET(self) -> None:
                if self.path.endswith("/models"):
                    self._send(server.listing or Reply({"object": "list", "data": list(server.models)}))
                else:
                    self._send(fails(404))

            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with server._lock:
                    server.paths.append(self.path)
                if not self.path.endswith("/chat/completions"):
                    self._send(fails(404))
                    return
                body = json.loads(data)
                with server._lock:
                    server.requests.append(body)
                    server.headers.append({name.lower(): value for name, value in self.headers.items()})
                    server.times.append(time.monotonic())
                self._send(server.script(body))

            def _send(self, reply: Reply) -> None:
                data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                if reply.then == "hang":
                    server._ended.wait(60)
                    return
                if reply.then == "raw":
                    self.wfile.write(data)
                    self.close_connection = True
                    return
                if reply.then != "drip":
                    time.sleep(reply.pause)
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.headers.get("Content-Type", "application/json"))
                self.send_header("Content-Length", str(len(data)))
                for name, value in reply.headers.items():
                    if name != "Content-Type":
                        self.send_header(name, value)
                self.end_headers()
                if reply.then == "reset":
                    self.wfile.write(data[: len(data) // 2])
                    self.wfile.flush()
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                elif reply.then == "drip":
                    self._drip(data, reply.pause)
                else:
                    self.wfile.write(data)

            def _drip(self, data: bytes, pause: float) -> None:
                for byte in data:
                    try:
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                    except OSError:  # nobody waits any more
                        self.close_connection = True
                        return
                    if server._ended.wait(pause):
                        return

            def log_message(self, *args: Any) -> None:
                pass

        return Handler


_STAGES = {
    "You write one page": "draft",
    "You plan pages": "plan",
    "You check a wiki page": "judge",
    "You read the source": "read",
}


def stage(request: Request) -> str:
    """What a request is for: `probe`, `plan`, `read`, `draft`, `repair` or `judge`."""
    first = str(request["messages"][0]["content"])
    found = next((name for start, name in _STAGES.items() if first.startswith(start)), "probe")
    sent_back = any("was checked and cannot stand" in str(message["content"]) for message in request["messages"][2:])
    return "repair" if found == "draft" and sent_back else found


def prompt_of(request: Request) -> str:
    """All text of a request."""
    return "\n".join(str(message["content"]) for message in request["messages"])


def shown_ids(request: Request) -> list[str]:
    """The ids of the evidence that a request shows."""
    return re.findall(r"^<<(e\d+) ", prompt_of(request), re.M)


def author(request: Request) -> Reply:
    """A model that does all that it is asked to, so that its pages pass all checks."""
    return says(json.dumps(_ANSWERS[stage(request)](request))) if stage(request) in _ANSWERS else _probe(request)


def _probe(request: Request) -> Reply:
    if "tools" in request:
        return says(None, tool_calls=[("find_symbol", {"name": "LoraConfig"})])
    return says(json.dumps({"colour": "blue"}) if "response_format" in request else "ready")


def page_answer(request: Request, **changes: Any) -> Request:
    """An answer with a page that its first evidence supports, whichever that is."""
    prompt = prompt_of(request)
    statement = {"text": "The code says what has to be known about this.", "refs": [shown_ids(request)[0]]}
    further = {"text": "It is the code that decides here.", "refs": statement["refs"]}
    page: Request = {"overview": [statement], "description": [further], "usage": "Read this before using the code."}
    if "Page: Environment" in prompt:
        row = {"category": "OS", "requirement": [{**statement, "text": "It runs where the code runs."}], "notes": []}
        page |= {"requirements": [row], "errors": [], "compatibility": [], "category": "Core"}
    else:
        action = {**statement, "text": "Look at the code before you use it."}
        page |= {"insight": [{"label": "Action", "prose": [action]}], "reasoning": [], "category": "Warning"}
    narrow = {"narrow": []} if '"narrow":' in prompt else {}
    return page | narrow | changes


def _plan(request: Request) -> Request:
    found = re.findall(r"^<<(c\d+) \w+ \| (\w+); suggested name (\S+)>>", prompt_of(request), re.M)
    return {
        "pages": [
            {"candidate": c, "worth": True, "why": "it is", "same_as": "none", "name": name, "applies_to": []}
            for c, _, name in found
        ]
    }


def judgement(request: Request, verdict: str = "supported") -> Request:
    """An answer of a judge that says the same of all statements."""
    rows = re.findall(r"^(s\d+) \(evidence (e\d+)", prompt_of(request), re.M)
    return {
        "verdicts": [{"statement": s, "lines": [f"{e}.1"], "why": "it says so", "verdict": verdict} for s, e in rows]
    }


_ANSWERS: dict[str, Callable[[Request], Request]] = {
    "draft": page_answer,
    "repair": page_answer,
    "plan": _plan,
    "judge": judgement,
}
