"""An evaluation from its trials to its rows: what is there already is not made again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from wikiagent.errors import StoreError
from wikiagent.evals.judging import Verdicts
from wikiagent.evals.produce import Produced
from wikiagent.evals.rows import Scores, TrialRow
from wikiagent.evals.runs import Run, write
from wikiagent.evals.scoring import Leaf, Subject, leaves_of, score
from wikiagent.wiki.graph import Wiki, read_wiki

MADE, JUDGED, WIKI = "made.json", "judged.json", "wiki"

Make = Callable[[int, Path], Produced]
"""Makes the wiki of a trial, by its number and folder, and says what is on record about it."""

Ask = Callable[[int, Path, list[Leaf], Scores], Verdicts]
"""Asks a judge about a trial: its number, folder, pages and rows."""


def evaluate(run: Run, subject: Subject, make: Make, ask: Ask | None) -> Scores:
    """Make, judge and score the trials of a run, and keep the rows.

    Args:
        run: the run; trials that are whole stay as they are.
        subject: what it is scored on.
        make: makes the wiki of a trial.
        ask: asks a judge; None where none is configured.

    Raises:
        WikiagentError: as `make` and `ask` say; what was made is kept.
    """
    for number in range(1, run.info.config.trials + 1):
        folder = run.trial(number)
        if not (folder / MADE).is_file():
            folder.mkdir(parents=True, exist_ok=True)
            write(folder / MADE, make(number, folder).model_dump_json() + "\n")
        if ask is not None and not (folder / JUDGED).is_file():
            leaves, scores = _scored(run, number, subject)
            write(folder / JUDGED, ask(number, folder, leaves, scores).model_dump_json() + "\n")
    scores = rescore(run, subject)
    run.keep_rows(scores)
    return scores


def rescore(run: Run, subject: Subject) -> Scores:
    """The rows of a run, made from what its folder holds: no model is asked, and the rows are the same each time.

    Raises:
        StoreError: a trial is not whole.
    """
    scores = Scores()
    for number in range(1, run.info.config.trials + 1):
        _, rows = _scored(run, number, subject)
        verdicts = run.kept(run.trial(number) / JUDGED, Verdicts)
        scores += verdicts.on(rows) if verdicts else rows
    return scores


def _scored(run: Run, number: int, subject: Subject) -> tuple[list[Leaf], Scores]:
    """The pages and the rows of a trial, without a judge."""
    folder = run.trial(number)
    made = run.kept(folder / MADE, Produced)
    if made is None:
        raise StoreError(f"Trial {number} of the run {run.id} is not whole. `wikiagent eval run` goes on with it.")
    wiki = read_wiki(folder / WIKI)
    rows = score(number, wiki, made.ranks, made.lost, subject)
    trial = TrialRow(trial=number, seconds=made.seconds, pages=len(rows.leaves))
    known = Scores(drafts=made.drafts, unscored=made.unscored, trials=(trial,))
    return leaves_of(wiki, made.ranks, subject), rows + known


def copied(wiki: Wiki, folder: Path) -> None:
    """Write the pages and indexes of a wiki into a folder, byte by byte."""
    for file, text in wiki.files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))


def digest_of(wiki: Wiki) -> str:
    """SHA-256, in hex, over names and texts of the files of a wiki."""
    total = hashlib.sha256()
    for file in sorted(wiki.files):
        total.update(f"{file}\0{len(wiki.files[file])}\0{wiki.files[file]}\0".encode("utf-8", "surrogateescape"))
    return total.hexdigest()
