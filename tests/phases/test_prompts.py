"""What a model is told: a changed prompt shows as a changed file. `pytest --update-prompts` writes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.model_server import ModelServer, Reply, Request, author, page_answer, prompt_of, says, shown_ids, stage
from tests.phases.conftest import NOW, AgentRun, desk
from wikiagent.draft import prompts
from wikiagent.errors import ConfigError
from wikiagent.ledger import Ledger

FOLDER = Path(__file__).parent / "prompts"
STAGES = ("plan", "read", "draft", "repair", "judge")


@pytest.fixture
def asked(agent_run: AgentRun, ledger: Ledger) -> dict[str, str]:
    """The prompt of each stage, for the second candidate of the small package, a heuristic; and after a reject."""

    def careless(request: Request) -> Reply:
        if stage(request) == "read":
            return says("Notes: e1 says it.")
        if stage(request) == "draft":
            wrong = {"text": "It is 20 % slower.", "refs": shown_ids(request)[:1]}
            return says(json.dumps(page_answer(request, overview=[wrong])))
        return author(request)

    with ModelServer(careless) as server:
        draft = {"mode": "tools", "plan": True, "judge": True}
        _, rejected = agent_run(server, draft=draft, limit=2, accept_valid=False).drafts
        requests = {name: server.of(name)[-1] for name in STAGES}
        reviewer = desk(ledger, [rejected], "ann", NOW)
        reviewer.reject([rejected.id], "unsupported", "Nothing says that it is slower.")
        reviewer.undo()
        reviewer.reject([rejected.id], "unclear", "Say when it happens.")
        agent_run(server, draft=draft, limit=2, cache=False)
        requests |= {f"{name}-after-reject": server.of(name)[-1] for name in ("read", "draft")}
    return {name: prompt_of(request) + "\n" for name, request in requests.items()}


def test_prompts_are_as_they_were_reviewed(asked: dict[str, str], request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-prompts"):
        for name, text in asked.items():
            (FOLDER / f"{name}.txt").write_text(text, "utf-8")
    for name, text in asked.items():
        stored = (FOLDER / f"{name}.txt").read_text("utf-8")
        assert text == stored, f"{name}: if the change is meant, run pytest --update-prompts and review the file"


def test_prompts_are_short(asked: dict[str, str]) -> None:
    for name in (p.name for p in (Path(__file__).parents[2] / "prompts").glob("*.j2")):
        assert len((Path(__file__).parents[2] / "prompts" / name).read_text().split()) < 300, name
    assert all(len(text) < 8000 for text in asked.values())


def test_a_variable_that_nobody_passes_is_one_sentence() -> None:
    with pytest.raises(ConfigError, match=r"prompts/draft.user.j2 cannot be used: '\w+' is undefined"):
        prompts.prompt("draft.user")


def test_a_prompt_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(ConfigError, match=r"prompts/none\.j2 cannot be used"):
        prompts.prompt("none")


def test_the_digest_follows_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    before = prompts.digest("draft.system", "draft.user")
    assert before != prompts.digest("draft.system")
    monkeypatch.setattr(prompts, "_text", lambda name: f"changed {name}")
    assert prompts.digest("draft.system", "draft.user") != before
