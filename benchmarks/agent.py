"""What the agent costs besides its model: pages a second and memory, with a model that answers at once.

    python -m benchmarks.agent [--pages 1000] [--source pypi:peft==0.18.1]

The model answers from this process, without a socket. Everything else is real: mining, search, prompts, the ledger on
disk, checks, and the queue. Prints pages a second for 1, 2 and 4 pages at once, and the memory after each hundred.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage

from tests.model_server import author
from wikiagent.config import DraftSettings, ModelSettings, Settings
from wikiagent.draft.budget import Budget
from wikiagent.draft.capability import Capability
from wikiagent.draft.llm import Desk, Model, model_of
from wikiagent.index.embed import embedder_of
from wikiagent.index.retrieve import open_index
from wikiagent.ledger import CallLog, Ledger
from wikiagent.phases.agent_drafter import AgentDrafter
from wikiagent.phases.phase3 import Plan, enrich
from wikiagent.source.fetch import fetch

STORE = Path("store")


class AtOnce(Model):
    """A model that answers at once, as the tests' author does."""

    def _asked(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> BaseMessage:
        reply = author(self._get_request_payload(messages, **kwargs))
        text = reply.body["choices"][0]["message"]["content"]
        return AIMessage(text, usage_metadata={"input_tokens": 100, "output_tokens": 50, "total_tokens": 150})


def memory() -> float:
    """Megabytes that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1_000_000


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cli.add_argument("--pages", type=int, default=1000)
    cli.add_argument("--source", default="pypi:peft==0.18.1")
    args = cli.parse_args()
    settings = Settings()
    snapshot = fetch(args.source, STORE)
    paths = snapshot.select(settings.source.include, settings.source.exclude)
    index = open_index(snapshot, embedder_of("wordllama"), STORE, mined=paths)
    for workers in (1, 2, 4):
        with tempfile.TemporaryDirectory() as folder:
            run(Path(folder), snapshot, paths, index, args.pages, workers)


def run(folder: Path, snapshot: Any, paths: tuple[str, ...], index: Any, pages: int, workers: int) -> None:
    ledger = Ledger(folder / "ledger.sqlite")
    desk = Desk(CallLog(ledger.file), Budget())
    made = model_of(ModelSettings(name="at-once", base_url="http://127.0.0.1:9/v1"), desk)
    model = AtOnce.model_construct(**dict(made)).at(desk)
    began: list[float] = []
    held: list[float] = []

    def tell(message: str) -> None:
        if message.startswith("Planning") and not began:
            began.append(time.perf_counter())
        number = message.partition(" of ")[0]
        if number.isdigit() and int(number) % 100 == 0:
            held.append(memory())

    draft = DraftSettings()
    drafter = AgentDrafter(
        model, Capability(False, "followed", None, ""), "packed", index.search, ledger, folder / "wiki", draft.plan,
        draft.judge, None, workers,
    )  # fmt: skip
    plan = Plan(snapshot, paths, folder / "wiki", "x_y", None, pages, accept_valid=False, now="2026-01-01 00:00 GMT")
    outcome = enrich(plan, drafter, ledger, tell)
    seconds = time.perf_counter() - began[0]
    states = {draft.state for draft in outcome.drafts}
    print(
        f"{workers} at once: {len(outcome.drafts)} pages {states} in {seconds:.1f} s, "
        f"{len(outcome.drafts) / seconds:.1f} a second; MB after each 100: {' '.join(f'{mb:.0f}' for mb in held)}"
    )


if __name__ == "__main__":
    main()
