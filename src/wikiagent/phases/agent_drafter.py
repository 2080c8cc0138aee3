"""The agent as a drafter: plans, writes several pages at once, keeps to the budget, and writes nothing twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from wikiagent.draft.agent import NAME, Agent
from wikiagent.draft.budget import Price
from wikiagent.draft.capability import Capability
from wikiagent.draft.evidence import Search
from wikiagent.draft.llm import Model
from wikiagent.draft.plan import AS_RANKED, BATCH, Choice, Known, as_ranked, links_of, plan, plan_prompt, planned
from wikiagent.draft.rejects import Reject
from wikiagent.draft.related import related_pages
from wikiagent.draft.said import Context
from wikiagent.errors import BudgetError, CallError, RemoteError, WikiagentError
from wikiagent.ledger import Draft, Ledger, NewDraft
from wikiagent.mine.candidates import Candidate
from wikiagent.phases.drafters import Drafted, Skipped, Tell, new_draft
from wikiagent.phases.parallel import in_parallel
from wikiagent.phases.settled import history_of
from wikiagent.source.orders import addresses_a_model
from wikiagent.wiki.graph import LEAVES, Wiki
from wikiagent.wiki.page import Link

#: Pages in a row whose calls failed, after which a run ends: the endpoint will not come back by itself.
MAX_FAILURES = 3
#: Names of the wiki that show a planner its style.
_EXAMPLES = 4
_STYLE = ("Merge_Into_8bit_Rounding", "Gradient_Checkpointing_Memory", "Warning_Deprecated_Save_Method")


@dataclass(frozen=True)
class Task:
    """One page to write.

    Attributes:
        candidate: what it is about, as planned: with the evidence of candidates that are told on the same page.
        mined: the candidate as it was mined; `joined` are those others.
        rank: rank of the candidate.
        related: the pages that it applies to.
        rejects: what a person had against earlier drafts of it, the newest last.
        bases: what a draft follows from; then what it followed from before each reject, the newest first.
    """

    candidate: Candidate
    mined: Candidate
    joined: tuple[Candidate, ...]
    rank: int
    related: tuple[Link, ...]
    rejects: tuple[Reject, ...]
    bases: tuple[str, ...]

    def known(self, drafts: Mapping[str, Draft]) -> Draft | None:
        """The draft that was written of it earlier, where there is one in `drafts`, which are by their basis."""
        return next((drafts[basis] for basis in self.bases if basis in drafts), None)


@dataclass(frozen=True)
class Estimate:
    """What a run would write, and about how many tokens, in and out, each page would take."""

    tasks: list[Task]
    skipped: list[Skipped]
    tokens: list[tuple[int, int]]


@dataclass(frozen=True)
class AgentDrafter:
    """Writes drafts with a language model.

    Attributes:
        model: the model; its calls are recorded for the run.
        capability: what the model can do.
        mode: how drafts get at evidence: `auto`, `tools` or `packed`.
        search: finds chunks of the source.
        ledger: where drafts and choices of earlier runs are.
        root: folder of the wiki.
        planning: whether the model chooses and names the pages.
        judge: whether a second call judges each page's support.
        max_pages: most pages that are written in one run, None for no limit.
        workers: how many pages are written at once.
        again: whether what was written in an earlier run is written again.
    """

    model: Model
    capability: Capability
    mode: str
    search: Search
    ledger: Ledger
    root: Path
    planning: bool
    judge: bool
    max_pages: int | None
    workers: int
    again: bool = False
    name: str = NAME

    @property
    def price(self) -> Price:
        """What its model's tokens cost."""
        return self.model.desk.budget.price

    def write(self, candidates: Sequence[Candidate], wiki: Wiki, context: Context, run: int, tell: Tell) -> Drafted:
        """Plan and write the drafts of a run, the highest ranked first.

        Raises:
            ConfigError: a prompt cannot be used.
        """
        model = self.model.in_run(run)
        agent = self._agent(model, context, wiki)
        tasks, skipped, stopped = self._planned(candidates, wiki, agent, tell)
        if stopped is not None:
            return Drafted([], skipped, left=len(candidates), stopped=stopped)
        return replace(self._done(tasks, agent, run, tell), skipped=skipped)

    def redraft(
        self,
        candidates: Sequence[Candidate],
        wanted: Collection[str],
        wiki: Wiki,
        context: Context,
        run: int,
        tell: Tell,
    ) -> Drafted:
        """Write drafts again, with what was said against the earlier ones; what no plan wanted is written as well.

        Raises:
            ConfigError: a prompt cannot be used.
        """
        agent = self._agent(self.model.in_run(run), context, wiki)
        stored = self._stored(wiki, agent) if self.planning else {}
        choices = {c.key: stored.get(c.key) or as_ranked(c, AS_RANKED) for c in candidates}
        choices |= {key: choices[key].model_copy(update={"worth": True, "same_as": ""}) for key in wanted}
        found = {c.key: c for c in candidates if c.key in wanted}
        related = {key: related_pages(c, wiki, context.symbols, context.repo) for key, c in found.items()}
        tasks = [replace(t, bases=t.bases[:1]) for t in self._tasks(candidates, choices, related, agent)]
        return self._done(tasks, agent, run, tell)

    def _done(self, tasks: Sequence[Task], agent: Agent, run: int, tell: Tell) -> Drafted:
        """The drafts of tasks: those that are known, and the others written now."""
        known = self._known()
        there = [(task, task.known(known)) for task in tasks]
        drafts = [self._kept(draft, task) for task, draft in there if draft is not None]
        drafted = self._written([task for task, draft in there if draft is None], agent, run, tell)
        return replace(drafted, drafts=drafts + drafted.drafts)

    def _agent(self, model: Model, context: Context, wiki: Wiki) -> Agent:
        mode, _ = self.capability.mode(self.mode)
        window = self.capability.context
        takes_schema = self.capability.schema != "refused"
        return Agent(model.within(window), mode, takes_schema, self.judge, window, context, self.search, wiki)

    def estimate(self, candidates: Sequence[Candidate], wiki: Wiki, context: Context, tell: Tell) -> Estimate:
        """Plan, and estimate what writing the pages will take; nothing is written.

        Raises:
            BudgetError, CallError, ConfigError: the plan cannot be had.
        """
        agent = self._agent(self.model, context, wiki)
        tasks, skipped, stopped = self._planned(candidates, wiki, agent, tell)
        if stopped is not None:
            raise stopped
        known = self._known()
        new = [task for task in tasks if task.known(known) is None][: self.max_pages]
        return Estimate(new, skipped, [agent.estimate(t.candidate, t.related, t.rejects) for t in new])

    # --- the plan ---

    def _planned(
        self, candidates: Sequence[Candidate], wiki: Wiki, agent: Agent, tell: Tell
    ) -> tuple[list[Task], list[Skipped], WikiagentError | None]:
        """The pages to write, the candidates that get none, and what stopped the planning."""
        context = agent.context
        related = {c.key: related_pages(c, wiki, context.symbols, context.repo) for c in candidates}
        try:
            choices = self._choices(candidates, related, wiki, agent, tell)
        except (BudgetError, RemoteError) as error:
            return [], [], error
        tasks = self._tasks(candidates, choices, related, agent)
        return tasks, [s for c in candidates if (s := _skipped(c, choices, context.repo))], None

    def _tasks(
        self,
        candidates: Sequence[Candidate],
        choices: Mapping[str, Choice],
        related: Mapping[str, tuple[Link, ...]],
        agent: Agent,
    ) -> list[Task]:
        """The pages to write of those candidates whose related pages are given."""
        mined = {candidate.key: (rank, candidate) for rank, candidate in enumerate(candidates, 1)}
        rejects = history_of(self.ledger, self.root).rejects
        tasks = []
        for candidate in planned(candidates, choices.values()):
            key = candidate.key
            if key not in related:
                continue
            links = links_of(choices[key], candidate, related[key], agent.wiki)
            said = rejects.get(key, ())
            bases = tuple(agent.basis(candidate, links, said[:number]) for number in range(len(said), -1, -1))
            joined = tuple(mined[c.candidate][1] for c in choices.values() if c.same_as == key)
            tasks.append(Task(candidate, mined[key][1], joined, mined[key][0], links, said, bases))
        return tasks

    def _stored(self, wiki: Wiki, agent: Agent) -> dict[str, Choice]:
        """What the model chose in earlier runs for candidates, by their keys."""
        stored = self.ledger.choices(self.root, self._plan_basis(wiki, agent))
        return {key: Choice.model_validate_json(choice) for key, choice in stored.items()}

    @staticmethod
    def _plan_basis(wiki: Wiki, agent: Agent) -> str:
        """What choices follow from."""
        pages = sorted(name for kind, name in wiki.pages if kind not in LEAVES)
        planner = f"{agent.context.snapshot.digest} {agent.model.model_name} {plan_prompt()} {pages}"
        return hashlib.sha256(planner.encode()).hexdigest()[:16]

    def _choices(
        self,
        candidates: Sequence[Candidate],
        related: Mapping[str, tuple[Link, ...]],
        wiki: Wiki,
        agent: Agent,
        tell: Tell,
    ) -> dict[str, Choice]:
        """What is chosen for each candidate, by its key: as an earlier run did, else by the model, in batches.

        Raises:
            BudgetError, CallError, ConfigError: as the calls say.
        """
        if not self.planning:
            return {candidate.key: as_ranked(candidate, "as ranked") for candidate in candidates}
        stored = {} if self.again else self._stored(wiki, agent)
        choices = {c.key: stored[c.key] for c in candidates if c.key in stored}
        unplanned = [candidate for candidate in candidates if candidate.key not in choices]
        for start in range(0, len(unplanned), BATCH):
            batch = unplanned[start : start + BATCH]
            tell(f"Planning {start + 1} to {start + len(batch)} of {len(unplanned)} candidates")
            known = self._may_name(wiki, agent.context, candidates, batch, choices)
            made = plan(batch, [related[c.key] for c in batch], known, agent.model, agent.schema)
            kept = {
                choice.candidate: choice.model_dump_json() for choice in made if not choice.why.startswith(AS_RANKED)
            }
            self.ledger.choose(self.root, self._plan_basis(wiki, agent), kept)
            choices |= {choice.candidate: choice for choice in made}
        return choices

    def _may_name(
        self,
        wiki: Wiki,
        context: Context,
        candidates: Sequence[Candidate],
        batch: Sequence[Candidate],
        choices: Mapping[str, Choice],
    ) -> Known:
        """What a plan may refer to: the pages that others can apply to; and which names are taken by whom."""
        prefix = f"{context.repo}_"
        named = [(kind, name) for kind, name in wiki.pages if not addresses_a_model(name.replace("_", " "))]
        leaves = [name.removeprefix(prefix) for kind, name in named if kind in LEAVES]
        keys = {candidate.key for candidate in batch}
        own = {d.name.removeprefix(prefix) for d in self.ledger.drafts(self.root) if d.candidate in keys}
        others = {candidate.name for candidate in candidates if candidate.key not in choices}
        return Known(
            library=context.snapshot.name,
            pages=[(kind, name) for kind, name in named if kind not in LEAVES],
            taken={*(set(leaves) - own), *others, *(choice.name for choice in choices.values())},
            examples=leaves[:_EXAMPLES] or _STYLE,
        )

    # --- the pages ---

    def _known(self) -> dict[str, Draft]:
        """The agent's earlier drafts for this wiki, by their basis; none where all is written again."""
        known = [] if self.again else self.ledger.drafts(self.root)
        drafts = sorted((draft for draft in known if draft.drafter == self.name), key=lambda draft: draft.id)
        return {json.loads(draft.written).get("basis", ""): draft for draft in drafts}

    def _written(self, tasks: Sequence[Task], agent: Agent, run: int, tell: Tell) -> Drafted:
        """Write pages until all are done, a limit is reached, or the endpoint has failed too often."""
        now = tasks[: self.max_pages]
        drafts: list[tuple[int, NewDraft]] = []
        failed: list[Skipped] = []
        stopped: WikiagentError | None = None
        if self.max_pages is not None and len(tasks) > self.max_pages:
            stopped = BudgetError(f"--max-pages {self.max_pages} is reached.")
        in_a_row, stop = 0, Event()
        for task, done in in_parallel(now, lambda task: self._draft(task, agent, run), self.workers, stop):
            if isinstance(done, NewDraft):
                in_a_row = 0
                drafts.append((task.rank, done))
                tell(_progress(len(drafts), len(now), done))
            elif isinstance(done, CallError) and (stop.is_set() or in_a_row + 1 < MAX_FAILURES):
                in_a_row += 1
                failed.append(Skipped(f"{agent.context.repo}_{task.candidate.name}", str(done)))
                tell(f"{task.candidate.name} was not written: {done}")
            elif not stop.is_set():
                stopped = done
                stop.set()
        left = len(tasks) - len(drafts) - len(failed)
        return Drafted([draft for _, draft in sorted(drafts, key=lambda d: d[0])], [], failed, left, stopped)

    def _kept(self, draft: Draft, task: Task) -> NewDraft:
        """An earlier draft, at the candidate's rank of this run."""
        return NewDraft(
            candidate=draft.candidate,
            type=draft.type,
            name=draft.name,
            drafter=draft.drafter,
            rank=task.rank,
            score=task.candidate.score,
            digest=draft.digest,
            page=draft.page,
            findings=self.ledger.findings(draft.id),
            written=draft.written,
            evidence=task.mined.evidence,
            redrafts=draft.redrafts,
        )

    def _draft(self, task: Task, agent: Agent, run: int) -> NewDraft:
        written = agent.draft(task.candidate, task.related, task.rejects)
        told = {
            "basis": task.bases[0],
            "model": agent.model.model_name,
            "parameters": agent.parameters,
            "prompts": {**agent.prompts, **({"plan": plan_prompt().partition("@")[2]} if self.planning else {})},
            "repairs": written.repairs,
            "clean_at_first": written.stands and not written.repairs,
            "stands": written.stands,
            "judged": agent.judge and written.stands,  # nobody judges a page that has errors
            "joined": {candidate.key: candidate.evidence for candidate in task.joined},
            "usage": self.model.desk.log.cost_of(task.candidate.key, run),
        }
        findings = list(written.findings)
        new = new_draft(task.mined, task.rank, self.name, written.page, findings, json.dumps(told))
        return replace(new, redrafts=task.rejects[-1].draft if task.rejects else None)


def _skipped(candidate: Candidate, choices: dict[str, Choice], repo: str) -> Skipped | None:
    choice = choices[candidate.key]
    if not choice.worth:
        return Skipped(f"{repo}_{candidate.name}", choice.why, candidate.key)
    if choice.same_as in choices:
        return Skipped(f"{repo}_{candidate.name}", f"told on {repo}_{choices[choice.same_as].name}", candidate.key)
    return None


def _progress(number: int, of: int, draft: NewDraft) -> str:
    errors = sorted({finding.code for finding in draft.findings if finding.severity == "error"})
    state = f"dropped ({', '.join(errors)})" if errors else "drafted"
    return f"{number} of {of}: {draft.name} {state}"
