"""The review server is killed at random moments while decisions come in over HTTP, started again, and looked at.

What was confirmed must stand, once; wiki and ledger must be those of a desk to which nothing happened.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Timer
from typing import NamedTuple

import httpx
import uvicorn

from tests.crash.moments import Killed
from tests.web.zoo import prepared
from wikiagent.check.finding import Severity
from wikiagent.check.linter import check
from wikiagent.ledger import Decision, Ledger
from wikiagent.review.desk import Desk
from wikiagent.review.sources import Sources
from wikiagent.review.web.app import review_app
from wikiagent.review.web.guard import Door
from wikiagent.review.web.server import Address, listening
from wikiagent.wiki.graph import read_wiki

TOKEN = "secret"
FORK = get_context("fork")

Plant = Callable[[], None]
"""What is done in a server before it starts, to make it worse."""


def nothing() -> None:
    """The server as it is."""


@contextmanager
def server(desk: Desk, plant: Plant = nothing) -> Iterator[tuple[BaseProcess, httpx.Client]]:
    """A server in a process of its own, with a browser that was let in; killed at the end."""
    bound = listening(Address("127.0.0.1", 0))
    door = Door("127.0.0.1", int(bound.getsockname()[1]), TOKEN)

    def run() -> None:
        plant()
        sources = Sources(desk.ledger.file.parent, ("**/*.py",), ())
        fresh = replace(desk, ledger=Ledger(desk.ledger.file), sources=sources)
        uvicorn.Server(uvicorn.Config(review_app(fresh, door), log_level="critical")).run(sockets=[bound])

    process = FORK.Process(target=run, daemon=True)
    process.start()
    bound.close()
    origin = f"http://127.0.0.1:{door.port}"
    try:
        with httpx.Client(base_url=origin, headers={"Origin": origin}, timeout=60) as client:
            client.get("/", params={"token": TOKEN}, follow_redirects=True).raise_for_status()
            yield process, client
    finally:
        process.kill()
        process.join()


class Sent(NamedTuple):
    """A decision that was sent: what was done with which draft, and what the log has to call it."""

    action: str
    draft: int
    decision: str


def changed(text: str) -> str:
    """A page as a person might change it, so that it still passes."""
    return text.replace("=== Usage ===\n", "=== Usage ===\nFor whoever needs it: ", 1)


class Reviewer:
    """Somebody who decides by chance, and remembers what was confirmed."""

    def __init__(self, desk: Desk, chance: random.Random) -> None:
        self.desk, self.chance = desk, chance
        self.door = Door("127.0.0.1", 1, TOKEN)
        self.confirmed: list[Sent] = []
        self.refused: list[Sent] = []
        self.in_flight: Sent | None = None

    def decide(self, client: httpx.Client) -> None:
        """Send one decision.

        Raises:
            httpx.TransportError: the server is gone.
        """
        own = standing(self.desk)
        pending = [item.id for item in self.desk.queue() if item.state == "pending"]
        actions = [*(["accept", "reject", "fix"] if pending else []), *(["undo"] if own else [])]
        action = self.chance.choice(actions)
        form = {"csrf": self.door.secret("form")}
        if action == "undo":
            where, self.in_flight = "/undo", Sent(action, own[-1].draft, "undone")
        else:
            draft = self.chance.choice(pending)
            where = f"/draft/{draft}/{action}"
            self.in_flight = Sent(action, draft, "rejected" if action == "reject" else "accepted")
            form |= {"code": "unclear"} if action == "reject" else {}
            form |= {"text": changed(self.desk.view(draft).text)} if action == "fix" else {}
        answer = client.post(where, data=form)
        (self.confirmed if answer.status_code == 303 else self.refused).append(self.in_flight)
        self.in_flight = None


def standing(desk: Desk) -> list[Decision]:
    """What this reviewer decided and did not take back."""
    log = desk.ledger.log(desk.root)
    undone = {made.undoes for made in log}
    return [made for made in log if made.who == desk.who and made.decision != "undone" and made.id not in undone]


def kill_server(moments: int, seed: int, folder: Path) -> Killed:
    """Kill a server so many times; the wiki and the ledger go on from one time to the next.

    Args:
        moments: how many.
        seed: of the moments and of the decisions.
        folder: an empty folder.
    """
    desk, calm = prepared(folder / "killed"), prepared(folder / "calm")
    chance, found = random.Random(seed), Killed()
    for moment in range(moments):
        known = len(desk.ledger.log(desk.root))
        reviewer = Reviewer(desk, chance)
        with server(desk) as (process, client):
            timer = Timer(chance.uniform(0.0, 0.6), process.kill)
            timer.start()
            try:
                while process.is_alive():
                    reviewer.decide(client)
            except httpx.TransportError:
                pass
            finally:
                timer.cancel()
                process.kill()
                process.join()
        with server(desk):  # its first page settles what was promised
            pass
        told = f"review server, moment {moment}"
        found.problems += [f"{told}: {sent.action} was refused" for sent in reviewer.refused]
        found.problems += [f"{told}: {problem}" for problem in look(desk, known, reviewer, calm)]
        found.ends[
            "as after" if len(desk.ledger.log(desk.root)) - known > len(reviewer.confirmed) else "as before"
        ] += 1
        if found.problems:
            break
    return found


def look(desk: Desk, known: int, reviewer: Reviewer, calm: Desk) -> list[str]:
    """What is wrong: a decision that was confirmed and is lost, one that counts twice, a wiki that says otherwise.

    Args:
        desk: the desk that was disturbed.
        known: how long its log was before.
        reviewer: who decided since.
        calm: one that was the same before; what counted is decided there as well.
    """
    problems = []
    log = [(made.draft, made.decision) for made in desk.ledger.log(desk.root)[known:]]
    sent = [*reviewer.confirmed, *([reviewer.in_flight] if reviewer.in_flight else [])]
    told = [(each.draft, each.decision) for each in sent]
    if log not in (told, told[: len(reviewer.confirmed)]):
        return [f"confirmed {reviewer.confirmed}, in flight {reviewer.in_flight}, but the log says {log}"]
    for each in sent[: len(log)]:
        _decide(calm, each)
    if files(desk.root) != files(calm.root):
        problems.append("the wiki is not that of the same decisions, undisturbed")
    if desk.ledger.promised(desk.root) is not None:
        problems.append("a promise is not kept")
    assert desk.sources is not None
    checker = desk.sources.checker("pypi:zoo==1.0")
    findings = check(read_wiki(desk.root), checker.source).findings
    problems += [str(found) for found in findings if found.severity is Severity.ERROR]
    return [*problems, *desk.ledger.verify().problems]


def _decide(desk: Desk, sent: Sent) -> None:
    if sent.action == "accept":
        desk.accept([sent.draft])
    elif sent.action == "reject":
        desk.reject([sent.draft], "unclear")
    elif sent.action == "fix":
        desk.fix(sent.draft, changed(desk.view(sent.draft).text))
    else:
        desk.undo()


def files(root: Path) -> dict[str, bytes]:
    """The bytes of all pages, indexes and reports."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*.md"))}


def dies_before_the_wiki_is_edited() -> None:
    """A server that dies when the ledger has a decision, and the wiki has nothing of it."""
    from wikiagent.review import promises

    promises._make = lambda root, changes: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment,func-returns-value]
