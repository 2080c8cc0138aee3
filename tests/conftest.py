from __future__ import annotations

from pathlib import Path

import pytest

from wikiagent.source.fetch import fetch
from wikiagent.source.snapshot import Snapshot


@pytest.fixture(scope="session")
def peft(request: pytest.FixtureRequest) -> Snapshot:
    """peft 0.18.1, downloaded once and kept in pytest's cache folder over runs."""
    store: Path = request.config.cache.mkdir("store")  # type: ignore[union-attr]
    return fetch("pypi:peft==0.18.1", store)
