"""A real browser before a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn

from tests.web.zoo import prepared
from wikiagent.review.desk import Desk
from wikiagent.review.web.app import review_app
from wikiagent.review.web.guard import Door
from wikiagent.review.web.server import Address, listening

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} not found: `.ci/web-packages` installs it through apt")
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright's Python client is not installed")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return prepared(tmp_path)


@dataclass
class Served:
    """A server, and the browsers before it; what one of them complains of is kept."""

    origin: str
    token: str
    chromium: Any
    complaints: list[str] = field(default_factory=list)
    contexts: list[Any] = field(default_factory=list)

    def page(self, address: str = "/", **options: Any) -> Any:
        """A page in a browser of its own, which was let in."""
        context = self.chromium.new_context(**options)
        context.set_default_timeout(20_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", self._told)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        mark = "&" if "?" in address else "?"
        page.goto(f"{self.origin}{address}{mark}token={self.token}")
        return page

    def _told(self, message: Any) -> None:
        refused = "status of 409" in message.text or "status of 422" in message.text  # pages that say why
        if message.type in ("error", "warning") and not refused:
            self.complaints.append(message.text)


Serve = Callable[[Desk], Served]


@pytest.fixture
def serve(chromium: Any) -> Iterator[Serve]:
    """Serves desks; whatever a browser complains of fails the test."""
    started: list[tuple[uvicorn.Server, Thread, Served]] = []

    def go(desk: Desk) -> Served:
        bound = listening(Address("127.0.0.1", 0))
        port = int(bound.getsockname()[1])
        server = uvicorn.Server(uvicorn.Config(review_app(desk, Door("127.0.0.1", port, "secret")), log_level="error"))
        thread = Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        started.append((server, thread, Served(f"http://127.0.0.1:{port}", "secret", chromium)))
        return started[-1][2]

    yield go
    for server, thread, served in started:
        for context in served.contexts:
            context.close()
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()
    assert [told for _, _, served in started for told in served.complaints] == []


@pytest.fixture
def served(desk: Desk, serve: Serve) -> Served:
    return serve(desk)
