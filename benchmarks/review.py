"""Time that a reviewer waits with a thousand drafts: for the queue, and from a decision to the next draft.

    python -m benchmarks.review [--drafts 1000] [--pages 700] [--decisions 40]

The wiki is that of peft 0.18.1, its Environment and Heuristic pages copied until it has so many pages; the drafts are
copies of those of peft under new names. Measured twice: at the desk, as the terminal uses it, and over HTTP, with the
server in a process of its own, from sending the form to having the whole page of the next draft. Beside it stands a
floor from the same run: reading the files of the wiki, which each decision has to do.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from benchmarks.check_speed import SOURCE, STORE, grown, write
from wikiagent.ledger import Ledger, NewDraft
from wikiagent.phases.publish import edit_of
from wikiagent.review.desk import Desk
from wikiagent.review.sources import Sources
from wikiagent.wiki.graph import read_wiki


def wikiagent(store: Path, *arguments: str) -> None:
    """Run the program as a user does."""
    command = [sys.executable, "-m", "wikiagent", "--quiet", "--store", str(store), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)


def prepare(folder: Path, drafts: int, pages: int) -> Desk:
    """A wiki of so many pages with so many drafts that wait, and the desk for it."""
    store, root = folder / "store", folder / "wiki"
    store.mkdir()
    wikiagent(STORE, "index", "--source", SOURCE)  # fetched once, into the store of this checkout
    (store / "sources").symlink_to((STORE / "sources").resolve())
    wikiagent(store, "enrich", "--phase", "3", "--accept-valid", "--source", SOURCE, "--wiki", str(root))
    wiki = read_wiki(root)
    leaves = sum(kind in ("Environment", "Heuristic") for kind, _ in wiki.pages)
    write(root, grown(wiki, pages - len(wiki.pages) + leaves))
    ledger = Ledger(store / "ledger.sqlite")
    known, run = ledger.drafts(root), ledger.last_run(root)
    assert run is not None
    copies = [known[number % len(known)] for number in range(drafts)]
    new = [
        NewDraft(
            f"{draft.candidate} {number}",
            draft.type,
            f"{draft.name}_again_{number}",
            draft.drafter,
            number + 1,
            draft.score,
            f"{draft.digest}{number}",
            json.dumps({**json.loads(draft.page), "name": f"{draft.name}_again_{number}"}),
            (),
        )
        for number, draft in enumerate(copies)
    ]
    candidates = {draft.candidate for draft in (*known, *new)}
    ledger.record(run.id, root, run.source, new, candidates)
    sources = Sources(store, ("src/**/*.py",), ())
    return Desk(ledger, root, "bench", edit_of, sources, lambda: time.strftime("%Y-%m-%d %H:%M GMT", time.gmtime()))


def timed(what: Callable[[], object], times: int) -> list[float]:
    """Seconds that something took, so many times."""
    out = []
    for _ in range(times):
        begun = time.perf_counter()
        what()
        out.append(time.perf_counter() - begun)
    return out


def show(label: str, seconds: list[float]) -> None:
    """Print median, 95th percentile and worst, in ms."""
    ordered = sorted(seconds)
    tail = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    print(f"{label:42}{1000 * statistics.median(ordered):8.0f}{1000 * tail:8.0f}{1000 * ordered[-1]:8.0f}")


def at_the_desk(desk: Desk, times: int) -> None:
    """Decisions as the terminal makes them."""
    show("desk: the queue", timed(desk.queue, 5))
    waiting = iter([item.id for item in desk.queue() if item.state == "pending"])
    show("desk: a draft to look at", timed(lambda: desk.view(next(waiting)), times))
    show("desk: accept", timed(lambda: desk.accept([next(waiting)], 1.0), times))
    show("desk: reject", timed(lambda: desk.reject([next(waiting)], "unclear", "Says nothing.", 1.0), times))
    show("desk: undo", timed(desk.undo, times))


def over_http(desk: Desk, times: int) -> None:
    """Decisions as the browser makes them: the form is sent, the next draft comes back."""
    store = desk.ledger.file.parent
    command = [sys.executable, "-m", "wikiagent", "--store", str(store), "review", "--web", "--wiki", str(desk.root)]
    with subprocess.Popen([*command, "--port", "0"], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            url = httpx.URL(re.search(r"http://\S+", server.stdout.readline())[0])  # type: ignore[index]
            origin = f"http://{url.host}:{url.port}"
            with httpx.Client(base_url=origin, follow_redirects=True, headers={"Origin": origin}, timeout=60) as client:
                show("HTTP: the queue, first", timed(lambda: client.get(url).raise_for_status(), 1))
                show("HTTP: the queue", timed(lambda: client.get("/").raise_for_status(), 5))
                _decisions(client, times, server.pid)
        finally:
            server.terminate()


def used(pid: int) -> float:
    """Seconds of processor time that a process has used; other programs on the machine do not count (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until_idle(pid: int) -> None:
    """Wait until the server has read ahead, as it does while the reviewer reads the first draft."""
    before = -1.0
    while used(pid) > before:
        before = used(pid)
        time.sleep(0.5)


def _decisions(client: httpx.Client, times: int, pid: int) -> None:
    page = client.get(re.search(r"/draft/\d+", client.get("/").text)[0])  # type: ignore[index]
    fields = ("csrf", "rule", "opened")

    def decide(action: str, **typed: str) -> None:
        nonlocal page
        form = {name: _value(page.text, name) for name in fields} | typed
        where = "/undo" if action == "undo" else f"{page.url.path}/{action}"
        page = client.post(where, data=form).raise_for_status()

    decide("accept")
    wait_until_idle(pid)
    before = used(pid)
    show("HTTP: accept, and the next draft", timed(lambda: decide("accept"), times))
    print(f"{'      processor time of the server, each':42}{1000 * (used(pid) - before) / times:8.0f}")
    rejected = timed(lambda: decide("reject", code="unclear", reason="Says nothing."), times)
    show("HTTP: reject, and the next draft", rejected)
    show("HTTP: skip, and the next draft", timed(lambda: decide("skip"), times))
    show("HTTP: undo, and the draft again", timed(lambda: decide("undo"), times))


def _value(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    return found[1] if found else ""


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--drafts", type=int, default=1000)
    cli.add_argument("--pages", type=int, default=700)
    cli.add_argument("--decisions", type=int, default=40)
    args = cli.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        desk = prepare(Path(folder).resolve(), args.drafts, args.pages)
        files = list(desk.root.rglob("*.md"))
        waiting = len(desk.ledger.drafts(desk.root, "pending"))
        print(f"{len(read_wiki(desk.root).pages)} pages, {waiting} drafts that wait")
        print(f"{'ms':42}{'median':>8}{'p95':>8}{'worst':>8}")
        show("floor: reading the files of the wiki", timed(lambda: [path.read_bytes() for path in files], 10))
        show("floor: reading the wiki, as a check does", timed(lambda: read_wiki(desk.root), 10))
        at_the_desk(desk, args.decisions)
        over_http(desk, args.decisions)


if __name__ == "__main__":
    main()
