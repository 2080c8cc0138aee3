"""The reviewer's desk as the command line sets it up."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wikiagent.cli.app import Shell
from wikiagent.errors import ConfigError, DraftError

if TYPE_CHECKING:
    from wikiagent.ledger import Ledger
    from wikiagent.review.desk import Desk
    from wikiagent.review.queue import Item


def ledger_of(shell: Shell) -> Ledger:
    """The ledger of the store that the settings name."""
    from wikiagent.ledger import Ledger

    return Ledger(shell.settings().store / "ledger.sqlite")


def desk_of(shell: Shell, wiki: Path, who: str | None = None) -> Desk:
    """The desk of the user, or of somebody else by name, for the drafts of one wiki.

    Raises:
        ConfigError: nobody can have that name.
    """
    from wikiagent.cli.redraft import redraft_of
    from wikiagent.phases.publish import edit_of
    from wikiagent.review.desk import Desk
    from wikiagent.review.sources import Sources

    settings = shell.settings()
    sources = Sources(settings.store, tuple(settings.source.include), tuple(settings.source.exclude))
    redraft = redraft_of(shell, settings, wiki.resolve())
    return Desk(ledger_of(shell), wiki.resolve(), reviewer(shell, who), edit_of, sources, now, redraft)


def reviewer(shell: Shell, who: str | None = None) -> str:
    """The name of the reviewer: the one that is given, that of the settings, or the login.

    Raises:
        ConfigError: nobody can have that name.
    """
    from wikiagent.review.desk import name_of

    given = who or shell.settings().review.name or user()
    name = name_of(given)
    if not name:
        raise ConfigError(f"{given!r} is no reviewer's name; take another one: --as NAME, or [review] name.")
    return name


def user() -> str:
    """The login name of the user.

    Raises:
        ConfigError: the system knows none.
    """
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:
        raise ConfigError("The system knows no login name. Name the reviewer: [review] name, or --as NAME.") from error


def now() -> str:
    """The time, as pages show it."""
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} GMT"


def chosen_by(rule: str, ledger: Ledger, wikis: Iterable[Path], who: str) -> list[Item]:
    """The drafts for some wikis that a rule of a reviewer chooses, what needs a person most first.

    Raises:
        DraftError: the rule cannot be read.
    """
    from wikiagent.review.filters import read_filter
    from wikiagent.review.queue import items

    chosen = read_filter(rule)
    found = (items(ledger, wiki, who, ledger.seen(wiki, who)) for wiki in sorted(wikis))
    return [item for of_wiki in found for item in of_wiki if chosen.holds(item)]


def named_wiki(shell: Shell, wiki: Path | None) -> Path:
    """The wiki that is meant: the one that is named, that of the settings, or the only one of the ledger.

    Raises:
        DraftError: it is not clear which.
    """
    named = wiki or shell.settings().wiki.path
    if named:
        return named
    store = shell.settings().store
    if not (store / "ledger.sqlite").is_file():
        raise DraftError(f"There is no ledger in {store}, so no drafts. Name the --store that `wikiagent enrich` used.")
    known = {draft.wiki for draft in ledger_of(shell).drafts()}
    if len(known) != 1:
        raise DraftError("The store has drafts for " + ("several wikis" if known else "no wiki") + "; pass --wiki.")
    return Path(known.pop())
