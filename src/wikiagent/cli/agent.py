"""The agent as the command line sets it up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from wikiagent.cli.app import Shell, say
from wikiagent.config import Settings
from wikiagent.errors import ConfigError

if TYPE_CHECKING:
    from wikiagent.draft.capability import Capability
    from wikiagent.draft.evidence import Search
    from wikiagent.draft.llm import Model
    from wikiagent.ledger import Ledger
    from wikiagent.phases.agent_drafter import AgentDrafter
    from wikiagent.phases.drafters import Extractive
    from wikiagent.phases.phase3 import Plan


def agent_of(
    settings: Settings,
    model: Model,
    capability: Capability,
    ledger: Ledger,
    wiki: Path,
    search: Search,
    *,
    cache: bool = True,
) -> AgentDrafter:
    """The agent that the settings describe, with a model that was asked what it can do."""
    from wikiagent.phases.agent_drafter import AgentDrafter

    draft = settings.draft
    return AgentDrafter(
        model=model,
        capability=capability,
        mode=draft.mode,
        search=search,
        ledger=ledger,
        root=wiki,
        planning=draft.plan,
        judge=draft.judge,
        max_pages=draft.max_pages,
        workers=draft.concurrency,
        again=not cache,
    )


@contextmanager
def drafter_in(
    shell: Shell, settings: Settings, ledger: Ledger, wiki: Path, *, cache: bool = True
) -> Iterator[Callable[[Search], AgentDrafter | Extractive]]:
    """Who writes the pages of a wiki, as the settings say, given a search over the source.

    A model that cannot be used is found at once, before anything is fetched.

    Raises:
        CallError, ConfigError: there is no such model.
    """
    from wikiagent.phases.drafters import Extractive

    if settings.drafter != "agent":
        yield lambda search: Extractive()
        return
    if settings.model.name is None:
        raise ConfigError("The agent needs a model. Pass --model NAME, or set [model] name in wikiagent.toml.")
    with model_in(settings, ledger.file, cache=cache) as model:
        capability = probed(model, settings)
        mode, why = capability.mode(settings.draft.mode)
        shell.console.print(f"Model {model.model_name}: {mode} mode, {why}")
        yield lambda search: agent_of(settings, model, capability, ledger, wiki, search, cache=cache)


@contextmanager
def model_in(settings: Settings, ledger: Path, *, cache: bool = True) -> Iterator[Model]:
    """The model that the settings name, with a desk of its own; a GGUF model is served as long as it is used.

    Raises:
        ConfigError: it cannot be used.
    """
    from wikiagent.draft.budget import Budget, Price
    from wikiagent.draft.llm import Desk, model_of
    from wikiagent.draft.local import CONTEXT, PREFIX, digest_of, served
    from wikiagent.ledger import CallLog

    chosen, limits = settings.model, settings.draft
    price = Price(chosen.price_in, chosen.price_out)
    if limits.max_cost is not None and not price.known:
        raise ConfigError("--max-cost needs to know what tokens cost: set price_in and price_out under [model].")
    budget, log = Budget(limits.max_tokens, limits.max_cost, price), CallLog(ledger)
    if chosen.name is None or not chosen.name.startswith(PREFIX):
        yield model_of(chosen, Desk(log, budget, cache=cache))
        return
    context = chosen.context or CONTEXT
    file = Path(chosen.name.removeprefix(PREFIX))
    with served(file, context) as base_url:
        there = {"base_url": base_url, "context": context, "name": f"{PREFIX}{file.name}@{digest_of(file)}"}
        yield model_of(chosen.model_copy(update=there), Desk(log, budget, cache=cache, endpoint=PREFIX))


def probed(model: Model, settings: Settings) -> Capability:
    """What the model can do; it is asked.

    Raises:
        CallError, ConfigError: it cannot be used.
    """
    from wikiagent.draft.capability import capability_of

    return capability_of(model, settings.model.context)


def show_plan(shell: Shell, drafter: AgentDrafter, plan: Plan) -> None:
    """Print what the agent would write, and what that would take.

    Raises:
        BudgetError, CallError, ConfigError: the plan cannot be had.
    """
    from wikiagent.phases.phase3 import as_prepared, survey
    from wikiagent.phases.publish import whole_wiki
    from wikiagent.phases.settled import unsettled

    found = survey(plan, shell.tell)
    wiki = as_prepared(whole_wiki(plan.wiki, plan.repo), found.context)
    source, first = plan.snapshot.source, found.candidates[: plan.limit]
    first, settled = unsettled(drafter.ledger, plan.wiki, wiki, source, first, plan.repo)
    estimate = drafter.estimate(first, wiki, found.context, shell.tell)
    ranks = {candidate.key: rank for rank, candidate in enumerate(found.candidates, 1)}
    for task, (tokens_in, tokens_out) in zip(estimate.tasks, estimate.tokens, strict=True):
        applies = ", ".join(link.name.removeprefix(f"{plan.repo}_") for link in task.related) or "no page"
        told = f"{task.candidate.kind:11}  {task.candidate.name}  for {applies}"
        say(f"{ranks[task.candidate.key]:4}  {told}  about {tokens_in} + {tokens_out} tokens")
    for skipped in [*settled, *estimate.skipped]:
        say(f"   -  {skipped.name.removeprefix(f'{plan.repo}_')}: {skipped.why}")
    tokens_in, tokens_out = (sum(each) for each in zip(*estimate.tokens, strict=True)) if estimate.tokens else (0, 0)
    cost = f", cost about {drafter.price.cost(tokens_in, tokens_out):.4f}" if drafter.price.known else ""
    say(f"{len(estimate.tasks)} pages to write: about {tokens_in} tokens in, {tokens_out} out{cost}; repairs add.")
