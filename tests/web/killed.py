"""The server is killed at random moments while decisions come in over HTTP, started again, and looked at.

python -m tests.web.killed --moments 50 --seed 2026
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Timer

import httpx
import uvicorn

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


@dataclass
class Outcome:
    """What became of the decisions: how many were confirmed, how many in flight counted, and what is wrong."""

    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def changed(text: str) -> str:
    """A page as a person might change it, so that it still passes."""
    return text.replace("=== Usage ===\n", "=== Usage ===\nFor whoever needs it: ", 1)


class Reviewer:
    """Somebody who decides by chance, and remembers what was confirmed."""

    def __init__(self, desk: Desk, chance: random.Random) -> None:
        self.desk, self.chance = desk, chance
        self.door = Door("127.0.0.1", 1, TOKEN)
        self.confirmed: list[tuple[int, str]] = []
        self.in_flight: tuple[int, str] | None = None

    def decide(self, client: httpx.Client, counts: Counter[str]) -> None:
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
            where, self.in_flight = "/undo", (own[-1].draft, "undone")
        else:
            draft = self.chance.choice(pending)
            where = f"/draft/{draft}/{action}"
            self.in_flight = (draft, "rejected" if action == "reject" else "accepted")
            form |= {"code": "unclear"} if action == "reject" else {}
            form |= {"text": changed(self.desk.view(draft).text)} if action == "fix" else {}
        answer = client.post(where, data=form)
        if answer.status_code == 303:
            counts[f"confirmed {action}"] += 1
            self.confirmed.append(self.in_flight)
        else:
            counts[f"refused {action}"] += 1
        self.in_flight = None


def standing(desk: Desk) -> list[Decision]:
    """What this reviewer decided and did not take back."""
    log = desk.ledger.log(desk.root)
    undone = {made.undoes for made in log}
    return [made for made in log if made.who == desk.who and made.decision != "undone" and made.id not in undone]


def one_kill(desk: Desk, chance: random.Random, outcome: Outcome, plant: Plant = nothing) -> None:
    """Decide until the server is killed, start it again, and look."""
    known = len(desk.ledger.log(desk.root))
    reviewer = Reviewer(desk, chance)
    with server(desk, plant) as (process, client):
        timer = Timer(chance.uniform(0.0, 0.6), process.kill)
        timer.start()
        try:
            while process.is_alive():
                reviewer.decide(client, outcome.counts)
        except httpx.TransportError:
            outcome.counts["killed in the middle" if reviewer.in_flight else "killed between"] += 1
        finally:
            timer.cancel()
            process.kill()
            process.join()
    with server(desk):  # its first page settles what was promised
        pass
    outcome.problems += look(desk, known, reviewer.confirmed, reviewer.in_flight, outcome.counts)


def look(
    desk: Desk,
    known: int,
    confirmed: list[tuple[int, str]],
    in_flight: tuple[int, str] | None,
    counts: Counter[str],
) -> list[str]:
    """What is wrong: a decision that was confirmed and is lost, one that counts twice, a wiki that says otherwise."""
    problems = []
    log = [(made.draft, made.decision) for made in desk.ledger.log(desk.root)[known:]]
    with_last = [*confirmed, in_flight] if in_flight else confirmed
    if log not in (confirmed, with_last):
        problems.append(f"confirmed {confirmed}, in flight {in_flight}, but the log says {log}")
    counts["in flight, and counted"] += in_flight is not None and log == with_last
    wiki = read_wiki(desk.root)
    there = {(str(kind), name) for kind, name in wiki.pages if kind in ("Heuristic", "Environment")}
    accepted = {(draft.type, draft.name) for draft in desk.ledger.drafts(desk.root, "accepted")}
    if there != accepted:
        problems.append(f"only in the wiki: {there - accepted}; only in the ledger: {accepted - there}")
    if desk.ledger.promised(desk.root) is not None:
        problems.append("a promise is not kept")
    assert desk.sources is not None
    checker = desk.sources.checker("pypi:zoo==1.0")
    problems += [str(found) for found in check(wiki, checker.source).findings if found.severity is Severity.ERROR]
    problems += desk.ledger.verify().problems
    return problems


def run(folder: Path, moments: int, seed: int, plant: Plant = nothing) -> Outcome:
    """Kill a server so many times; the wiki and the ledger go on from one time to the next."""
    desk, chance, outcome = prepared(folder), random.Random(seed), Outcome()
    for _ in range(moments):
        one_kill(desk, chance, outcome, plant)
        if outcome.problems:
            break
    return outcome


def dies_before_the_wiki_is_edited() -> None:
    """A server that dies when the ledger has a decision, and the wiki has nothing of it."""
    from wikiagent.review import promises

    promises._make = lambda root, changes: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[assignment,func-returns-value]


def main() -> int:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--moments", type=int, default=50)
    cli.add_argument("--seed", type=int, default=2026)
    arguments = cli.parse_args()
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(Path(folder).resolve(), arguments.moments, arguments.seed)
    print(", ".join(f"{number} {what}" for what, number in sorted(outcome.counts.items())))
    print(f"killed {arguments.moments} times in {time.perf_counter() - begun:.0f} s; {len(outcome.problems)} problems")
    print("\n".join(outcome.problems))
    return bool(outcome.problems)


if __name__ == "__main__":
    sys.exit(main())
