from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from starlette.types import Message

from tests.review.web.conftest import DOOR, HERE, Browser, pending
from wikiagent.review.desk import Desk
from wikiagent.review.web.app import review_app, wiki_app
from wikiagent.review.web.guard import Door

ADDRESSES = (
    "/",
    "/draft/1",
    "/draft/1/fix",
    "/draft/99",
    "/wiki",
    "/search?q=zebra",
    "/nothing",
    "/log",
    "/assets/review.js",
)


def stranger(desk: Desk) -> Browser:
    """A browser that knows nothing."""
    return Browser(review_app(desk, DOOR), base_url=HERE)


def test_the_token_becomes_a_cookie_and_leaves_the_address(desk: Desk) -> None:
    browser = stranger(desk)
    answer = browser.get(f"/draft/1?rule=new%3Dyes&token={DOOR.token}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/draft/1?rule=new%3Dyes")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert DOOR.token not in cookie
    assert cookie.startswith("wikiagent-8787="), "browsers send the cookies of one port to all others"
    assert browser.get("/draft/1").status_code == 200


def test_the_welcome_leads_nowhere_else(desk: Desk) -> None:
    for path in ("//evil.example", "/\\evil.example", "///evil.example/x"):
        answer = stranger(desk).get(f"{HERE}{path}?token={DOOR.token}", follow_redirects=False)
        assert not answer.headers.get("location", "").startswith(("//", "/\\", "http"))


@pytest.mark.parametrize("address", ADDRESSES[:-1])
def test_without_the_token_nothing_is_shown(desk: Desk, address: str) -> None:
    for browser in (stranger(desk), stranger(desk)):
        browser.cookies.set("wikiagent-8787", "a guess")
        page = browser.get(address)
        assert page.status_code == 401
        assert "Open the address that wikiagent printed" in page.text
        assert "zebra" not in page.text.lower()
    assert stranger(desk).get(f"{address}?token=wrong").status_code in (401, 403)


def test_without_the_token_nothing_is_decided(desk: Desk) -> None:
    first = pending(desk)[0]
    form = {"csrf": DOOR.secret("form")}
    answer = stranger(desk).post(f"/draft/{first}/accept", data=form, headers={"Origin": HERE})
    assert answer.status_code == 401
    assert desk.ledger.decisions(first) == []


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8787", "127.0.0.1", "127.0.0.1:80", "localhost:8788",
             "127.0.0.1:8787@evil.example", "127.0.0.1.evil.example:8787", "", "127.0.0.1:8787:1", "[::1",
             "192.168.0.1:8787"]
)  # fmt: skip
def test_another_name_of_the_server_is_refused(desk: Desk, browser: Browser, host: str) -> None:
    page = browser.get("/", headers={"Host": host})
    assert page.status_code == 421
    first = pending(desk)[0]
    form = browser.fields(f"/draft/{first}", f"/draft/{first}/accept")
    answer = browser.post(f"/draft/{first}/accept", data=form, headers={"Host": host, "Origin": f"http://{host}"})
    assert answer.status_code == 421
    assert desk.ledger.decisions(first) == []


@pytest.mark.parametrize("host", ["127.0.0.1:8787", "localhost:8787", "LOCALHOST:8787", "[::1]:8787"])
def test_the_names_of_this_machine_are_known(reader: Browser, host: str) -> None:
    assert reader.get("/wiki", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://127.0.0.1:8787"}, 403),
        ({"Origin": "http://127.0.0.1:8788"}, 403),
        ({"Origin": "http://localhost:8787"}, 403),
        ({"Origin": HERE, "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": HERE, "Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": HERE, "Sec-Fetch-Site": "same-origin"}, 303),
    ],
)
def test_a_form_of_another_site_decides_nothing(
    desk: Desk, browser: Browser, headers: dict[str, str], status: int
) -> None:
    first = pending(desk)[0]
    form = browser.fields(f"/draft/{first}", f"/draft/{first}/accept")
    del browser.headers["Origin"]
    answer = browser.post(f"/draft/{first}/accept", data=form, headers=headers, follow_redirects=False)
    assert answer.status_code == status
    assert len(desk.ledger.decisions(first)) == (status == 303)


def test_a_form_that_was_cut_off_decides_nothing(desk: Desk) -> None:
    """The browser goes away, or is killed, while it sends: what came is a form that says less than was meant."""
    first = pending(desk)[0]
    came = f"csrf={DOOR.secret('form')}&code=wrong&reason=half+of+the".encode()
    messages: Iterator[Message] = iter(
        [{"type": "http.request", "body": came, "more_body": True}, {"type": "http.disconnect"}]
    )
    headers = {
        "host": "127.0.0.1:8787", "origin": HERE, "content-type": "application/x-www-form-urlencoded",
        "cookie": f"{DOOR.cookie}={DOOR.secret('cookie')}",
    }  # fmt: skip
    scope = {
        "type": "http", "method": "POST", "path": f"/draft/{first}/reject", "query_string": b"", "scheme": "http",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip

    async def receive() -> Message:
        return next(messages)

    async def send(message: Message) -> None:
        """Nobody is there any more."""

    asyncio.run(review_app(desk, DOOR)(scope, receive, send))  # type: ignore[arg-type]
    assert first in pending(desk)
    assert desk.ledger.decisions(first) == []


@pytest.mark.parametrize("csrf", ["", "wrong", "é" * 64])
def test_a_form_without_the_secret_decides_nothing(desk: Desk, browser: Browser, csrf: str) -> None:
    first = pending(desk)[0]
    answer = browser.post(f"/draft/{first}/accept", data={"csrf": csrf})
    assert answer.status_code == 403
    assert "made by a server that has been started anew" in answer.text
    assert browser.post(f"/draft/{first}/accept", files={"csrf": b"a file"}).status_code == 403
    assert desk.ledger.decisions(first) == []


def test_nothing_is_decided_by_an_address(desk: Desk, browser: Browser) -> None:
    first = pending(desk)[0]
    for action in ("accept", "reject", "merge", "skip"):
        assert browser.get(f"/draft/{first}/{action}").status_code == 405
    assert browser.get("/undo").status_code == 405
    assert browser.put(f"/draft/{first}/accept").status_code == 405
    assert desk.ledger.log(desk.root) == desk.ledger.log(desk.root)[:2], "the policy's alone"


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_tells_the_browser_what_to_refuse(desk: Desk, browser: Browser, address: str) -> None:
    for page in (browser.get(address), stranger(desk).get(address), browser.get(address, headers={"Host": "evil"})):
        policy = page.headers["content-security-policy"]
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules == {
            "default-src": "'none'", "style-src": "'self'", "script-src": "'self'", "img-src": "'self' data:",
            "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'none'", "connect-src": "'self'",
        }  # fmt: skip
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["referrer-policy"] in ("same-origin", "no-referrer")
        assert page.headers["cache-control"] == ("private, max-age=300" if "assets" in address else "no-store")
        assert page.headers["cross-origin-resource-policy"] == "same-origin"


def test_pages_carry_no_script_or_style_of_their_own(browser: Browser) -> None:
    for address in ("/", "/draft/1", "/draft/1/fix", "/log", "/statistics", "/name", "/bulk", "/wiki", "/graph"):
        text = browser.get(address).text
        assert "<style" not in text
        assert ' style="' not in text
        assert "<script>" not in text
        assert " onclick" not in text


def test_reading_needs_no_token_here_and_changes_nothing(desk: Desk, reader: Browser) -> None:
    assert reader.get("/").url.path == "/wiki"
    for address in ("/draft/1", "/log", "/statistics", "/name", "/bulk", "/news"):
        assert reader.get(address).status_code == 404
    for action in ("/draft/1/accept", "/undo", "/bulk"):
        answer = reader.post(action, data={"csrf": Door("127.0.0.1", 8787).secret("form")}, headers={"Origin": HERE})
        assert answer.status_code in (404, 405)


def test_other_machines_need_the_token_to_read(desk: Desk) -> None:
    door = Door("0.0.0.0", 8787, "secret")
    browser = Browser(wiki_app(desk, door), base_url=HERE, headers={"Host": "192.168.0.7:8787"})
    assert browser.get("/wiki").status_code == 401
    assert browser.get("/wiki?token=secret").status_code == 200
    assert browser.get("/wiki", headers={"Host": "evil.example:8787"}).status_code == 421
