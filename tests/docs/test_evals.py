"""docs/evals.md says what the committed baseline says, and the committed configurations can be read."""

from __future__ import annotations

import re

import pytest

from tests.docs.text import ROOT
from wikiagent.evals.config import read_config
from wikiagent.evals.golden import read_goldens
from wikiagent.evals.guards import read_baseline

CONFIGS = sorted((ROOT / "evals").glob("*.toml"))
SHOWN = (
    *(f"recall@{first}" for first in (20, 40, 80, 120)),
    *("recall_weighted@120", "recall_unseen@120", "told@120", "precision@20", "precision@120", "facts", "link_f1"),
)


def table() -> str:
    """The figures of the baseline, as the text shows them."""
    evals = read_baseline(ROOT / "evals" / "baseline.json").evals
    names = [each.source.removeprefix("pypi:").replace("==", " ") for each in evals.values()]
    rows = [f"| `{metric}` | {' | '.join(f'{e.values[metric]:.2f}' for e in evals.values())} |" for metric in SHOWN]
    return "\n".join([f"| in the baseline | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|", *rows])


def test_the_text_shows_the_baseline() -> None:
    text = (ROOT / "docs" / "evals.md").read_text("utf-8")
    found = re.search(r"<!-- figures -->\n(.*?)\n<!-- /figures -->", text, re.S)
    assert found
    assert found[1] == table(), f"put this between the marks of docs/evals.md:\n{table()}"


def test_the_baseline_is_about_the_configurations() -> None:
    evals = read_baseline(ROOT / "evals" / "baseline.json").evals
    assert set(evals) == {read_config(file).name for file in CONFIGS}


@pytest.mark.parametrize("file", CONFIGS, ids=lambda file: file.stem)
def test_configurations_can_be_read_with_their_goldens(file: object) -> None:
    path = ROOT / "evals" / str(file)
    config = read_config(path)
    assert read_goldens(path.parent / config.goldens).source == config.source
    assert config.thresholds["recall@120"] >= 0.7
