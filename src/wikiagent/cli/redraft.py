"""What a person rejected is drafted again: by `wikiagent enrich --redraft`, or at once by `[review] redraft`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from rich.console import Console

from wikiagent.cli.app import Shell
from wikiagent.config import Settings
from wikiagent.errors import BudgetError, CallError, SourceError

if TYPE_CHECKING:
    from wikiagent.phases.redraft import Redrafted
    from wikiagent.source.snapshot import Snapshot

#: Redrafts of one process come one after the other: the index and a model of this machine are for one at a time.
_ONE_AT_A_TIME = Lock()


def run_redraft(
    shell: Shell,
    settings: Settings,
    wiki: Path,
    ids: Sequence[int],
    *,
    repo: str | None = None,
    cache: bool = True,
    snapshot: Snapshot | None = None,
) -> Redrafted:
    """Draft again what a person rejected, as the settings say.

    Args:
        shell: what the global options say.
        settings: the settings.
        wiki: the wiki's folder.
        ids: rejected drafts; none for all that wait for it.
        repo: prefix of the page names.
        cache: whether answers and drafts on record are used again.
        snapshot: the source; None for that of the settings.

    Raises:
        ConfigError, DraftError, SourceError, WikiError: the settings, a draft, the source or the wiki cannot be used.
        RemoteError: the source or the model cannot be had.
    """
    from wikiagent.cli.agent import drafter_in
    from wikiagent.cli.enrich import plan_of, prefix_of
    from wikiagent.cli.index import index_of
    from wikiagent.cli.source import snapshot_of
    from wikiagent.ledger import Ledger
    from wikiagent.phases.redraft import Redrafted, redraft, to_redraft

    prefix = prefix_of(wiki, repo)
    ledger = Ledger(settings.store / "ledger.sqlite")
    rejected = to_redraft(ledger, wiki, ids)
    if not rejected:
        return Redrafted()
    with drafter_in(shell, settings, ledger, wiki, cache=cache) as drafter_of:
        there = snapshot or snapshot_of(shell, settings)
        search = index_of(shell, settings, there).search
        return redraft(plan_of(settings, there, wiki, prefix), drafter_of(search), rejected, ledger, shell.tell)


def report(shell: Shell, done: Redrafted) -> None:
    """Say what a redraft did.

    Raises:
        WikiagentError: what stopped it, where that was no limit of the user.
    """
    from wikiagent.cli.enrich import stopped, usage_table

    told = [*done.sentences()]
    if not told and done.done.stopped is None:
        told = ["No rejected draft waits to be drafted again."]
    for sentence in told:
        shell.console.print(sentence)
    if done.usage:
        usage_table(shell, done.usage)
    stopped(shell, done.done)


def redraft_of(shell: Shell, settings: Settings, wiki: Path) -> Callable[[Sequence[int]], str] | None:
    """What drafts rejected drafts again at once; None where `[review] redraft` is off or there is no model.

    It may be called from any thread, prints nothing, returns what came of it in a sentence, and raises `WikiagentError`
    where the model or the source cannot be had; the rejects stand.
    """
    if not settings.review.redraft or settings.drafter != "agent" or settings.model.name is None:
        return None
    quiet = replace(shell, console=Console(stderr=True, quiet=True))

    def redraft(ids: Sequence[int]) -> str:
        from wikiagent.ledger import Ledger
        from wikiagent.source.kept import find_snapshot

        told = []
        with _ONE_AT_A_TIME:
            ledger = Ledger(settings.store / "ledger.sqlite")
            by_source: dict[str, list[int]] = {}
            for draft_id in ids:
                by_source.setdefault(ledger.draft(draft_id).source, []).append(draft_id)
            for source, group in by_source.items():
                snapshot = find_snapshot(settings.store, source)
                if snapshot is None:
                    raise SourceError(f"{source} is not in {settings.store}; run `wikiagent enrich --redraft`.")
                own = _about(settings, snapshot)
                told.append(_outcome(run_redraft(quiet, own, wiki, group, snapshot=snapshot)))
        return " ".join(told)

    return redraft


def _outcome(done: Redrafted) -> str:
    """What came of a redraft, in sentences.

    Raises:
        CallError, ConfigError: the model failed.
    """
    told = " ".join(done.sentences())
    if isinstance(done.done.stopped, BudgetError):
        return f"{told} Stopped: {done.done.stopped} `wikiagent enrich --redraft` goes on.".strip()
    if done.done.stopped is not None:
        raise done.done.stopped
    if done.done.failed:
        raise CallError(f"{told} The reject stands; `wikiagent enrich --redraft` tries again.")
    return told


def _about(settings: Settings, snapshot: Snapshot) -> Settings:
    """The settings for a snapshot: the form of permanent links is that of the configured source alone."""
    from wikiagent.source.origin import Folder, parse_source

    own = parse_source(settings.source.location) if settings.source.location else None
    same = snapshot.source.startswith("path:") if isinstance(own, Folder) else own and own.name == snapshot.name
    if same:
        return settings
    return settings.model_copy(update={"source": settings.source.model_copy(update={"link": None})})
