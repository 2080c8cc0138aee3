"""`python -m tests.docs.screenshots` takes the pictures of the web pages in docs/ anew, of a wiki about peft 0.18.1.

It needs Chromium (`.ci/web-packages` installs it) and takes the source from the store of this checkout, or fetches it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import uvicorn
from playwright.sync_api import sync_playwright

from tests.docs.text import ROOT
from wikiagent.ledger import Ledger
from wikiagent.phases.publish import edit_of
from wikiagent.review.desk import Desk
from wikiagent.review.sources import Sources
from wikiagent.review.web.app import review_app
from wikiagent.review.web.guard import Door
from wikiagent.review.web.server import Address, listening

CHROMIUM = Path("/usr/bin/chromium")
SIZE = {"width": 1280, "height": 720}
TOKEN = "pictures"
SHOWN = "huggingface_peft_AdaLoRA_Initial_Rank_Init"
READ = "huggingface_peft_LoRA_Cat_Combination_Rank_Equal"


def prepared(folder: Path) -> Desk:
    """A wiki of which some drafts are decided."""
    store, root = folder / "store", folder / "huggingface_peft"
    store.mkdir()
    if (ROOT / "store" / "sources").is_dir():
        (store / "sources").symlink_to(ROOT / "store" / "sources")
    command = [sys.executable, "-m", "wikiagent", "--quiet", "--store", str(store), "enrich", "--phase", "3"]
    where = ["--source", "pypi:peft==0.18.1", "--wiki", str(root), "--repo", "huggingface_peft"]
    subprocess.run([*command, *where], check=True)
    sources = Sources(store, ("src/**/*.py",), ())
    desk = Desk(Ledger(store / "ledger.sqlite"), root, "ann", edit_of, sources, lambda: "2026-11-22 10:00 GMT")
    items = desk.queue()
    desk.accept([item.id for item in items[40:] if item.name != SHOWN] + [i.id for i in items[:40] if i.name == READ])
    desk.ledger.visit(root, "ann")
    return desk


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """The address of a server for a desk."""
    with listening(Address("127.0.0.1", 0)) as bound:
        door = Door("127.0.0.1", int(bound.getsockname()[1]), TOKEN)
        server = uvicorn.Server(uvicorn.Config(review_app(desk, door), log_level="error"))
        thread = Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{door.port}"
        finally:
            server.should_exit = True
            thread.join()


def take(page: Any, origin: str, desk: Desk) -> None:
    """Take the pictures: the queue after some decisions, a draft, a page of the wiki."""
    for number, item in enumerate([item for item in desk.queue() if item.state == "pending"][:9]):
        page.goto(f"{origin}/draft/{item.id}")
        if item.name == SHOWN:
            continue
        with page.expect_navigation():
            if number % 4 == 3:
                page.keyboard.press("r")
                page.keyboard.press("3")
                page.keyboard.press("Enter")
            else:
                page.keyboard.press("a")
    page.goto(f"{origin}/")
    page.screenshot(path=ROOT / "docs" / "review-queue.png")
    shown = next(item.id for item in desk.queue() if item.name == SHOWN)
    page.goto(f"{origin}/draft/{shown}")
    page.screenshot(path=ROOT / "docs" / "review-draft.png")
    page.goto(f"{origin}/wiki/heuristics/{READ}")
    page.screenshot(path=ROOT / "docs" / "serve-page.png")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = prepared(Path(folder).resolve())
        with served(desk) as origin, sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = chromium.new_page(viewport=SIZE, color_scheme="light")
            page.goto(f"{origin}/?token={TOKEN}")
            take(page, origin, desk)
            chromium.close()


if __name__ == "__main__":
    main()
