"""The agent over a small package, against a scripted model behind real sockets."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.model_server import (
    ModelServer,
    Reply,
    Request,
    author,
    judgement,
    page_answer,
    says,
    shown_ids,
    stage,
    usage_of,
)
from tests.phases.conftest import AgentRun, Run, files_of, report_of
from wikiagent.errors import BudgetError
from wikiagent.ledger import CallLog, Ledger
from wikiagent.source.snapshot import Snapshot


def test_a_model_that_does_its_work_has_all_its_pages_accepted(agent_run: AgentRun, wiki: Path) -> None:
    with ModelServer(author) as server:
        outcome = agent_run(server)
        assert {draft.state for draft in outcome.drafts} == {"accepted"}
        assert {draft.drafter for draft in outcome.drafts} == {"agent"}
        assert server.stages().count("draft") == len(outcome.drafts) > 4
    page = files_of(wiki)["heuristics/some_zoo_Feed_Zebra_Portions_Surplus_Rot.md"]
    assert "The code says what has to be known about this." in page
    assert 'warnings.warn("More than 40 portions are not supported' in page
    assert "## Model Usage" in report_of(wiki)


def test_a_second_run_asks_for_nothing_and_changes_nothing(agent_run: AgentRun, wiki: Path) -> None:
    with ModelServer(author) as server:
        agent_run(server)
        before, asked = files_of(wiki), len(server.requests)
        again = agent_run(server, now="2027-01-01 00:00 GMT")
        assert len(server.requests) == asked
    assert files_of(wiki) == before
    assert again.files == ()
    assert len(again.drafts) == len(again.done.drafts) > 4


def test_findings_go_back_to_the_model_and_it_mends_them(agent_run: AgentRun, ledger: Ledger) -> None:
    def careless(request: Request) -> Reply:
        if stage(request) != "draft":
            return author(request)
        wrong = {"text": "It is 20 % slower with `no_such_switch`.", "refs": shown_ids(request)[:1]}
        return says(json.dumps(page_answer(request, overview=[wrong])))

    with ModelServer(careless) as server:
        outcome = agent_run(server)
        (first, *_) = server.of("repair")
    assert "CLM001" in first["messages"][-1]["content"]
    assert "does not contain 20" in first["messages"][-1]["content"]
    assert "CLM002" in first["messages"][-1]["content"]
    assert "no_such_switch" in first["messages"][-1]["content"]
    assert {draft.state for draft in outcome.drafts} == {"accepted"}
    written = json.loads(outcome.drafts[0].written)
    assert (written["repairs"], written["clean_at_first"], written["stands"]) == (1, False, True)


def test_a_page_that_is_never_mended_is_dropped_with_its_findings(
    agent_run: AgentRun, ledger: Ledger, wiki: Path
) -> None:
    def stubborn(request: Request) -> Reply:
        if stage(request) not in ("draft", "repair"):
            return author(request)
        number = 19 + len(server.requests)
        wrong = {"text": f"It is {number} % slower.", "refs": shown_ids(request)[:1]}
        return says(json.dumps(page_answer(request, overview=[wrong])))

    with ModelServer(stubborn) as server:
        outcome = agent_run(server, limit=1)
        assert server.stages().count("repair") == 3
    (draft,) = outcome.drafts
    assert draft.state == "rejected"
    assert [f.code for f in ledger.findings(draft.id) if f.severity == "error"] == ["CLM001"]
    assert not list((wiki / "heuristics").glob("*"))
    assert not list((wiki / "environments").glob("*"))
    assert "CLM001 Overview: the evidence that is named does not contain 26, as in “It is 26 % slower.”." in report_of(
        wiki
    )


def test_what_a_judge_does_not_find_supported_goes_back(agent_run: AgentRun) -> None:
    def strict(request: Request) -> Reply:
        if stage(request) == "repair":
            mended = {"text": "The code says a part of what has to be known.", "refs": shown_ids(request)[:1]}
            return says(json.dumps(page_answer(request, overview=[mended])))
        if stage(request) != "judge":
            return author(request)
        verdict = "not" if len(server.of("judge")) == 1 else "partly"
        return says(json.dumps(judgement(request, verdict)))

    with ModelServer(strict) as server:
        outcome = agent_run(server, draft={"judge": True}, limit=1)
        assert server.stages()[3:] == ["draft", "judge", "repair", "judge"]
        assert "CLM004" in server.of("repair")[0]["messages"][-1]["content"]
    assert [draft.state for draft in outcome.drafts] == ["accepted"]  # `partly` is a warning


def test_the_plan_names_joins_and_leaves_out(agent_run: AgentRun, ledger: Ledger, wiki: Path) -> None:
    def planner(request: Request) -> Reply:
        if stage(request) != "plan":
            return author(request)
        rows = json.loads(author(request).body["choices"][0]["message"]["content"])["pages"]
        heuristics = [row for row in rows if "Zebra" in row["name"] or "Keeper" in row["name"]]
        first, second, third = heuristics[:3]
        first |= {"name": "Zebra Feeding Times"}
        second |= {"same_as": first["candidate"]}
        third |= {"worth": False, "why": "everybody knows"}
        return says(json.dumps({"pages": rows}))

    with ModelServer(planner) as server:
        outcome = agent_run(server, draft={"plan": True})
        assert server.stages().count("plan") == 1
        planned = len(server.requests)
        agent_run(server, draft={"plan": True})
        assert len(server.requests) == planned
    names = [draft.name for draft in outcome.drafts]
    assert "some_zoo_Zebra_Feeding_Times" in names
    assert len(outcome.done.skipped) == 2
    assert len(names) == outcome.candidates - 2
    assert "everybody knows" in report_of(wiki)
    assert "told on some_zoo_Zebra_Feeding_Times" in report_of(wiki)


def test_a_plan_that_cannot_be_used_leaves_the_ranking_as_it_is(agent_run: AgentRun) -> None:
    with ModelServer(
        lambda request: says("I would rather not") if stage(request) == "plan" else author(request)
    ) as server:
        outcome = agent_run(server, draft={"plan": True})
        assert server.stages().count("plan") == 2
    assert len(outcome.drafts) == outcome.candidates


def test_a_run_stops_at_its_budget_and_goes_on_later(agent_run: AgentRun, wiki: Path) -> None:
    with ModelServer(author) as server:
        first = agent_run(server, draft={"max_pages": 2})
        assert isinstance(first.done.stopped, BudgetError)
        assert (len(first.drafts), first.done.left) == (2, first.candidates - 2)
        asked = server.stages().count("draft")
        second = agent_run(server)
        assert server.stages().count("draft") == asked + first.candidates - 2
    assert second.done.stopped is None
    assert len(second.drafts) == first.candidates


@pytest.mark.parametrize(
    ("model", "draft"),
    [({}, {"max_tokens": 15_000}), ({"price_in": 1.0, "price_out": 1.0}, {"max_cost": 0.015})],
)
def test_tokens_and_cost_never_go_over_their_limit(
    agent_run: AgentRun, ledger: Ledger, model: dict[str, float], draft: dict[str, float]
) -> None:
    def wordy(request: Request) -> Reply:
        return replace(author(request), body=author(request).body | {"usage": usage_of(1500, 500)})

    with ModelServer(wordy) as server:
        outcome = agent_run(server, model=model, draft=draft)
    assert isinstance(outcome.done.stopped, BudgetError)
    assert 0 < len(outcome.drafts) < outcome.candidates
    usage = CallLog(ledger.file).usage()
    assert sum(each.tokens_in + each.tokens_out for each in usage) <= 15_000


def test_the_same_pages_come_from_several_at_once(agent_run: AgentRun, ledger: Ledger) -> None:
    with ModelServer(author) as server:
        alone = [(draft.name, draft.page) for draft in agent_run(server).drafts]
        together = agent_run(server, draft={"concurrency": 4}, cache=False).drafts
    assert [(draft.name, draft.page) for draft in together] == alone


def test_what_each_page_took_is_kept_with_it(agent_run: AgentRun, wiki: Path) -> None:
    with ModelServer(author) as server:
        outcome = agent_run(server, model={"price_in": 2.0, "price_out": 4.0}, draft={"judge": True}, limit=2)
    for draft in outcome.drafts:
        written = json.loads(draft.written)
        assert written["usage"] | {"seconds": 0} == {
            "calls": 2, "tokens_in": 200, "tokens_out": 100, "tokens_cached": 0, "seconds": 0,
        }  # fmt: skip
        assert written["model"] == "scripted"
        assert set(written["prompts"]) == {"draft", "repair", "judge"}
        assert f"| {draft.name} | 2 | 200 | 100 | 0.0008 |" in report_of(wiki)
    row = next(row for row in outcome.usage if row.name == "draft")
    assert (row.calls, row.tokens_in, row.tokens_out, row.cost) == (2, 200, 100, "0.0008")


def test_the_agent_replaces_what_the_extractive_drafter_left_open(
    run: Run, agent_run: AgentRun, ledger: Ledger
) -> None:
    before = run(accept_valid=False).drafts
    with ModelServer(author) as server:
        agent_run(server, accept_valid=False)
    assert {ledger.draft(draft.id).state for draft in before} == {"superseded"}


def test_a_model_with_tools_reads_and_what_it_read_is_evidence(agent_run: AgentRun, ledger: Ledger, wiki: Path) -> None:
    reading = [
        ("search_code", {"query": "open the gate"}),
        ("find_symbol", {"name": "Keeper.open_gate"}),
        ("read_lines", {"path": "src/zoo/keeper.py", "first": 20, "last": 23}),
        ("read_lines", {"path": "../../etc/passwd", "first": 1, "last": 3}),
        ("grep", {"text": "lions are loose"}),
    ]

    def reader(request: Request) -> Reply:
        if stage(request) == "read":
            done = sum(message["role"] == "tool" for message in request["messages"])
            return (
                says(None, tool_calls=[reading[done]]) if done < len(reading) else says("Lions: see the last one read.")
            )
        if stage(request) == "draft":  # an id that nobody showed
            return says(json.dumps(page_answer(request, overview=[{"text": "It is so.", "refs": ["e99"]}])))
        if stage(request) == "repair":
            ids = shown_ids(request)
            told = {"text": "The gate cannot be opened at night.", "refs": [ids[0], ids[-1]]}
            return says(json.dumps(page_answer(request, overview=[told])))
        return author(request)

    with ModelServer(reader) as server:
        outcome = agent_run(server, draft={"mode": "tools", "judge": True}, limit=1)
        assert server.stages()[3:] == ["read"] * 6 + ["draft", "repair", "judge"]
        results = [m["content"] for m in server.of("read")[-1]["messages"] if m["role"] == "tool"]
        assert "Lions: see the last one read." in server.of("draft")[0]["messages"][1]["content"]
    assert "night" in results[0]
    assert results[0].startswith("<<e")
    assert "Definition of `Keeper.open_gate`" in results[1]
    assert "20| " in results[2]
    assert "is not a file of" in results[3]
    assert "root:" not in results[3]
    assert "src/zoo/keeper.py:" in results[4]
    (draft,) = outcome.drafts
    assert (draft.state, json.loads(draft.written)["repairs"]) == ("accepted", 1)
    assert "e99" in json.loads(CallLog(ledger.file).about(draft.candidate, wiki)[6].answer or "")["data"]["content"]
    page = json.loads(draft.page)
    assert any(e["path"] == "src/zoo/keeper.py" and e["first"] <= 20 for e in page["evidence"][1:])


def test_the_mode_follows_what_the_model_can_do(agent_run: AgentRun) -> None:
    def without_tools(request: Request) -> Reply:
        return says("I call nothing") if "tools" in request else author(request)

    with ModelServer(without_tools) as server:
        agent_run(server, draft={"mode": "auto"}, limit=1)
        assert "read" not in server.stages()
    with ModelServer(lambda request: says("notes") if stage(request) == "read" else author(request)) as server:
        agent_run(server, draft={"mode": "auto"}, limit=1)
        assert server.stages().count("read") == 1


def test_long_evidence_is_narrowed_to_lines_that_were_shown(agent_run: AgentRun, source: Snapshot) -> None:
    whole = "\n".join(f"    step_{number} = {number}" for number in range(40))
    path = source.root / "src/zoo/keeper.py"
    path.write_text(path.read_text() + f"\n\ndef walk():\n{whole}\n")
    fresh = Snapshot(source.source, source.name, source.revision, source.root, source.files)

    def reader(request: Request) -> Reply:
        if stage(request) == "read":
            done = any(message["role"] == "tool" for message in request["messages"])
            return says("Done.") if done else says(None, tool_calls=[("find_symbol", {"name": "walk"})])
        if stage(request) != "draft":
            return author(request)
        ids = shown_ids(request)
        told = {"text": "The steps are counted.", "refs": [ids[0], ids[-1]]}
        narrow = [{"first": f"{ids[-1]}.9", "last": f"{ids[-1]}.7"}]
        return says(json.dumps(page_answer(request, overview=[told], narrow=narrow)))

    with ModelServer(reader) as server:
        outcome = agent_run(server, draft={"mode": "tools"}, limit=1, snapshot=fresh)
    evidence = json.loads(outcome.drafts[0].page)["evidence"]
    assert evidence[-1]["code"].split("\n") == [f"step_{number} = {number}" for number in (5, 6, 7)]


def test_a_model_that_repeats_its_answer_is_not_asked_again(agent_run: AgentRun) -> None:
    def deaf(request: Request) -> Reply:
        if stage(request) not in ("draft", "repair"):
            return author(request)
        wrong = {"text": "It is 20 % slower.", "refs": shown_ids(request)[:1]}
        return says(json.dumps(page_answer(request, overview=[wrong])))

    with ModelServer(deaf) as server:
        (draft,) = agent_run(server, limit=1).drafts
        assert server.stages().count("repair") == 1
    assert draft.state == "rejected"
