"""`wikiagent eval run`: write or take a wiki, score it, and hold it against thresholds and a baseline."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from wikiagent.cli.app import Shell, say
from wikiagent.cli.evals import evals
from wikiagent.cli.index import index_of
from wikiagent.cli.source import snapshot_of
from wikiagent.config import Settings
from wikiagent.draft.local import PREFIX
from wikiagent.errors import ConfigError

if TYPE_CHECKING:
    from wikiagent.evals.config import EvalConfig
    from wikiagent.evals.guards import BaselineEval
    from wikiagent.evals.judging import Verdicts
    from wikiagent.evals.produce import Produced
    from wikiagent.evals.rows import Scores
    from wikiagent.evals.runs import Run, RunInfo, Runs
    from wikiagent.evals.scoring import Leaf, Subject
    from wikiagent.source.snapshot import Snapshot
    from wikiagent.wiki.graph import Wiki

FormOption = Annotated[
    Literal["table", "json", "junit", "html"], typer.Option("--format", help="What is printed on standard output.")
]
OutputOption = Annotated[Path | None, typer.Option(help="Folder for eval.json, junit.xml and report.html.")]


@evals.command("run")
def run_eval(
    context: typer.Context,
    config: Annotated[Path, typer.Argument(help="The configuration, as evals/peft.toml.")],
    wiki: Annotated[Path | None, typer.Option(help="Score this wiki as it is.")] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Write a wiki for the run; the default without --wiki.")
    ] = False,
    trials: Annotated[int | None, typer.Option(min=1, max=100, help="How often a wiki is written.")] = None,
    output: OutputOption = None,
    baseline: Annotated[
        Path | None, typer.Option(help="What to compare with; default: baseline.json beside the configuration.")
    ] = None,
    update: Annotated[
        bool, typer.Option("--update-baseline", help="Write what is measured into the baseline.")
    ] = False,
    form: FormOption = "table",
) -> None:
    """Score a wiki, or a fresh run, against goldens."""
    from wikiagent.evals.config import read_config
    from wikiagent.evals.guards import update_baseline
    from wikiagent.evals.report.outputs import folder_for, printed, write_all
    from wikiagent.evals.report.result import Result
    from wikiagent.evals.runs import Runs

    shell: Shell = context.obj
    told = read_config(config)
    if wiki is not None and (fresh or update or (trials or 1) > 1):
        raise ConfigError("--wiki scores one wiki as it is: without --fresh, --update-baseline and several --trials.")
    told = told.model_copy(update={"trials": 1 if wiki is not None else trials or told.trials})
    settings = _settings(shell, told)
    if output is not None:
        folder_for(output, "--output")
    beside = baseline or config.parent / "baseline.json"
    if update:
        folder_for(beside.parent, "--baseline")
    before = _baseline(beside, told, must=baseline is not None and not update, fresh=wiki is None)
    if before is None and not update and wiki is None and beside.exists():
        shell.console.print(f"{beside} has nothing about {told.name}: nothing tells whether it became worse")
    runs = Runs(settings.store)
    evaluation = _Evaluation.of(shell, settings, told, config.parent / told.goldens, wiki)
    run, scores = evaluation.scored(runs, None if update else before)
    result = Result.of(run, scores)
    if update:
        update_baseline(beside, run.info, result.figures)
    if output is not None:
        write_all(output, result, run, runs, lambda said: shell.console.print(said))
    say(printed(form, result, run, runs))
    raise typer.Exit(result.status)


def _settings(shell: Shell, config: EvalConfig) -> Settings:
    """The settings for an evaluation: what the configuration of this folder says about its own source does not count.

    Raises:
        ConfigError: a model is needed and none is named.
    """
    draft = {"drafter": config.drafter, "limit": config.limit}
    settings = shell.settings(source={"location": config.source}, model={"name": config.model}, draft=draft)
    if (config.judge or config.drafter == "agent") and settings.model.name is None:
        raise ConfigError(
            f"The evaluation {config.name} needs a model. Set model in its configuration, or [model] name in "
            f"wikiagent.toml."
        )
    return settings


def _baseline(file: Path, told: EvalConfig, must: bool, fresh: bool) -> BaselineEval | None:
    """The values that a run is compared with; None where there are none.

    Args:
        file: the baseline.
        told: the configuration.
        must: whether the user asked to compare with this file. What is committed is about fresh runs.
        fresh: whether a wiki is written for the run.

    Raises:
        ConfigError: the file cannot be read, or does not have this evaluation though it must.
    """
    from wikiagent.evals.guards import read_baseline

    if not must and not (fresh and file.exists()):
        return None
    found = read_baseline(file).evals.get(told.name)
    if found is None and must:
        raise ConfigError(f"{file} has nothing about the evaluation {told.name}. Write it with --update-baseline.")
    return found


def _model_name(settings: Settings) -> str:
    """The model as reports name it: of a file of this machine without its folder."""
    name = settings.model.name or ""
    return f"{PREFIX}{Path(name).name}" if name.startswith(PREFIX) else name


@dataclass(frozen=True)
class _Evaluation:
    """One evaluation on this machine: `root` and `wiki` are the wiki that is scored, None where one is written."""

    shell: Shell
    settings: Settings
    config: EvalConfig
    goldens: bytes
    snapshot: Snapshot
    subject: Subject
    lost: tuple[str, ...]
    root: Path | None
    wiki: Wiki | None

    @classmethod
    def of(cls, shell: Shell, settings: Settings, config: EvalConfig, goldens: Path, root: Path | None) -> _Evaluation:
        """Read all that is scored, and find what is wrong with it before anything is written.

        Raises:
            WikiagentError: the source, the goldens or the wiki cannot be used.
        """
        from wikiagent.evals.golden import read_goldens
        from wikiagent.evals.produce import refuse_foreign
        from wikiagent.evals.subject import subject_of
        from wikiagent.wiki.graph import read_wiki

        read_goldens(goldens)  # what is wrong with them is found before anything is fetched
        if root is not None and not root.is_dir():
            raise ConfigError(f"{root} is no folder. Name a wiki's folder with --wiki.")
        snapshot = snapshot_of(shell, settings, [root] if root else ())
        wiki = read_wiki(root) if root else None
        if root and wiki:
            refuse_foreign(wiki, root, snapshot.source)
        shell.tell("Reading the goldens")
        subject, lost = subject_of(goldens, snapshot)
        return cls(shell, settings, config, goldens.read_bytes(), snapshot, subject, lost, root, wiki)

    def scored(self, runs: Runs, baseline: BaselineEval | None) -> tuple[Run, Scores]:
        """Make or go on with the run, which is held against a baseline where there is one, and score it.

        Raises:
            ConfigError: the baseline is about something else.
            WikiagentError: as the drafter and the judge say.
        """
        from wikiagent.evals.evaluate import evaluate
        from wikiagent.evals.guards import keep_baseline, refuse_other

        info = self._info()
        if baseline is not None:
            refuse_other(baseline, info)
        run = runs.begun(info, self.goldens)
        with run.alone():
            keep_baseline(run, baseline)
            self.shell.console.print(f"Run {run.id}")
            return run, evaluate(
                run, self.subject, partial(self._make, run.info), self._ask if self.config.judge else None
            )

    def _info(self) -> RunInfo:
        from wikiagent.evals.evaluate import digest_of
        from wikiagent.evals.runs import RunInfo

        return RunInfo(
            config=self.config,
            source=self.snapshot.source,
            digest=self.snapshot.digest,
            goldens=hashlib.sha256(self.goldens).hexdigest(),
            wiki=digest_of(self.wiki) if self.wiki else "",
            model=_model_name(self.settings) if self.config.judge or self.config.drafter == "agent" else "",
            lost=self.lost,
            started=f"{datetime.now(UTC):%Y-%m-%d %H:%M} GMT",
        )

    def _make(self, info: RunInfo, number: int, folder: Path) -> Produced:
        """The wiki of a trial: a copy of the one that is scored, or a new one."""
        from wikiagent.evals.evaluate import WIKI, copied
        from wikiagent.evals.produce import on_record

        if self.root is not None and self.wiki is not None:
            copied(self.wiki, folder / WIKI)
            ledger = self.settings.store / "ledger.sqlite"
            return on_record(number, self.root.resolve(), self.snapshot.source, ledger)
        return self._written(info, number, folder)

    def _written(self, info: RunInfo, number: int, folder: Path) -> Produced:
        from wikiagent.cli.agent import agent_of, model_in, probed
        from wikiagent.evals.evaluate import WIKI
        from wikiagent.evals.produce import fresh
        from wikiagent.evals.subject import mined
        from wikiagent.ledger import Ledger
        from wikiagent.phases.drafters import Drafter, Extractive
        from wikiagent.phases.phase3 import Plan

        name, wiki = self.snapshot.name, (folder / WIKI).resolve()
        paths, limit = mined(self.snapshot), self.config.limit
        plan = Plan(self.snapshot, paths, wiki, name, None, limit, accept_valid=True, now=info.started)
        ledger = Ledger(folder / "ledger.sqlite")
        drafter: Drafter = Extractive()
        with ExitStack() as stack:
            if self.config.drafter == "agent":
                model = stack.enter_context(model_in(self.settings, ledger.file))
                search = index_of(self.shell, self.settings, self.snapshot).search
                drafter = agent_of(self.settings, model, probed(model, self.settings), ledger, wiki, search)
            return fresh(number, plan, drafter, ledger, self.shell.tell)

    def _ask(self, number: int, folder: Path, leaves: list[Leaf], scores: Scores) -> Verdicts:
        from wikiagent.cli.agent import model_in, probed
        from wikiagent.draft.support import judge_prompt
        from wikiagent.evals.judging import Judge

        with model_in(self.settings, folder / "ledger.sqlite") as model:
            takes_schema = probed(model, self.settings).schema != "refused"
            judge = Judge(model.about("judge", judge_prompt()), takes_schema, number, self.shell.tell)
            return judge.verdicts(leaves, self.subject.goldens, scores)
