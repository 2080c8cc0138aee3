"""Phase 4 on the command line: `wikiagent enrich --phase 4`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import typer

from wikiagent.cli.app import Shell
from wikiagent.cli.source import snapshot_of
from wikiagent.config import Settings
from wikiagent.errors import WikiError

#: Exit status where errors remain.
INVALID = 1


def run_audit(shell: Shell, settings: Settings, wiki: Path) -> None:
    """Audit a wiki and say what came of it.

    Raises:
        WikiError: there is no such wiki.
        typer.Exit: errors remain.
    """
    from wikiagent.check.source import Source
    from wikiagent.phases.phase4 import REPORT_FILE, audit

    if not wiki.is_dir():
        raise WikiError(f"{wiki} is no folder of a wiki. `wikiagent enrich --phase 3` writes one.")
    source = Source(snapshot_of(shell, settings)) if settings.source.location else None
    shell.tell(
        "Checking the wiki" if source else "Checking the wiki without a source: citations and claims are left out"
    )
    done = audit(wiki.resolve(), settings.wiki.repo, source, f"{datetime.now(UTC):%Y-%m-%d %H:%M} GMT")
    rows = (
        ("Fixed", f"{len(done.fixed)} findings"),
        ("Remaining", f"{len(done.report.findings)} findings on {done.report.pages} pages"),
        ("Changed", f"{len(done.files)} files in {wiki}" if done.files else "nothing"),
        ("Report", str(wiki / REPORT_FILE)),
        ("Verdict", "valid" if done.valid else "invalid"),
    )
    for label, said in rows:
        shell.console.print(f"{label:<13} {said}")
    if not done.valid:
        raise typer.Exit(INVALID)
