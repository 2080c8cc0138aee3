"""A small package, and what runs phase 3 over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.model_server import ModelServer
from wikiagent.cli.agent import agent_of, model_in, probed
from wikiagent.code.chunks import chunk_snapshot
from wikiagent.config import DraftSettings, ModelSettings, Settings
from wikiagent.index.retrieve import Index
from wikiagent.ledger import Draft, Ledger
from wikiagent.phases.drafters import Extractive
from wikiagent.phases.phase3 import Outcome, Plan, enrich
from wikiagent.phases.publish import edit_of
from wikiagent.review.desk import Desk
from wikiagent.review.sources import Sources
from wikiagent.source.snapshot import Snapshot

FILES = {
    "setup.py": 'from setuptools import setup\n\nsetup(\n    name="zoo",\n    python_requires=">=3.10.0",\n'
    '    install_requires=["numpy>=1.17", "feedlib>=0.21.0"],\n)\n',
    "src/zoo/__init__.py": 'from .keeper import Keeper, feed_zebra\n\n__all__ = ["Keeper", "feed_zebra"]\n',
    "src/zoo/keeper.py": '''\
"""Keepers and what they feed."""

import os
import warnings


class Keeper:
    """Feeds animals and cleans their cages."""

    def __init__(self, speed: float = 1.5):
        """
        Args:
            speed (`float`): How fast the keeper walks. Values above 3.0 make the zebras nervous. Defaults to `1.5`.
        """
        if speed > 3.0:
            warnings.warn("A keeper with a speed above 3.0 makes the zebras nervous, use a lower speed instead.")
        self.speed = speed

    def open_gate(self, night: bool):
        if night:
            raise ValueError("The gate of the zoo cannot be opened at night because the lions are loose, wait for day.")


def feed_zebra(portions):
    """Feed the zebra."""
    # NOTE: zebras must be fed in the morning, because they refuse to eat in the heat.
    if portions > 40:
        warnings.warn("More than 40 portions are not supported, the surplus is ignored and may rot.")
    return os.environ.get("ZOO_FEED_CACHE", portions)
''',
}
NOW = "2026-11-21 20:00 GMT"


def accept(ledger: Ledger, drafts: Sequence[Draft], who: str, now: str) -> tuple[str, ...]:
    """Accept drafts as a person would."""
    return desk(ledger, drafts, who, now).accept([draft.id for draft in drafts])


def reject(ledger: Ledger, drafts: Sequence[Draft], who: str, now: str, reason: str) -> tuple[str, ...]:
    """Reject drafts as a person would."""
    return desk(ledger, drafts, who, now).reject([draft.id for draft in drafts], reason=reason)


def desk(ledger: Ledger, drafts: Sequence[Draft], who: str, now: str) -> Desk:
    """A reviewer's desk."""
    sources = Sources(ledger.file.parent, ("**/*.py",), ())
    return Desk(ledger, Path(drafts[0].wiki), who, edit_of, sources, lambda: now)


Run = Callable[..., Outcome]


def write_source(root: Path, revision: str, files: dict[str, str]) -> Snapshot:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return Snapshot(f"pypi:zoo=={revision}", "zoo", revision, root, tuple(sorted(files)))


@pytest.fixture
def source(tmp_path: Path) -> Snapshot:
    return write_source(tmp_path / "source", "1.0", FILES)


@pytest.fixture
def wiki(tmp_path: Path) -> Path:
    return tmp_path / "wiki"


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.sqlite")


@pytest.fixture
def run(source: Snapshot, wiki: Path, ledger: Ledger) -> Run:
    """Phase 3 with its usual plan, in which anything can be replaced."""

    def go(*, using: Ledger = ledger, **changes: object) -> Outcome:
        snapshot = changes.get("snapshot", source)
        assert isinstance(snapshot, Snapshot)
        plan = Plan(snapshot, snapshot.files, wiki, "some_zoo", None, 120, accept_valid=True, now=NOW)
        return enrich(replace(plan, **changes), Extractive(), using, lambda message: None)  # type: ignore[arg-type]

    return go


AgentRun = Callable[..., Outcome]


@pytest.fixture
def agent_run(source: Snapshot, wiki: Path, ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> AgentRun:
    """Phase 3 with the agent, against a model server; settings of `model` and `draft` can be replaced."""
    monkeypatch.setenv("OPENAI_API_KEY", "the-key-of-the-tests")

    def go(
        server: ModelServer,
        *,
        model: Mapping[str, object] = {},
        draft: Mapping[str, object] = {},
        cache: bool = True,
        **changes: object,
    ) -> Outcome:
        settings = Settings(
            model=ModelSettings(**{"name": "scripted", "base_url": server.url, "retries": 0, **model}),
            draft=DraftSettings(**{"mode": "packed", "plan": False, "judge": False, "concurrency": 1, **draft}),
        )
        snapshot = changes.get("snapshot", source)
        assert isinstance(snapshot, Snapshot)
        index = Index(list(chunk_snapshot(snapshot, lambda text: len(text.split()), 512)), lambda text, k: [])
        plan = Plan(snapshot, snapshot.files, wiki, "some_zoo", None, 120, accept_valid=True, now=NOW)
        with model_in(settings, ledger.file, cache=cache) as asked:
            drafter = agent_of(settings, asked, probed(asked, settings), ledger, wiki, index.search, cache=cache)
            return enrich(replace(plan, **changes), drafter, ledger, lambda message: None)  # type: ignore[arg-type]

    return go


def files_of(wiki: Path) -> dict[str, str]:
    return {path.relative_to(wiki).as_posix(): path.read_text() for path in sorted(wiki.rglob("*.md"))}


def report_of(wiki: Path) -> str:
    return (wiki / "_reports" / "phase3_enrichment.md").read_text()
