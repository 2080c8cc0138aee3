"""The pages of a configuration as a task of inspect_ai: a model writes each page, and our metrics score it.

A sample is a golden, with the candidate that shows its evidence best: the model gets what the agent gets in its packed
mode. Logs, limits, retries, caching and cost are inspect's. Goldens that no candidate shows are left out: what mining
misses is no matter of the model, and `wikiagent eval run` counts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import chdir
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from anyio import to_thread
from click import ClickException
from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import GenerateConfig, ModelOutput
from inspect_ai.scorer import Metric, SampleScore, Score, Scorer, Target, Value, metric, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import StoreModel

from wikiagent.config import Settings, load_settings
from wikiagent.draft.agent import Agent
from wikiagent.draft.related import related_pages
from wikiagent.errors import WikiagentError
from wikiagent.evals import overlap
from wikiagent.evals.config import EvalConfig, read_config
from wikiagent.evals.golden import Golden
from wikiagent.evals.inspect_model import passed_on
from wikiagent.evals.interval import Unit, interval, ratio
from wikiagent.evals.metrics import METRICS
from wikiagent.evals.rows import DraftRow, Scores
from wikiagent.evals.scoring import Subject, score
from wikiagent.evals.subject import mined, subject_of
from wikiagent.index.embed import embedder_of
from wikiagent.index.retrieve import open_index
from wikiagent.mine.candidates import Candidate
from wikiagent.phases.phase3 import Plan, as_prepared, survey
from wikiagent.source.fetch import fetch
from wikiagent.wiki.graph import Wiki
from wikiagent.wiki.mediawiki import render

#: What is measured of a page, and the metric of docs/evals.md that it is, over a wiki with this page alone.
MEASURED = {
    "shown": "recall@20",
    "told": "told@120",
    "facts": "facts",
    "citation_validity": "citation_validity",
    "unsupported_numbers": "unsupported_numbers",
    "unknown_identifiers": "unknown_identifiers",
    "pass_first": "pass_first",
    "pass_repaired": "pass_repaired",
}


@dataclass(frozen=True)
class Bench:
    """What all samples share.

    Attributes:
        subject: the source, and the goldens that are samples.
        agent: who writes the pages; its wiki is that of a source without Environments and Heuristics.
        candidates: the candidate of each golden, by its id.
        left_out: ids of goldens that no candidate shows.
    """

    subject: Subject
    agent: Agent
    candidates: dict[str, Candidate]
    left_out: tuple[str, ...]

    @property
    def goldens(self) -> Sequence[Golden]:
        """The goldens that are samples."""
        return [golden for golden in self.subject.goldens if golden.id in self.candidates]


def task_of(config: Path, root: Path, *, context: int | None = None, schema: bool = True) -> Task:
    """The task of a configuration.

    Args:
        config: the configuration, as `wikiagent eval run` takes it. Its drafter, model, judge and trials do not count.
        root: the folder from which `wikiagent.toml`, the store and a source that is a folder are named.
        context: the model's context in tokens: evidence that does not fit is left out. None for no limit.
        schema: whether the model is given the schema of its answer.

    Raises:
        ClickException: the source or the goldens cannot be used; inspect's command line shows it as a sentence.
    """
    try:
        told, goldens = read_config(config), config.resolve().parent
        with chdir(root):  # inspect loads a task from within its folder
            settings = load_settings(None, source={"location": told.source})
            bench = _bench(told, goldens / told.goldens, settings, context, schema)
    except WikiagentError as error:
        raise ClickException(str(error)) from error
    source, model = bench.subject.source.snapshot.source, bench.agent.model
    return Task(
        name=told.name,
        dataset=MemoryDataset([_sample(golden, bench) for golden in bench.goldens], name=source),
        solver=_writer(bench),
        scorer=_scorers(bench),
        config=GenerateConfig(temperature=settings.model.temperature, max_tokens=model.max_tokens),
        fail_on_error=False,  # a sample whose call failed counts nowhere, and the others go on
        metadata={"source": source, "left_out": list(bench.left_out)},
    )


def _bench(config: EvalConfig, goldens: Path, settings: Settings, window: int | None, schema: bool) -> Bench:
    snapshot = fetch(settings.source.location or "", settings.store.resolve())
    subject, _ = subject_of(goldens, snapshot)
    paths = mined(snapshot)
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M} GMT"
    plan = Plan(snapshot, paths, Path(), snapshot.name, None, config.limit, accept_valid=False, now=now)
    found = survey(plan, lambda said: None)
    index = open_index(
        snapshot, embedder_of(settings.index.embedder), settings.store.resolve(), settings.index.url, mined=paths
    )
    model = passed_on("inspect", settings.model.max_answer).within(window)
    wiki = as_prepared(Wiki({}, snapshot.name), found.context)
    agent = Agent(model, "packed", schema, False, window, found.context, index.search, wiki)
    nearest = {golden.id: _nearest(golden, found.candidates[: config.limit]) for golden in subject.goldens}
    candidates = {name: candidate for name, candidate in nearest.items() if candidate}
    return Bench(subject, agent, candidates, tuple(name for name in nearest if name not in candidates))


def _nearest(golden: Golden, candidates: Sequence[Candidate]) -> Candidate | None:
    """The candidate whose evidence shows a golden best, of equals the higher ranked; None where none shows it."""

    def share(candidate: Candidate) -> float:
        return overlap.best([signal.place for signal in candidate.signals[: overlap.MAX_QUOTES]], golden.places)

    best = max(candidates, key=share, default=None)
    return best if best and share(best) >= overlap.ENOUGH else None


def _sample(golden: Golden, bench: Bench) -> Sample:
    candidate = bench.candidates[golden.id]
    return Sample(
        id=golden.id,
        input=f"Write the page {candidate.name} ({candidate.kind}).",
        target=golden.insight,
        metadata={"type": golden.type, "importance": golden.importance, "facts": list(golden.facts)},
    )


class Page(StoreModel):
    """What a sample keeps of its page, whose text is the output.

    Attributes:
        name, file: as in `WikiPage`.
        clean_at_first: whether the first version had no error.
        stands: whether the last one has none.
        findings: what the checks say of the last one.
    """

    name: str = ""
    file: str = ""
    clean_at_first: bool = False
    stands: bool = False
    findings: tuple[str, ...] = ()


def _writer(bench: Bench) -> Solver:
    """Has the agent write the page of a sample. The output is its text, empty where no answer could be used."""

    @solver(name="agent")
    def agent() -> Solver:
        async def solve(state: TaskState, generate: Generate) -> TaskState:
            candidate, author = bench.candidates[str(state.sample_id)], bench.agent
            related = related_pages(candidate, author.wiki, author.context.symbols, author.context.repo)
            written = await to_thread.run_sync(author.draft, candidate, related)
            usable = all(finding.code != "DRF001" for finding in written.findings)
            state.output = ModelOutput.from_content(str(state.model), render(written.page) if usable else "")
            state.messages.append(state.output.message)
            page = state.store_as(Page)
            page.name, page.file = written.page.name, written.page.file
            page.stands, page.clean_at_first = written.stands, written.stands and not written.repairs
            page.findings = tuple(f"{finding.code} {finding.message}" for finding in written.findings)
            return state

        return solve

    return agent()


def _scorers(bench: Bench) -> list[Scorer]:
    """One for each thing that is measured; a page is scored once for all of them."""

    @lru_cache(maxsize=64)
    def rows(golden: str, page: str, text: str) -> Scores:
        return scores_of(bench, golden, Page.model_validate_json(page), text)

    def scorer_of(name: str) -> Scorer:
        @scorer(name=name, metrics=[figure()])
        def measured() -> Scorer:
            async def scored(state: TaskState, target: Target) -> Score:
                page, text = state.store_as(Page), state.output.completion
                if not page.name:
                    return Score.unscored(explanation="A limit ended the sample before its page was written.")
                told = await to_thread.run_sync(rows, str(state.sample_id), page.model_dump_json(), text)
                units = list(METRICS[MEASURED[name]].units(told))
                return Score(
                    value=_or_nan(ratio(units)),
                    answer=page.name,
                    explanation="\n".join(page.findings) or "The checks find nothing.",
                    reason=None if text else "invalid_response_format",
                    metadata={"units": units},
                )

            return scored

        return measured()

    return [scorer_of(name) for name in MEASURED]


def scores_of(bench: Bench, golden: str, page: Page, text: str) -> Scores:
    """The rows of a golden in a wiki with one page, and of that page; of no page where the text is empty.

    They are those of `wikiagent eval run`, for a wiki without other Environments and Heuristics.
    """
    wiki = bench.agent.wiki.edited({page.file: text} if text else {})
    subject = replace(bench.subject, goldens=[each for each in bench.subject.goldens if each.id == golden])
    draft = DraftRow(trial=1, name=page.name, rank=1, clean_at_first=page.clean_at_first, stands=page.stands)
    return score(1, wiki, {page.name: 1}, {}, subject) + Scores(drafts=(draft,))


@metric(scores="unreduced")
def figure() -> Metric:
    """A figure over all samples and epochs: the ratio of two sums and its interval, as docs/evals.md defines them."""

    def over(scores: list[SampleScore]) -> Value:
        units = [Unit(*unit) for each in scores for unit in (each.score.metadata or {})["units"]]
        ends = interval(units)
        return {
            "value": _or_nan(ratio(units)),
            "low": _or_nan(ends.low if ends else None),
            "high": _or_nan(ends.high if ends else None),
        }

    return over


def _or_nan(value: float | None) -> float:
    """A value as inspect has it: what was not measured is no number, and it leaves that out."""
    return float("nan") if value is None else value
