from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wikiagent.errors import ConfigError, RemoteError
from wikiagent.index.embed import OpenAIEmbedder, WordLlama, embedder_of
from wikiagent.source.snapshot import Snapshot


@cache
def _wordllama() -> WordLlama:
    return WordLlama()


@pytest.fixture
def wordllama() -> WordLlama:
    return _wordllama()


def test_wordllama_needs_no_network(wordllama: WordLlama) -> None:
    vectors = wordllama.embed(["quantized weights", "weights in 4 bit", "the zebra eats grass", ""])
    assert vectors.shape == (4, 256)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), [1, 1, 1, 0], atol=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]
    assert wordllama.embed([]).shape == (0, 256)


def test_wordllama_counts_by_its_own_tokenizer(wordllama: WordLlama) -> None:
    assert wordllama.count("") == 0
    assert 1 <= wordllama.count("weights") <= 3
    assert wordllama.count("<s>[PAD]\x00\u2028</s>") > 1
    assert np.isfinite(wordllama.embed(["<s>[PAD]\x00\u2028</s><unk>"])).all()


CODE = st.lists(
    st.sampled_from(["self", ".", "_id", "Whether", " ", "    ", "\t", "==", "5", '("', "\n", "é", "█", "<s>", ";\r"])
)


@given(CODE.map("".join) | st.text(), CODE.map("".join) | st.text())
def test_wordllama_counts_no_less_than_there_is_and_lines_add_up(first: str, second: str) -> None:
    wordllama = _wordllama()
    count, tokens = wordllama.count, wordllama._tokenizer.encode(first, add_special_tokens=False)
    assert count(first) >= len(tokens)
    assert "<" in first or "\r" in first or count(first) == len(tokens)
    assert count(f"{first}\n{second}") <= count(first) + count(f"\n{second}")


def test_the_pieces_of_real_code_have_the_tokens_of_the_whole(peft: Snapshot, wordllama: WordLlama) -> None:
    for path in ("src/peft/peft_model.py", "src/peft/utils/other.py", "setup.py"):
        text = "\n".join(peft.lines(path))
        assert wordllama.count(text) == len(wordllama._tokenizer.encode(text, add_special_tokens=False))


@pytest.mark.parametrize("setting", ["", "openai:", "wordllama:big", "minilm"])
def test_an_embedder_that_is_none(setting: str) -> None:
    with pytest.raises(ConfigError, match="is no embedder"):
        embedder_of(setting)


class Endpoint(ThreadingHTTPServer):
    """A small embeddings endpoint; `mode` says how it misbehaves."""

    mode = "well"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[dict[str, Any]] = []

    def answer(self, texts: list[str]) -> tuple[int, str]:
        rows = [
            {"index": n, "embedding": [float(len(text)), 1.0], "object": "embedding"} for n, text in enumerate(texts)
        ]
        if self.mode == "shuffled":
            rows.reverse()
        elif self.mode == "few":
            rows.pop()
        elif self.mode == "ragged":
            rows[0]["embedding"] = [1.0]
        elif self.mode == "infinite":
            return 200, '{"data": [{"index": 0, "embedding": [NaN, 1.0]}]}'
        elif self.mode == "html":
            return 200, "<html>Welcome</html>"
        elif self.mode == "other":
            return 200, '{"result": "ok"}'
        elif self.mode.isdigit():
            return int(self.mode), '{"error": {"message": "no such luck"}}'
        return 200, json.dumps({"object": "list", "data": rows, "model": "m", "usage": {}})


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(asked)
        status, body = self.server.answer(asked["input"])
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if self.server.mode == "html" else "application/json")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    with Endpoint() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("OPENAI_API_KEY", "a key for the loopback")
        monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{server.server_port}/v1")
        yield server
        server.shutdown()


def test_openai_embeds_in_batches_and_in_order(endpoint: Endpoint) -> None:
    embedder = embedder_of("openai:small")
    vectors = embedder.embed(["x" * number for number in range(1, 151)])
    assert vectors.shape == (150, 2)
    assert vectors.dtype == np.float32
    assert vectors[:, 0].tolist() == list(range(1, 151))
    assert [len(asked["input"]) for asked in endpoint.requests] == [64, 64, 22]
    assert {asked["model"] for asked in endpoint.requests} == {"small"}
    assert embedder.name == "openai:small"
    assert embedder.count("é") == 2


def test_openai_answers_may_come_in_any_order(endpoint: Endpoint) -> None:
    endpoint.mode = "shuffled"
    assert OpenAIEmbedder("m").embed(["a", "bb"])[:, 0].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("mode", "error", "says"),
    [
        ("500", RemoteError, "embedding failed"),
        ("400", RemoteError, "embedding failed"),
        ("401", ConfigError, "OPENAI_API_KEY"),
        ("404", ConfigError, "Check the model"),
        ("few", RemoteError, "1 vectors for 2 texts"),
        ("ragged", RemoteError, "different lengths"),
        ("html", RemoteError, "not a list of embeddings"),
        ("other", RemoteError, "not a list of embeddings"),
        ("infinite", RemoteError, "not a list of embeddings"),
    ],
)
def test_openai_endpoints_that_misbehave(endpoint: Endpoint, mode: str, error: type[Exception], says: str) -> None:
    endpoint.mode = mode
    with pytest.raises(error, match=says):
        OpenAIEmbedder("m").embed(["a", "bb"])


def test_openai_endpoint_that_is_not_there(endpoint: Endpoint) -> None:
    embedder = OpenAIEmbedder("m")
    endpoint.shutdown()
    endpoint.server_close()
    with pytest.raises(RemoteError, match="embedding failed"):
        embedder.embed(["a"])


def test_openai_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        embedder_of("openai:small")
