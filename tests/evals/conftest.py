"""A small package with goldens of its own, and what evaluates it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

import wikiagent.cli  # noqa: F401 - registers all commands
from tests.phases.conftest import FILES, write_source
from wikiagent.check.source import Source
from wikiagent.cli.app import app
from wikiagent.code.symbols import read_symbols
from wikiagent.evals.golden import Golden, GoldenEvidence
from wikiagent.evals.scoring import Subject
from wikiagent.source.snapshot import Snapshot

KEEPER = "src/zoo/keeper.py"


def evidence(first: int, last: int, path: str = KEEPER) -> GoldenEvidence:
    lines = FILES[path].split("\n")[first - 1 : last]
    return GoldenEvidence(path=path, first=first, last=last, quote="\n".join(lines))


def a_golden(name: str, *pieces: GoldenEvidence, **changes: Any) -> Golden:
    told = {
        "id": name,
        "type": "Heuristic",
        "title": "Title",
        "insight": "An insight.",
        "facts": ("A fact.",),
        "importance": 3,
        "applies_to": (),
        "evidence": pieces,
    }
    return Golden.model_validate({**told, **changes})


GOLDENS = (
    a_golden(
        "packages",
        evidence(5, 6, "setup.py"),
        type="Environment",
        title="Core_Dependencies",
        insight="The zoo needs Python 3.10, numpy and feedlib.",
        facts=("numpy>=1.17 is required", "feedlib>=0.21.0 is required"),
        importance=5,
    ),
    a_golden(
        "speed",
        evidence(13, 13),
        evidence(16, 16),
        title="Keeper_Speed_Limit",
        insight="A speed above 3.0 makes the zebras nervous.",
        facts=("Values above 3.0 make the zebras nervous", "Keepers sing to the lions at dawn"),
        importance=4,
        applies_to=("Keeper",),
    ),
    a_golden(
        "gate",
        evidence(21, 21),
        title="Gate_Closed_At_Night",
        insight="The gate cannot be opened at night because the lions are loose.",
        importance=4,
        applies_to=("Keeper.open_gate",),
    ),
    a_golden(
        "portions",
        evidence(28, 28),
        title="Portions_Limit",
        insight="More than 40 portions are not supported and may rot.",
        seen=True,
        applies_to=("feed_zebra",),
    ),
    a_golden("imports", evidence(3, 4), title="Keeper_Imports", insight="The keeper imports modules.", importance=1),
)
"""Four insights that the package tells, and one that it says nothing of."""


@pytest.fixture
def zoo(tmp_path: Path) -> Snapshot:
    return write_source(tmp_path / "zoo", "1.0", FILES)


@pytest.fixture
def subject(zoo: Snapshot) -> Subject:
    return Subject(Source(zoo), read_symbols(zoo, zoo.files).is_public, GOLDENS)


def goldens_file(folder: Path, source: str) -> Path:
    file = folder / "goldens.yaml"
    goldens = [golden.model_dump(mode="json") for golden in GOLDENS]
    file.write_text(yaml.safe_dump({"source": source, "goldens": goldens}), "utf-8")
    return file


@dataclass(frozen=True)
class Desk:
    """The command line in a folder of its own, with a configuration that is called zoo."""

    folder: Path
    source: Path

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def config(self) -> Path:
        return self.folder / "zoo.toml"

    @property
    def baseline(self) -> Path:
        return self.folder / "baseline.json"

    def configure(self, text: str = "", **keys: Any) -> None:
        told = {"source": str(self.source), "goldens": "goldens.yaml", **keys}
        lines = [f"{key} = {json.dumps(value)}\n" for key, value in told.items()]
        self.config.write_text("".join(lines) + text, "utf-8")

    def call(self, *arguments: str | Path) -> Result:
        words = ["--quiet", "--store", str(self.store), *map(str, arguments)]
        return CliRunner().invoke(app, words)

    def run(self, *options: str | Path, status: int = 0) -> Any:
        """Run the evaluation; gives its JSON."""
        done = self.call("eval", "run", self.config, "--format", "json", *options)
        assert done.exit_code == status, done.output or done.exception
        return json.loads(done.stdout)

    def fails(self, *arguments: str | Path) -> Exception:
        """A call that ends in an error; gives it."""
        done = self.call(*arguments)
        assert done.exception is not None
        assert not isinstance(done.exception, SystemExit), done.output
        return done.exception  # type: ignore[return-value]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    write_source(folder / "zoo", "1.0", FILES)
    goldens_file(folder, "./zoo")
    made = Desk(folder, folder / "zoo")
    made.configure()
    return made


Value = Callable[[Any, str], float | None]


def value(told: Any, name: str) -> float | None:
    """A metric of a run's JSON."""
    found: float | None = next(each["value"] for each in told["metrics"] if each["name"] == name)
    return found
