"""A real model, asked only with `pytest --live`: OPENAI_BASE_URL, OPENAI_API_KEY and WIKIAGENT_MODEL__NAME name it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.phases.conftest import NOW
from wikiagent.cli.agent import agent_of, model_in, probed
from wikiagent.code.chunks import chunk_snapshot
from wikiagent.config import DraftSettings, ModelSettings, Settings
from wikiagent.index.retrieve import Index
from wikiagent.ledger import Ledger
from wikiagent.phases.phase3 import Plan, enrich
from wikiagent.source.snapshot import Snapshot


@pytest.mark.live
def test_a_real_model_writes_pages_that_stand_or_are_dropped_with_reasons(
    source: Snapshot, wiki: Path, ledger: Ledger
) -> None:
    name = os.environ.get("WIKIAGENT_MODEL__NAME", "local")
    settings = Settings(model=ModelSettings(name=name), draft=DraftSettings(plan=False, max_pages=2))
    index = Index(list(chunk_snapshot(source, lambda text: len(text.split()), 512)), lambda text, k: [])
    plan = Plan(source, source.files, wiki, "some_zoo", None, 3, accept_valid=True, now=NOW)
    with model_in(settings, ledger.file) as model:
        outcome = enrich(
            plan, agent_of(settings, model, probed(model, settings), ledger, wiki, index.search), ledger, print
        )
    assert len(outcome.drafts) == 2
    for draft in outcome.drafts:
        findings = [finding for finding in ledger.findings(draft.id) if finding.severity == "error"]
        assert (draft.state == "accepted") == (not findings)
        assert json.loads(draft.written)["usage"]["tokens_in"] > 0
