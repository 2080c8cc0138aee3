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
from wikiagent.source.snapshot import Snapshot


@pytest.fixture(scope="module")
def evaluated(peft: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of an evaluation that was run, and its JSON."""
    folder = tmp_path_factory.mktemp("eval")
    (folder / "golden").mkdir()
    shutil.copy(ROOT / "evals" / "golden" / "peft-0.18.1.yaml", folder / "golden")
    shutil.copy(ROOT / "evals" / "peft.toml", folder)
    (folder / "store").mkdir()
    (folder / "store" / "sources").symlink_to(peft.root.parent, target_is_directory=True)
    done = wikiagent("--store", "store", "eval", "run", "peft.toml", "--output", "out", "--format", "json", cwd=folder)
    assert done.returncode in (0, 1), done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert (told["verdict"] == "pass") == (done.returncode == 0)
    return folder, told


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
