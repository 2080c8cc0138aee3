"""A bounded sample of `make crash-test`, and the proof that it finds an edit that is not atomic."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.crash.__main__ import shares
from tests.crash.moments import kill
from tests.crash.scene import OPERATIONS
from wikiagent.phases import publish
from wikiagent.review import promises

#: Twenty moments in all; `make crash-test` takes two hundred.
SAMPLE = shares(20)


@pytest.mark.parametrize("name", OPERATIONS)
def test_whenever_it_is_killed_nothing_is_lost(name: str, tmp_path: Path) -> None:
    found = kill(name, SAMPLE[name], 7, tmp_path)
    assert found.problems == []
    assert sum(found.ends.values()) == SAMPLE[name]


def test_an_edit_that_is_not_atomic_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(root: Path, changes: Mapping[str, str | None], before: Mapping[str, str]) -> tuple[str, ...]:
        for file, text in changes.items():
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                (root / file).unlink()
            else:
                (root / file).write_text(text)
        return tuple(changes)

    monkeypatch.setattr(promises, "apply", careless)
    monkeypatch.setattr(publish, "apply", careless)
    assert kill("enrich", 24, 7, tmp_path).problems


def test_decisions_that_are_not_promised_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without promises, a crash between the ledger and the wiki is never made up for."""
    monkeypatch.setattr("tests.crash.scene.settle", lambda *arguments: ())
    found = kill("accept", 40, 7, tmp_path)
    assert found.problems
