"""What all tests share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest

from wikiagent.source.fetch import fetch
from wikiagent.source.snapshot import Snapshot

LOOPBACK = ("127.0.0.1", "localhost", "::1", "testserver")

SHARED = Path(__file__).parents[2] / "shared"
"""The read-only reference material: a folder beside the checkout."""


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip(f"the reference material is not at {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def peft(request: pytest.FixtureRequest) -> Snapshot:
    """peft 0.18.1, downloaded once and kept in pytest's cache folder over runs."""
    store: Path = request.config.cache.mkdir("store")  # type: ignore[union-attr]
    return fetch("pypi:peft==0.18.1", store)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--live", action="store_true", help="also ask the model of OPENAI_BASE_URL and WIKIAGENT_MODEL__NAME"
    )
    parser.addoption("--update-prompts", action="store_true", help="store the prompts as they are rendered now")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--live"):
        for item in items:
            if item.get_closest_marker("live"):
                item.add_marker(pytest.mark.skip(reason="asks a real model; pass --live"))


@pytest.fixture(autouse=True)
def no_live_calls(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks a model beyond this machine, unless `--live` was asked for and the test is marked so."""
    if request.node.get_closest_marker("live"):
        return
    for name in (
        "OPENAI_API_KEY",
        "OPENAI_BASE_URL",
        "WIKIAGENT_MODEL__NAME",
        "LANGSMITH_TRACING",
        "LANGSMITH_API_KEY",
    ):
        monkeypatch.delenv(name, raising=False)
    for client in (httpx.Client, httpx2.Client):
        monkeypatch.setattr(client, "send", _on_loopback(client.send))


def _on_loopback(send: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: Any, request: Any, **kwargs: Any) -> Any:
        if request.url.host not in LOOPBACK:
            raise RuntimeError(f"A test asked {request.url.host}: live calls need --live.")
        return send(self, request, **kwargs)

    return guarded
