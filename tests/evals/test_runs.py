"""Runs are kept whole, go on where they were interrupted, and are scored again without a model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.phases.conftest import NOW
from wikiagent.errors import ConfigError, RemoteError, StoreError
from wikiagent.evals.config import EvalConfig, read_config
from wikiagent.evals.evaluate import WIKI, copied, evaluate, rescore
from wikiagent.evals.judging import Verdicts
from wikiagent.evals.produce import Produced, fresh
from wikiagent.evals.rows import Judged, Scores
from wikiagent.evals.runs import RunInfo, Runs
from wikiagent.evals.scoring import Leaf, Subject
from wikiagent.ledger import Ledger
from wikiagent.phases.drafters import Extractive
from wikiagent.phases.phase3 import Plan
from wikiagent.source.snapshot import Snapshot
from wikiagent.wiki.graph import read_wiki


def info(trials: int = 1, started: str = NOW, **changes: object) -> RunInfo:
    config = EvalConfig(name="zoo", source="pypi:zoo==1.0", goldens="goldens.yaml", trials=trials)
    told = {"config": config, "source": config.source, "digest": "d", "goldens": "g", "wiki": "", "model": ""}
    return RunInfo.model_validate({**told, "lost": (), "started": started, **changes})


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path / "store")


class Maker:
    """Writes the wikis of trials, and fails at one of them."""

    def __init__(self, zoo: Snapshot, fails_at: int = 0) -> None:
        self.zoo, self.fails_at, self.made = zoo, fails_at, []

    made: list[int]

    def __call__(self, number: int, folder: Path) -> Produced:
        if number == self.fails_at:
            raise RemoteError("The endpoint does not answer.")
        self.made.append(number)
        plan = Plan(self.zoo, self.zoo.files, folder / WIKI, "zoo", None, 120, accept_valid=True, now=NOW)
        return fresh(number, plan, Extractive(), Ledger(folder / "ledger.sqlite"), lambda said: None)


def test_an_interrupted_run_goes_on(runs: Runs, zoo: Snapshot, subject: Subject) -> None:
    run = runs.begun(info(trials=3), b"goldens")
    with pytest.raises(RemoteError):
        evaluate(run, subject, Maker(zoo, fails_at=2), None)
    assert not run.is_finished
    with pytest.raises(StoreError, match="is not finished"):
        run.rows()

    again, rest = runs.begun(info(trials=3, started="later"), b"goldens"), Maker(zoo)
    assert again == run
    scores = evaluate(again, subject, rest, None)
    assert rest.made == [2, 3]
    assert {row.trial for row in scores.goldens} == {1, 2, 3}
    assert again.rows() == scores
    assert runs.begun(info(trials=3), b"goldens").id == "zoo-2"  # a finished run is not touched


def test_a_trial_that_was_cut_off_is_the_same_in_the_end(tmp_path: Path, zoo: Snapshot) -> None:
    """Cut off between the last edit of its wiki and the record of what was made."""
    maker, folder = Maker(zoo), tmp_path / "trial"
    whole = maker(1, folder)
    again = maker(1, folder)
    assert whole.seconds is not None
    assert again == whole.model_copy(update={"seconds": None})  # nobody knows how long it took


def test_only_the_same_evaluation_goes_on(runs: Runs) -> None:
    first = runs.begun(info(), b"goldens")
    for other in (info(goldens="other"), info(wiki="w"), info(digest="other"), info(trials=2), info(model="m")):
        assert runs.begun(other, b"goldens").id != first.id
    assert runs.begun(info(), b"goldens") == first


def test_scoring_again_gives_the_same_bytes(runs: Runs, zoo: Snapshot, subject: Subject) -> None:
    run = runs.begun(info(trials=2), b"goldens")

    def ask(number: int, folder: Path, leaves: list[Leaf], scores: Scores) -> Verdicts:
        return Verdicts(pages={leaf.page.name: Judged(supported=(True, None)) for leaf in leaves})

    evaluate(run, subject, Maker(zoo), ask)
    before = (run.folder / "rows.jsonl").read_bytes()
    assert b'"supported":[true,null]' in before
    run.keep_rows(rescore(run, subject))
    assert (run.folder / "rows.jsonl").read_bytes() == before


def test_an_older_form_is_refused_in_a_sentence(runs: Runs) -> None:
    run = runs.begun(info(), b"goldens")
    file = run.folder / "run.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "format": 0}))
    with pytest.raises(StoreError, match=r"The run zoo-1 has the form 0, and this version reads form 1: run the eval"):
        runs.named("zoo-1")
    assert runs.all() == []
    assert runs.begun(info(), b"goldens").id == "zoo-2"


@pytest.mark.parametrize("text", ["", "no JSON", "[]", '{"format": 1}', '{"format": "x"}'])
def test_a_damaged_run_is_refused(runs: Runs, text: str) -> None:
    run = runs.begun(info(), b"goldens")
    (run.folder / "run.json").write_text(text)
    with pytest.raises(StoreError):
        runs.named("zoo-1")


def test_damaged_parts_are_named(runs: Runs, zoo: Snapshot, subject: Subject) -> None:
    run = runs.begun(info(), b"goldens")
    evaluate(run, subject, Maker(zoo), None)
    (run.folder / "rows.jsonl").write_text("{}\n")
    with pytest.raises(StoreError, match=r"rows\.jsonl, line 1 is no row"):
        run.rows()
    (run.trial(1) / "made.json").write_text("{")
    with pytest.raises(StoreError, match=r"made\.json is damaged"):
        rescore(run, subject)


def test_two_processes_do_not_work_on_one_run(runs: Runs) -> None:
    run = runs.begun(info(), b"goldens")
    with run.alone(), pytest.raises(StoreError, match="Another process is working on the run zoo-1"), run.alone():
        pass
    with run.alone():
        pass


def test_an_unknown_run(runs: Runs) -> None:
    with pytest.raises(ConfigError, match=r"There is no run x-1\. `wikiagent eval list`"):
        runs.named("x-1")


def test_a_copied_wiki_is_the_wiki(zoo: Snapshot, tmp_path: Path) -> None:
    maker = Maker(zoo)
    maker(1, tmp_path / "one")
    wiki = read_wiki(tmp_path / "one" / WIKI)
    copied(wiki, tmp_path / "two")
    assert read_wiki(tmp_path / "two") == wiki


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('name = "x"\nsource = ', "is not valid TOML"),
        ('goldens = "g"', "source: Field required"),
        ('source = "s"\ngoldens = "g"\nlimits = 3', r"there is no key limits\. Did you mean limit\?"),
        ('source = "s"\ngoldens = "g"\ndrafter = "poet"', "drafter: Input should be"),
        ('source = "s"\ngoldens = "g"\n[thresholds]\n"recall@12" = 1', r"\[thresholds\] There is no metric recall@12"),
        ('source = "s"\ngoldens = "g"\n[thresholds]\npages_per_golden = 1', "is neither better nor worse"),
        (
            'source = "s"\ngoldens = "g"\n[thresholds]\n"recall@120" = 80',
            r"is a share, at most 1, and never reaches 80\.",
        ),
        ('source = "s"\ngoldens = "g"\n[thresholds]\ncitation_recall = 1', "citation_recall needs a judge"),
    ],
)
def test_a_wrong_configuration_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "zoo.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=complaint) as raised:
        read_config(file)
    assert str(raised.value).startswith(str(file))


def test_a_configuration_is_called_as_its_file(tmp_path: Path) -> None:
    file = tmp_path / "zoo.toml"
    file.write_text('source = "s"\ngoldens = "g"')
    assert read_config(file).name == "zoo"
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config(tmp_path / "none.toml")
