"""The drafts of a small package, in a store, before a reviewer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.phases.conftest import FILES, NOW, Run, ledger, run, wiki  # noqa: F401  (fixtures)
from wikiagent.ledger import Ledger
from wikiagent.phases.publish import edit_of
from wikiagent.review.desk import Desk
from wikiagent.review.sources import Sources
from wikiagent.source.kept import keep, workspace
from wikiagent.source.snapshot import Snapshot

Changed = Callable[[str], str]


@pytest.fixture
def source(tmp_path: Path) -> Snapshot:
    """The small package as a store keeps it."""
    with workspace(tmp_path) as folder:
        for path, text in FILES.items():
            (folder / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "tree" / path).write_text(text)
        there = "pypi:zoo==1.0"
        return keep(tmp_path, folder / "tree", source=there, name="zoo", revision="1.0", url=None, asked=there)


@pytest.fixture
def desk(run: Run, wiki: Path, ledger: Ledger, tmp_path: Path) -> Desk:  # noqa: F811
    """A reviewer's desk with drafts pending; a page of each type is in the wiki."""
    drafts = run(accept_valid=False).drafts
    desk = Desk(ledger, wiki, "ann", edit_of, Sources(tmp_path, ("**/*.py",), ()), lambda: NOW)
    lowest = {draft.type: draft.id for draft in drafts}
    replace(desk, who="policy:accept-valid").accept(list(lowest.values()))
    return desk


@pytest.fixture
def bert(desk: Desk) -> Desk:
    """The desk of another reviewer of the same drafts."""
    return replace(desk, who="bert", ledger=Ledger(desk.ledger.file))
