"""The goldens of an evaluation against its source: read, and found in the revision that is scored."""

from __future__ import annotations

from pathlib import Path

from wikiagent.check.relocate import View
from wikiagent.check.source import Source
from wikiagent.code.symbols import read_symbols
from wikiagent.config import SourceSettings
from wikiagent.errors import ConfigError
from wikiagent.evals.anchors import anchored
from wikiagent.evals.golden import GoldenSet, read_goldens
from wikiagent.evals.scoring import Subject
from wikiagent.source.snapshot import Snapshot


def subject_of(file: Path, snapshot: Snapshot) -> tuple[Subject, tuple[str, ...]]:
    """What a wiki about a snapshot is scored on.

    Goldens of another revision are looked for by their quotes.

    Args:
        file: the goldens.
        snapshot: the source.

    Returns:
        The subject, and the ids of goldens whose evidence the source does not have.

    Raises:
        ConfigError: the goldens cannot be read, none is left, or one of this very revision is not true of it.
    """
    known = read_goldens(file)
    if known.source == snapshot.source:
        _refuse_untrue(file, known, snapshot)
    goldens, lost = anchored(known.goldens, snapshot)
    if not goldens:
        raise ConfigError(f"{file}: {snapshot.source} has the evidence of none of these goldens. Name its own.")
    symbols = read_symbols(snapshot, mined(snapshot))
    return Subject(Source(snapshot), symbols.is_public, goldens), tuple(golden.id for golden in lost)


def _refuse_untrue(file: Path, known: GoldenSet, snapshot: Snapshot) -> None:
    view = View(snapshot)
    for golden in known.goldens:
        for piece in golden.evidence:
            if not view.shows(piece.place, piece.quote):
                raise ConfigError(
                    f"{file}: {golden.id}: its quote is not what {piece.place} reads. "
                    f"`wikiagent golden check {file}` lists all that is wrong."
                )


def mined(snapshot: Snapshot) -> tuple[str, ...]:
    """The files that a fresh run mines: those of the default settings, wherever the evaluation runs."""
    settings = SourceSettings()
    return snapshot.select(settings.include, settings.exclude)
