from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.review.web.conftest import pending
from wikiagent.errors import ConfigError, WikiError
from wikiagent.review.desk import Desk
from wikiagent.review.web.guard import Door, is_loopback
from wikiagent.review.web.server import Address, listening, serve_review, serve_wiki


@contextmanager
def program(desk: Desk, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The program as a user starts it, and the address that it prints."""
    command = [sys.executable, "-m", "wikiagent", "--store", str(desk.ledger.file.parent), *arguments]
    with subprocess.Popen(
        [*command, "--wiki", str(desk.root), "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, re.search(r"http://\S+", process.stdout.readline())[0]  # type: ignore[index]
        finally:
            process.kill()


def test_the_printed_address_lets_in_and_ctrl_c_ends_cleanly(desk: Desk) -> None:
    with program(desk, "review", "--web", "--as", "bert") as (process, address):
        origin = address.partition("/?")[0]
        with httpx.Client(base_url=origin, headers={"Origin": origin}, follow_redirects=True, timeout=60) as client:
            assert client.get("/").status_code == 401
            page = client.get(address)
            assert "Drafts to review" in page.text
            assert "token" not in str(page.url)
            first = pending(desk)[0]
            csrf = re.search(r'name="csrf" value="(\w+)"', client.get(f"/draft/{first}").text)[1]  # type: ignore[index]
            assert client.post(f"/draft/{first}/skip", data={"csrf": csrf}).status_code == 200
        os.kill(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0
        assert errors == ""
    assert desk.ledger.decisions(first)[0].who == "bert"


def test_reading_prints_no_token(desk: Desk) -> None:
    with program(desk, "serve") as (_, address):
        assert "token" not in address
        assert "Heuristics" in httpx.get(address, follow_redirects=True, timeout=60).text


def test_a_port_in_use_is_a_sentence(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for serve in (serve_review, serve_wiki):
            with pytest.raises(ConfigError, match=f"Port {port} of 127.0.0.1 is in use.*--port 0"):
                serve(desk, Address("127.0.0.1", port), print)
    assert capsys.readouterr().out == "", "no address is printed that leads nowhere"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "wiki.example"])
def test_others_are_served_only_where_somebody_says_so(desk: Desk, host: str) -> None:
    for serve in (serve_review, serve_wiki):
        with pytest.raises(ConfigError, match=r"can be reached from other machines. Add --expose"):
            serve(desk, Address(host, 0), print)


def test_a_host_that_is_not_this_machine_is_a_sentence(desk: Desk) -> None:
    with pytest.raises(ConfigError, match=r"Nothing can be served at 192.0.2.1"):
        serve_review(desk, Address("192.0.2.1", 0, expose=True), print)


def test_a_wiki_that_is_not_there_is_a_sentence(desk: Desk, tmp_path: Path) -> None:
    from dataclasses import replace

    with pytest.raises(WikiError, match="There is no wiki"):
        serve_wiki(replace(desk, root=tmp_path / "none"), Address("127.0.0.1", 0), print)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.1.2.3", True), ("localhost", True), ("::1", True), ("[::1]", True), ("0.0.0.0", False),
     ("localhost.evil.example", False), ("::ffff:10.0.0.1", False), ("", False)],
)  # fmt: skip
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_an_exposed_server_knows_addresses_and_its_own_name_only() -> None:
    door = Door("0.0.0.0", 8787, "t")
    assert door.knows("10.0.0.3:8787")
    assert door.knows(f"{socket.gethostname().lower()}:8787")
    assert not door.knows("evil.example:8787")
    assert not door.knows("10.0.0.3:80")


def test_listening_takes_a_free_port() -> None:
    with listening(Address("localhost", 0)) as bound:
        assert bound.getsockname()[1] > 0
