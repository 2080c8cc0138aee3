"""The evaluation of peft, as `make eval` runs it, with the committed configuration and goldens."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.docs.text import ROOT
from tests.end_to_end.conftest import wikiagent
from tests.evals.conftest import value
from wikiagent.errors import RemoteError
from wikiagent.evals.config import read_config
from wikiagent.evals.guards import BELOW, PASS, REGRESSION
from wikiagent.source.fetch import fetch
from wikiagent.source.snapshot import Snapshot


def run(config: str, sources: Path, folder: Path) -> dict[str, Any]:
    """Run a committed configuration beside the committed baseline; gives its JSON. A threshold may be missed."""
    shutil.copytree(ROOT / "evals", folder, dirs_exist_ok=True)
    (folder / "store").mkdir()
    (folder / "store" / "sources").symlink_to(sources, target_is_directory=True)
    done = wikiagent("--store", "store", "eval", "run", config, "--output", "out", "--format", "json", cwd=folder)
    assert done.returncode in (PASS, BELOW, REGRESSION), done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert told["verdict"] == {PASS: "pass", BELOW: "below", REGRESSION: "regression"}[done.returncode]
    return told


def regressed(told: dict[str, Any]) -> list[str]:
    """What is worse than in the baseline."""
    held = [guard for guard in told["guards"] if guard["kind"] == "baseline"]
    assert held
    return [f"{each['metric']} was {each['bound']} and is {each['value']}" for each in held if not each["met"]]


@pytest.fixture(scope="module")
def evaluated(peft: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of an evaluation that was run, and its JSON."""
    folder = tmp_path_factory.mktemp("eval")
    return folder, run("peft.toml", peft.root.parent, folder)


def test_nothing_is_worse_than_in_the_committed_baseline(evaluated: tuple[Path, dict[str, Any]]) -> None:
    assert regressed(evaluated[1]) == []


@pytest.mark.parametrize("config", ["datasets.toml", "sentence-transformers.toml"])
def test_nothing_is_worse_about_packages_that_nobody_tuned_to(
    config: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    store: Path = request.config.cache.mkdir("store")  # type: ignore[union-attr]
    try:
        fetch(read_config(ROOT / "evals" / config).source, store)
    except RemoteError as error:
        pytest.skip(f"it cannot be downloaded: {error}")
    assert regressed(run(config, store / "sources", tmp_path)) == []


def test_peft_is_scored(evaluated: tuple[Path, dict[str, Any]]) -> None:
    folder, told = evaluated
    assert told["pages"] == 120
    assert told["goldens"] >= 70
    assert told["lost"] == []
    recall, unseen = value(told, "recall@120"), value(told, "recall_unseen@120")
    assert recall is not None
    assert unseen is not None
    assert 0.6 <= unseen <= recall
    assert recall == round(1 - len(told["missed"]) / told["goldens"], 6)
    assert value(told, "citation_validity") == 1
    assert value(told, "unsupported_numbers") == 0
    report = (folder / "out" / "report.html").read_text("utf-8")
    assert report.count('<div class="miss">') == len(told["missed"])


def test_a_stored_run_scores_to_the_same_bytes(evaluated: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = evaluated
    again = wikiagent("--store", "store", "eval", "report", "peft-1", "--rescore", "--output", "again", cwd=folder)
    assert again.returncode == 0, again.stderr
    for name in ("junit.xml", "report.html", "eval.json"):
        assert (folder / "again" / name).read_bytes() == (folder / "out" / name).read_bytes(), name
