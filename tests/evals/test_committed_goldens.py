"""The goldens and questions of this repository: true of the released sources that they name.

peft is downloaded as for other tests; the other packages are, once, into pytest's cache, and their tests are skipped
where the package index cannot be reached.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.text import ROOT
from wikiagent.errors import RemoteError
from wikiagent.evals.anchors import anchored, problems
from wikiagent.evals.golden import GoldenSet, as_yaml, read_goldens, read_questions, read_set
from wikiagent.source.fetch import fetch
from wikiagent.source.snapshot import Snapshot

PEFT = ROOT / "evals/golden/peft-0.18.1.yaml"
QUESTIONS = ROOT / "evals/questions/peft-0.18.1.yaml"
FILES = sorted((ROOT / "evals").glob("[gq]*/*.yaml"))
ELSEWHERE = [file for file in FILES if not file.name.startswith("peft-")]


def named(file: Path) -> str:
    return f"{file.parent.name}/{file.stem}"


@pytest.mark.parametrize("file", FILES, ids=named)
def test_each_stands_as_it_would_be_written(file: Path) -> None:
    assert file.read_text("utf-8") == as_yaml(read_set(file))
    name, _, version = file.stem.rpartition("-")
    assert read_set(file).source == f"pypi:{name}=={version}"


@pytest.mark.parametrize("file", [PEFT, QUESTIONS], ids=named)
def test_those_of_peft_are_true(file: Path, peft: Snapshot) -> None:
    found = read_set(file)
    members = found.goldens if isinstance(found, GoldenSet) else found.questions
    assert problems(members, peft) == []


@pytest.mark.parametrize("file", ELSEWHERE, ids=named)
def test_those_of_other_packages_are_true(file: Path, request: pytest.FixtureRequest) -> None:
    goldens = read_goldens(file)
    store: Path = request.config.cache.mkdir("store")  # type: ignore[union-attr]
    try:
        snapshot = fetch(goldens.source, store)
    except RemoteError as error:
        pytest.skip(f"{goldens.source} cannot be downloaded: {error}")
    assert problems(goldens.goldens, snapshot) == []


def test_all_of_peft_are_where_they_were(peft: Snapshot) -> None:
    goldens = read_goldens(PEFT).goldens
    assert anchored(goldens, peft) == (goldens, ())


def test_there_are_enough_and_most_were_not_seen_by_those_who_tuned() -> None:
    sets = {file.stem.rpartition("-")[0]: read_goldens(file).goldens for file in FILES if file.parent.name == "golden"}
    assert len([golden for golden in sets["peft"] if not golden.seen]) >= 40
    assert {name for name, goldens in sets.items() if len(goldens) >= 25} >= {"sentence-transformers", "datasets"}
    assert not any(golden.seen for name, goldens in sets.items() if name != "peft" for golden in goldens)


def test_half_of_the_questions_are_about_what_no_golden_tells() -> None:
    questions = read_questions(QUESTIONS).questions
    told = [place for golden in read_goldens(PEFT).goldens for place in golden.places]
    new = [each for each in questions if not any(a.overlaps(b) for a in each.places for b in told)]
    assert len(questions) >= 110
    assert len(new) >= len(questions) / 2
