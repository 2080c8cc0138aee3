"""How far a judge agrees with labels."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.model_server import ModelServer, Reply, Request, judgement, prompt_of, says
from wikiagent.config import ModelSettings
from wikiagent.draft.budget import Budget
from wikiagent.draft.llm import Desk, Model, model_of
from wikiagent.errors import ConfigError
from wikiagent.evals.agreement import Agreement, agreement, read_labels
from wikiagent.index.retrieve import Hit
from wikiagent.ledger import CallLog
from wikiagent.source.evidence import Place
from wikiagent.source.fetch import fetch
from wikiagent.source.snapshot import Snapshot

LABELS = Path(__file__).parents[2] / "evals" / "claims" / "sentence-transformers-6.2.0.jsonl"


def nowhere(query: str, k: int) -> list[Hit]:
    return []


@pytest.fixture
def snapshot(tmp_path: Path) -> Snapshot:
    root = tmp_path / "zoo"
    root.mkdir()
    (root / "keeper.py").write_text("\n".join(f"line_{number} = {number}" for number in range(1, 31)))
    return Snapshot("pypi:zoo==1", "zoo", "1", root, ("keeper.py",))


def write(folder: Path, *rows: dict[str, object]) -> Path:
    file = folder / "labels.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows))
    return file


def model(server: ModelServer, folder: Path) -> Model:
    settings = ModelSettings(name="scripted", base_url=server.url, retries=0)
    return model_of(settings, Desk(CallLog(folder / "ledger.sqlite"), Budget())).about("judge", "judge@1")


def test_accuracy_and_kappa_are_those_of_the_textbook() -> None:
    found = Agreement(
        Counter(
            {("supported", "supported"): 20, ("supported", "not"): 5, ("not", "supported"): 10, ("not", "not"): 15}
        ),
        0,
    )
    assert (found.judged, found.accuracy) == (50, 0.7)
    assert found.kappa == pytest.approx(0.4)  # chance agrees on half


def test_a_judge_that_says_the_same_of_all_has_no_kappa() -> None:
    found = Agreement(Counter({("supported", "supported"): 30, ("not", "supported"): 10}), 0)
    assert (found.accuracy, found.kappa) == (0.75, 0.0)
    assert Agreement(Counter({("not", "not"): 3}), 0).kappa == 0.0


def test_partly_is_not_wholly_supported() -> None:
    binary = Agreement(Counter({("partly", "not"): 2, ("supported", "partly"): 1}), 4).binary()
    assert binary.pairs == {("not", "not"): 2, ("supported", "not"): 1}
    assert binary.unanswered == 4


def test_labels_of_both_forms_are_read(tmp_path: Path, snapshot: Snapshot) -> None:
    file = write(
        tmp_path,
        {
            "statement": "a",
            "verdict": "partly",
            "evidence": [{"path": "keeper.py", "first": 2, "last": 4}],
            "note": "x",
        },
        {"statement": "b", "verdict": "contradicted", "source": "keeper.py:10", "page": "p"},
        {"statement": "c", "verdict": "supported", "source": "keeper.py:28-30"},
        {"statement": "d", "verdict": "unverified", "source": ""},
    )
    found = read_labels(file, snapshot, lambda query, k: [Hit(Place("keeper.py", 1, 1), "", "", 1.0)][:k])
    assert [each.label for each in found] == ["partly", "not", "supported", "not"]
    spans = [[(place.first, place.last) for place in each.places] for each in found]
    assert spans == [[(2, 4)], [(5, 15)], [(23, 30)], [(1, 1)]]


@pytest.mark.parametrize(
    "row",
    [
        {"statement": "a", "verdict": "maybe"},
        {"statement": "a", "verdict": "not", "evidence": [{"path": "keeper.py", "first": 2, "last": 99}]},
        {"statement": "a", "verdict": "not", "source": "none.py:3"},
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, snapshot: Snapshot, row: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"labels\.jsonl, line 1: "):
        read_labels(write(tmp_path, row), snapshot, nowhere)


def test_verdicts_are_compared_with_labels(tmp_path: Path, snapshot: Snapshot) -> None:
    rows = [
        {"statement": f"statement {n}", "verdict": verdict, "evidence": [{"path": "keeper.py", "first": n, "last": n}]}
        for n, verdict in enumerate(["supported", "supported", "partly", "not", "not", "not", "supported"], 1)
    ]

    def judge(request: Request) -> Reply:
        if "statement 7" in prompt_of(request):
            return says("I cannot say")
        answer = judgement(request)
        answer["verdicts"][3]["verdict"] = "not"
        answer["verdicts"][1]["lines"] = []  # supported by no line is supported in part
        return says(json.dumps(answer))

    labelled = read_labels(write(tmp_path, *rows), snapshot, nowhere)
    with ModelServer(judge) as server:
        found, judged = agreement(labelled, snapshot, model(server, tmp_path), lambda message: None)
        assert "e4.1| line_4 = 4" in prompt_of(server.requests[0])
        assert "s4 (evidence e4): statement 4" in prompt_of(server.requests[0])
    assert found.pairs == {
        ("supported", "supported"): 1, ("supported", "partly"): 1, ("partly", "supported"): 1,
        ("not", "not"): 1, ("not", "supported"): 1,
    }  # fmt: skip
    assert (found.unanswered, len(judged)) == (2, 5)


def test_the_labels_of_this_project_name_lines_of_their_source(request: pytest.FixtureRequest) -> None:
    store: Path = request.config.cache.mkdir("store")  # type: ignore[union-attr]
    found = read_labels(LABELS, fetch("pypi:sentence-transformers==6.2.0", store), nowhere)
    counts = Counter(each.label for each in found)
    assert len(found) == len({each.statement for each in found}) >= 60
    assert min(counts.values()) >= 15
    assert all(each.places for each in found)
