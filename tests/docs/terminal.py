"""What the documentation shows of `wikiagent review`: a draft about peft 0.18.1.

`python -m tests.docs.terminal` runs phase 3 in a temporary folder and writes `docs/review-terminal.svg` anew.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path

from typer.testing import CliRunner

import wikiagent.cli  # noqa: F401 - registers all commands
from tests.docs.text import ROOT
from wikiagent.cli.app import app
from wikiagent.ledger import Ledger
from wikiagent.phases.publish import edit_of
from wikiagent.review.desk import Desk
from wikiagent.review.sources import Sources
from wikiagent.review.terminal.app import ReviewApp

PICTURE = ROOT / "docs/review-terminal.svg"

SHOWN = "EVA_Rho"
"""The page whose draft is shown."""


async def pictured(desk: Desk) -> str:
    """The screen of the draft, its third statement under the cursor, as SVG that loads nothing."""
    draft = next(item.id for item in desk.queue() if item.name.endswith(SHOWN))
    loop = ReviewApp(desk)
    async with loop.run_test(size=(140, 36)) as pilot:
        while not loop.sitting.items:
            await pilot.pause()
        loop.review(draft)
        while not (loop.draft and loop.draft.look):
            await pilot.pause()
        await pilot.press(*["down"] * 5)
        await pilot.pause()
        svg = loop.export_screenshot(title="wikiagent review")
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.S)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        store, wiki = Path(folder, "store"), Path(folder, "huggingface_peft")
        call = ["--store", str(store), "enrich", "--phase", "3", "--source", "pypi:peft==0.18.1", "--wiki", str(wiki)]
        result = CliRunner().invoke(app, [*call, "--repo", "huggingface_peft"], catch_exceptions=False)
        assert result.exit_code == 0, result.stderr
        sources = Sources(store, ("**/*.py",), ())
        desk = Desk(Ledger(store / "ledger.sqlite"), wiki, "reviewer", edit_of, sources, lambda: "now")
        PICTURE.write_text(asyncio.run(pictured(desk)), "utf-8")
