"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from wikiagent.source.fetch import fetch
from wikiagent.source.snapshot import Snapshot

SHARED = Path(__file__).parents[2] / "shared"
"""The read-only reference material: a folder beside the checkout."""


@pytest.fixture(scope="session")
def shared() -> Path:
    if not SHARED.is_dir():
        pytest.skip(f"the reference material is not at {SHARED}")
    return SHARED


@pytest.fixture(scope="session")
def peft(request: pytest.FixtureRequest) -> Snapshot:
    """peft 0.18.1, downloaded once and kept in pytest's cache folder over runs."""
    store: Path = request.config.cache.mkdir("store")  # type: ignore[union-attr]
    return fetch("pypi:peft==0.18.1", store)
