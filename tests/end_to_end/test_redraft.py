"""Reject, draft again, accept: as processes, with a scripted model behind real sockets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.cli.test_redraft import CONFIG, REASON, better
from tests.model_server import ModelServer, prompt_of
from tests.phases.conftest import FILES, files_of, write_source
from wikiagent.check.wiki_rules import check_wiki
from wikiagent.ledger import Ledger
from wikiagent.wiki.graph import read_wiki


def test_a_reject_comes_back_better_and_is_accepted(tmp_path: Path) -> None:
    write_source(tmp_path / "zoo", "1.0", FILES)
    (tmp_path / "wikiagent.toml").write_text(CONFIG.format("false"))

    def run(*command: str) -> str:
        environment = {**os.environ, "OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "the-key-of-the-tests"}
        call = [sys.executable, "-m", "wikiagent", "--store", "store", *command]
        done = subprocess.run(call, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    ledger = Ledger(tmp_path / "store" / "ledger.sqlite")
    with ModelServer(better) as server:
        run("enrich", "--limit", "3")
        first = next(draft for draft in ledger.drafts() if draft.type == "Heuristic")
        run("reject", str(first.id), "--code", "unclear", "--reason", REASON)
        assert f"Drafted again: draft 4 in place of {first.id}." in run("enrich", "--redraft")
        assert f"- unclear: {REASON}" in prompt_of(server.of("draft")[-1])
    run("accept", "4")
    page = files_of(tmp_path / "wiki")[f"heuristics/{first.name}.md"]
    assert "The code says that the surplus is ignored." in page
    assert check_wiki(read_wiki(tmp_path / "wiki")) == []
    assert ledger.verify().problems == ()
