"""`wikiagent eval run`, `compare`, `report` and `list`."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from typer.testing import CliRunner

from benchmarks.eval_sensitivity import PLANTED, damaged, fallen
from tests.evals.conftest import GOLDENS, Desk, value
from tests.model_server import ModelServer, Reply, Request, author, fails, judgement, prompt_of, says, stage
from tests.phases.conftest import FILES
from wikiagent.cli.app import app
from wikiagent.errors import CallError, ConfigError, StoreError, WikiError

BELOW, REGRESSION, FAILED = 1, 3, 4


def unmet(told: Any) -> set[str]:
    return {guard["metric"] for guard in told["guards"] if not guard["met"]}


# --- runs ---


def test_a_fresh_run_is_scored(desk: Desk) -> None:
    told = desk.run()
    assert told["run"] == "zoo-1"
    assert told["verdict"] == "pass"
    assert value(told, "recall@120") == 0.8
    assert value(told, "recall_weighted@120") == pytest.approx(16 / 17, abs=1e-6)
    assert value(told, "link_f1") == 1
    assert value(told, "citation_validity") == 1
    assert [(row["id"], row["near"]["page"].startswith("zoo_")) for row in told["missed"]] == [("imports", True)]
    assert told["unscored"] == []
    assert value(told, "facts_judged") is None


def test_a_threshold_that_is_not_met(desk: Desk) -> None:
    desk.configure('[thresholds]\n"recall@120" = 0.9\ncitation_validity = 1.0\n')
    told = desk.run(status=BELOW)
    assert told["verdict"] == "below"
    assert unmet(told) == {"recall@120"}


def test_a_regression_against_the_baseline_ends_with_3(desk: Desk) -> None:
    desk.run("--update-baseline")
    assert unmet(desk.run()) == set()
    with damaged(PLANTED["mining: no query for errors"]):
        told = desk.run(status=REGRESSION)
    assert told["verdict"] == "regression"
    assert {"recall@120", "told@120"} <= unmet(told)


@pytest.mark.parametrize(
    ("planted", "metric"),
    [
        ("mining: no query for errors", "recall@120"),
        ("mining: no query for warnings", "recall@120"),
        ("drafting: a number invented, found by the gate", "pass_first"),
        ("drafting: a number invented, past the gate", "unsupported_numbers"),
        ("linking: edges dropped", "link_f1"),
    ],
)
def test_planted_damage_is_found_and_named(desk: Desk, planted: str, metric: str) -> None:
    desk.run("--update-baseline")
    with damaged(PLANTED[planted]):
        told = desk.run(status=REGRESSION)
    assert metric in fallen(told)


def test_a_shuffled_ranking_is_found(desk: Desk) -> None:
    desk.configure(limit=1)  # of six candidates
    desk.run("--update-baseline")
    with damaged(PLANTED["ranking: shuffled"]):
        told = desk.run(status=REGRESSION)
    assert {"recall_weighted@20", "precision_weighted@20"} <= set(fallen(told))


def test_the_same_twice_is_no_difference(desk: Desk) -> None:
    desk.run()
    desk.run()
    done = desk.call("eval", "compare", "zoo-1", "zoo-2", "--format", "json")
    told = json.loads(done.stdout)
    assert (told["a"], told["b"]) == ("zoo-1", "zoo-2")
    assert {row["verdict"] for row in told["metrics"] if row["name"] != "seconds"} == {"no difference", "not measured"}
    assert "No difference that is more than noise." in desk.call("eval", "compare", "zoo-1", "zoo-2").stdout


def test_what_was_scored_on_other_goldens_is_not_compared(desk: Desk) -> None:
    desk.run()
    file = desk.folder / "goldens.yaml"
    file.write_text(file.read_text().replace("importance: 1", "importance: 2"))
    desk.run()
    error = desk.fails("eval", "compare", "zoo-1", "zoo-2")
    assert isinstance(error, ConfigError)
    assert str(error) == "zoo-1 and zoo-2 were scored on different goldens, so that nothing can be compared."


def test_runs_of_different_limits_are_not_compared(desk: Desk) -> None:
    desk.run()
    desk.configure(limit=1)
    desk.run()
    error = desk.fails("eval", "compare", "zoo-1", "zoo-2")
    assert isinstance(error, ConfigError)
    assert "different limits" in str(error)


def test_a_baseline_without_the_evaluation_is_told(desk: Desk) -> None:
    desk.run("--update-baseline")
    desk.configure(name="other")
    done = CliRunner().invoke(app, ["--store", str(desk.store), "eval", "run", str(desk.config)])
    assert "baseline.json has nothing about other: nothing tells whether it became worse" in done.output


def test_trials_are_made_and_told(desk: Desk) -> None:
    assert desk.run("--trials", "2")["trials"] == 2
    assert {path.name for path in (desk.store / "evals" / "zoo-1").glob("trial-*")} == {"trial-1", "trial-2"}


# --- a wiki that is there ---


def enriched(desk: Desk, wiki: str = "wiki") -> Path:
    done = desk.call("enrich", "--phase", "3", "--source", desk.source, "--wiki", desk.folder / wiki, "--accept-valid")
    assert done.exit_code == 0, done.output
    return desk.folder / wiki


def test_a_wiki_is_scored_as_it_is_with_the_ranks_on_record(desk: Desk) -> None:
    wiki = enriched(desk)
    told, fresh = desk.run("--wiki", wiki), desk.run("--fresh")
    same = [each["name"] for each in fresh["metrics"] if each["name"] != "seconds"]
    assert [value(told, name) for name in same] == [value(fresh, name) for name in same]

    page = next((wiki / "heuristics").glob("*Gate*"))
    page.write_text(page.read_text().replace("at night", "at night, after 11 hours", 1))
    assert value(desk.run("--wiki", wiki), "unsupported_numbers") == pytest.approx(1 / 8, abs=0.1)


def test_a_scored_wiki_stays_scored_when_it_is_gone(desk: Desk) -> None:
    wiki = enriched(desk)
    before = desk.run("--wiki", wiki)
    shutil.rmtree(wiki)
    done = desk.call("eval", "report", "zoo-1", "--rescore", "--format", "json")
    assert json.loads(done.stdout)["metrics"] == before["metrics"]


def test_a_wiki_of_another_source_is_refused(desk: Desk) -> None:
    wiki = enriched(desk)
    (desk.source / "src/zoo/keeper.py").write_text(FILES["src/zoo/keeper.py"] + "\n# another revision\n")
    error = desk.fails("eval", "run", desk.config, "--wiki", wiki)
    assert isinstance(error, WikiError)
    found = re.fullmatch(
        r"The pages of \S+ were written from (path:zoo@\w+), and the goldens are about (\S+)\.", str(error)
    )
    assert found
    assert found[1] != found[2]
    assert not (desk.store / "evals").exists()


@pytest.mark.parametrize("options", [["--fresh"], ["--update-baseline"], ["--trials", "2"]])
def test_a_wiki_is_not_written_as_well(desk: Desk, options: list[str]) -> None:
    assert "--wiki scores one wiki as it is" in str(desk.fails("eval", "run", desk.config, "--wiki", "w", *options))


def test_what_is_no_wiki(desk: Desk) -> None:
    assert "is no folder" in str(desk.fails("eval", "run", desk.config, "--wiki", "none"))
    (desk.folder / "empty").mkdir()
    assert "holds no page of a wiki" in str(desk.fails("eval", "run", desk.config, "--wiki", "empty"))


# --- bad input ---


def test_an_unknown_metric(desk: Desk) -> None:
    desk.configure("[thresholds]\nrecal = 1\n")
    error = desk.fails("eval", "run", desk.config)
    assert isinstance(error, ConfigError)
    assert "There is no metric recal" in str(error)


def test_goldens_that_the_source_does_not_have_are_counted_apart(desk: Desk) -> None:
    keeper = desk.source / "src/zoo/keeper.py"
    keeper.write_text(FILES["src/zoo/keeper.py"].replace("the lions are loose", "the lions are free"))
    told = desk.run()
    assert told["lost"] == ["gate"]
    assert told["goldens"] == len(GOLDENS) - 1


def test_goldens_of_something_else_altogether(desk: Desk) -> None:
    file = desk.folder / "goldens.yaml"
    file.write_text(re.sub(r"quote: .*(\n {6,}.*)*", "quote: nowhere to be found", file.read_text()))
    assert "has the evidence of none of these goldens" in str(desk.fails("eval", "run", desk.config))


def test_what_cannot_be_written_is_found_before_anything_is_measured(desk: Desk) -> None:
    (desk.folder / "file").touch()
    for options in (["--output", "file"], ["--output", "file/out"], ["--update-baseline", "--baseline", "file/b.json"]):
        error = desk.fails("eval", "run", desk.config, *options)
        assert isinstance(error, ConfigError)
        assert re.fullmatch(
            r"file(/out)? cannot be written: .+\. Name another folder: --(output|baseline)\.", str(error)
        )
    error = desk.fails("eval", "run", desk.config, "--update-baseline", "--baseline", "file")
    assert str(error) == "file is no baseline of this version. Remove it, and write it anew with --update-baseline."
    assert not (desk.store / "evals").exists()


def test_a_baseline_of_something_else_is_found_before_anything_is_measured(desk: Desk) -> None:
    desk.run("--update-baseline")
    desk.configure(limit=3)
    assert "was measured with other limit (120)" in str(desk.fails("eval", "run", desk.config))
    assert {path.name for path in (desk.store / "evals").iterdir()} == {"zoo-1"}


@pytest.mark.parametrize("bound", ["nan", "inf", '"much"'])
def test_a_threshold_is_a_number(desk: Desk, bound: str) -> None:
    desk.configure(f"[thresholds]\nfacts = {bound}\n")
    assert "thresholds.facts" in str(desk.fails("eval", "run", desk.config))


def test_a_baseline_without_this_evaluation(desk: Desk) -> None:
    file = desk.folder / "other.json"
    file.write_text('{"format": 1, "evals": {}}')
    assert "has nothing about the evaluation zoo" in str(desk.fails("eval", "run", desk.config, "--baseline", file))
    assert "cannot be read" in str(desk.fails("eval", "run", desk.config, "--baseline", "none.json"))


def test_runs_that_there_are_not(desk: Desk) -> None:
    assert "There is no run zoo-9" in str(desk.fails("eval", "report", "zoo-9"))
    assert desk.call("eval", "list").stdout.strip() == ""


# --- outputs ---


@pytest.fixture
def scored(desk: Desk) -> Desk:
    desk.configure('[thresholds]\n"recall@120" = 0.9\n')
    desk.run("--update-baseline", "--output", desk.folder / "out", status=BELOW)
    return desk


def test_the_table_names_what_counts(scored: Desk) -> None:
    text = scored.call("eval", "report", "zoo-1").stdout
    assert re.search(r"^recall@120 +0\.8000 +0\.\d+ … 1\.0000 +1\.0000 +0\.7500 +0\.9 !$", text, re.M)
    assert "Missed: 1 of 5 goldens\n  1  imports (src/zoo/keeper.py:3-4)" in text
    assert "Not met: recall@120 is 0.8000, and is to be at least 0.9." in text


def test_junit_has_a_failure_for_each_bound_that_is_not_met(scored: Desk) -> None:
    suites = Xml.fromstring((scored.folder / "out" / "junit.xml").read_text())
    cases = {case.get("name"): case.find("failure") for case in suites.iter("testcase")}
    assert cases["recall@120"] is not None
    assert cases["recall@120"].get("message") == "recall@120 is 0.8000, and is to be at least 0.9."
    assert [suite.get("failures") for suite in suites] == ["1", "0", "0"]


def test_the_report_is_one_file_with_plots_and_misses(scored: Desk) -> None:
    html = (scored.folder / "out" / "report.html").read_text()
    assert html.count("<svg ") == 3
    assert not re.search(r"<(script|link|img|iframe)\b|\bsrc=|url\((?!#)", html)
    assert all(found.startswith("#") for found in re.findall(r'href="([^"]+)"', html))
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert {found[1:] for found in re.findall(r'href="(#[^"]+)"', html)} <= set(ids)
    assert "Keeper_Imports" in html
    assert "import os\nimport warnings" in html
    assert "The nearest page: quotes lines 4 away in the same file." in html


def test_what_a_golden_says_is_text(desk: Desk) -> None:
    file = desk.folder / "goldens.yaml"
    file.write_text(file.read_text().replace("The keeper imports modules.", "<script>alert(1)</script>"))
    desk.run("--output", desk.folder / "out")
    html = (desk.folder / "out" / "report.html").read_text()
    assert "&lt;script&gt;alert(1)" in html
    assert "<script" not in html


def test_the_same_run_gives_the_same_bytes(scored: Desk) -> None:
    def outputs(folder: str) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (scored.folder / folder).iterdir()}

    scored.run("--output", scored.folder / "run", status=BELOW)  # beside a baseline
    assert scored.call("eval", "report", "zoo-2", "--output", "one").exit_code == 0
    scored.baseline.unlink()
    assert scored.call("eval", "report", "zoo-2", "--output", "two", "--rescore").exit_code == 0
    assert outputs("run") == outputs("one") == outputs("two")
    assert set(outputs("one")) == {"eval.json", "junit.xml", "report.html"}
    assert b'"kind": "baseline"' in outputs("one")["eval.json"]


def test_a_run_is_told_though_another_is_damaged(scored: Desk) -> None:
    scored.run(status=BELOW)
    (scored.store / "evals" / "zoo-2" / "rows.jsonl").write_text("no row\n")
    assert scored.call("eval", "report", "zoo-1", "--format", "html").exit_code == 0
    assert "makes them anew" in str(scored.fails("eval", "report", "zoo-2"))
    assert scored.call("eval", "report", "zoo-2", "--rescore", "--format", "html").exit_code == 0


def test_a_run_whose_wiki_is_gone_is_no_zero(scored: Desk) -> None:
    shutil.rmtree(scored.store / "evals" / "zoo-1" / "trial-1" / "wiki")
    assert "is gone" in str(scored.fails("eval", "report", "zoo-1", "--rescore"))
    assert "recall@120                    0.8000" in scored.call("eval", "report", "zoo-1").stdout


def test_without_plots_the_other_outputs_still_come(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    done = desk.call("eval", "run", desk.config, "--output", desk.folder / "out")
    assert done.exit_code == 0
    assert {path.name for path in (desk.folder / "out").iterdir()} == {"eval.json", "junit.xml"}
    error = desk.fails("eval", "report", "zoo-1", "--format", "html")
    assert "pip install 'wikiagent[evals]'" in str(error)


def test_runs_are_listed(scored: Desk) -> None:
    (run,) = json.loads(scored.call("eval", "list", "--format", "json").stdout)["runs"]
    assert (run["id"], run["finished"], run["drafter"]) == ("zoo-1", True, "extractive")
    assert re.search(
        r"^zoo-1 .*  finished +path:zoo@\w+, extractive drafter$", scored.call("eval", "list").stdout, re.M
    )


def test_an_older_run_is_refused(scored: Desk) -> None:
    file = scored.store / "evals" / "zoo-1" / "run.json"
    file.write_text(file.read_text().replace('"format": 1', '"format": 0'))
    error = scored.fails("eval", "report", "zoo-1")
    assert isinstance(error, StoreError)
    assert "has the form 0, and this version reads form 1" in str(error)
    listed = CliRunner().invoke(app, ["--store", str(scored.store), "eval", "list"])
    assert "The run zoo-1 has the form 0" in listed.stderr
    assert listed.stdout == ""


# --- with a model ---


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A model server whose script a test can set."""
    script: dict[str, Any] = {"script": author, "asked": []}

    def play(request: Request) -> Reply:
        script["asked"].append(stage(request))
        reply: Reply = script["script"](request)
        return reply

    with ModelServer(play) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "the-key-of-the-tests")
        monkeypatch.setenv("WIKIAGENT_MODEL__NAME", "scripted")
        monkeypatch.setenv("WIKIAGENT_MODEL__RETRIES", "0")
        for name, chosen in (("MODE", "packed"), ("PLAN", "false"), ("JUDGE", "false")):
            monkeypatch.setenv(f"WIKIAGENT_DRAFT__{name}", chosen)
        yield script


def test_a_judge_says_what_is_supported(desk: Desk, endpoint: dict[str, Any]) -> None:
    desk.configure(judge=True)
    told = desk.run()
    assert value(told, "citation_recall") == 1
    assert value(told, "citation_precision") == 1
    assert value(told, "facts_judged") == pytest.approx(7 / 7 - 1 / 7, abs=1e-6)  # no page shows one of the goldens
    before = endpoint["asked"].count("judge")
    again = json.loads(desk.call("eval", "report", "zoo-1", "--rescore", "--format", "json").stdout)
    assert again["metrics"] == told["metrics"]
    assert endpoint["asked"].count("judge") == before > 0


def test_citations_that_are_not_needed_are_told_apart(desk: Desk, endpoint: dict[str, Any]) -> None:
    """The judge finds support only where a statement names what stands in the keeper's file."""

    def picky(request: Request) -> Reply:
        if stage(request) != "judge":
            return author(request)
        verdict = "supported" if "keeper.py" in prompt_of(request) else "not"
        return says(json.dumps(judgement(request, verdict)))

    endpoint["script"] = picky
    desk.configure(judge=True)
    told = desk.run()
    recall, precision = value(told, "citation_recall"), value(told, "citation_precision")
    assert recall is not None
    assert precision is not None
    assert 0 < precision < 1
    assert 0 < recall < 1


def test_an_unreachable_judge_ends_the_run_and_it_goes_on(desk: Desk, endpoint: dict[str, Any]) -> None:
    desk.configure(judge=True)
    endpoint["script"] = lambda request: fails(503) if stage(request) == "judge" else author(request)
    error = desk.fails("eval", "run", desk.config)
    assert isinstance(error, CallError)
    assert error.exit_code == FAILED
    assert (desk.store / "evals" / "zoo-1" / "trial-1" / "made.json").is_file()
    assert "is not whole" in str(desk.fails("eval", "report", "zoo-1", "--rescore"))  # else nobody would judge it
    assert not (desk.store / "evals" / "zoo-1" / "rows.jsonl").exists()

    endpoint["script"] = author
    told = desk.run()
    assert told["run"] == "zoo-1"
    assert value(told, "citation_recall") == 1


def test_an_answer_that_cannot_be_used_is_unscored(desk: Desk, endpoint: dict[str, Any]) -> None:
    def sometimes(request: Request) -> Reply:
        if stage(request) == "judge" and "lions" in prompt_of(request):
            return says("I would rather not say.")
        return author(request)

    endpoint["script"] = sometimes
    desk.configure(judge=True)
    told = desk.run()
    assert value(told, "citation_recall") == 1  # of what was judged
    assert {row["what"] for row in told["unscored"]} >= {"the judge on gate"}


def test_a_page_whose_call_failed_is_unscored(desk: Desk, endpoint: dict[str, Any]) -> None:
    def failing(request: Request) -> Reply:
        leading = re.search(r"^<<e1 .*?(?=^<<e2 |\Z)", prompt_of(request), re.M | re.S)
        if stage(request) == "draft" and leading and "lions are loose" in leading[0]:
            return fails(500)
        return author(request)

    endpoint["script"] = failing
    desk.configure(drafter="agent")
    told = desk.run()
    (row,) = told["unscored"]
    assert "Gate" in row["what"]
    assert "gate" not in {missed["id"] for missed in told["missed"]}
    assert (value(told, "tokens") or 0) % 150 == 0 < (value(told, "tokens") or 0)  # what each call of the server costs
    report = desk.call("eval", "report", "zoo-1", "--format", "junit").stdout
    assert '<testsuite name="unscored" tests="1" failures="0" errors="1">' in report


def test_an_endpoint_that_is_gone_ends_the_run_and_it_goes_on(desk: Desk, endpoint: dict[str, Any]) -> None:
    desk.configure(drafter="agent")
    endpoint["script"] = lambda request: fails(500) if stage(request) == "draft" else author(request)
    error = desk.fails("eval", "run", desk.config)
    assert getattr(error, "exit_code", None) == FAILED
    endpoint["script"] = author
    told = desk.run()
    assert told["run"] == "zoo-1"
    assert told["unscored"] == []
    assert told["pages"] > 0


def test_a_run_that_was_killed_goes_on_and_asks_nothing_twice(desk: Desk, endpoint: dict[str, Any]) -> None:
    desk.configure(drafter="agent", judge=True)
    words = ["--quiet", "--store", desk.store, "eval", "run", desk.config]
    asked: list[str] = []
    victims: dict[str, subprocess.Popen[bytes]] = {}

    def killing(request: Request) -> Reply:
        asked.append(prompt_of(request))
        if victim := victims.get(stage(request)):
            victim.kill()
        return author(request)

    endpoint["script"] = killing
    for last in ("draft", "judge"):
        victims = {last: subprocess.Popen([sys.executable, "-m", "wikiagent", *words], stderr=subprocess.DEVNULL)}
        assert victims[last].wait(120) == -signal.SIGKILL
    assert {"draft", "judge"} <= set(endpoint["asked"])
    assert "not finished" in desk.call("eval", "list").stdout

    victims = {}
    told = desk.run()
    assert (told["run"], told["unscored"]) == ("zoo-1", [])
    lost = len(asked) - len(set(asked))
    assert lost <= 3  # what was under way: two workers write pages, one judges

    needed = len(set(asked))
    whole = desk.run()
    assert len(asked) == needed + lost + needed
    assert [m for m in whole["metrics"] if m["name"] != "seconds"] == [
        m for m in told["metrics"] if m["name"] != "seconds"
    ]


def test_a_model_must_be_named(desk: Desk) -> None:
    desk.configure(drafter="agent")
    assert "The evaluation zoo needs a model" in str(desk.fails("eval", "run", desk.config))
