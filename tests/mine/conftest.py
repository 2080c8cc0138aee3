from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from wikiagent.code.symbols import read_symbols
from wikiagent.mine.signal import Signal
from wikiagent.mine.signals import read_signals
from wikiagent.source.snapshot import Snapshot

Mine = Callable[..., list[Signal]]


@pytest.fixture
def mine(tmp_path: Path) -> Mine:
    """Mine one file of the given code."""

    def mined(code: str | bytes, path: str = "src/zoo/cage.py") -> list[Signal]:
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(code.encode() if isinstance(code, str) else code)
        snapshot = Snapshot("path:zoo@1", "zoo", "1", tmp_path, (path,))
        return read_signals(snapshot, (path,), read_symbols(snapshot, (path,)))

    return mined
