from __future__ import annotations

import os
from pathlib import Path

import pytest

from wikiagent.source.fetch import fetch
from wikiagent.source.snapshot import Snapshot


@pytest.fixture(scope="session")
def peft(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    store = os.environ.get("WIKIAGENT_TEST_STORE") or tmp_path_factory.mktemp("store")
    return fetch("pypi:peft==0.18.1", Path(store))
