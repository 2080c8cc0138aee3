"""The file of the ledger: opened, brought to this version's schema, and its errors turned into sentences."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from wikiagent.errors import StoreError
from wikiagent.ledger.chain import seal
from wikiagent.locks import holder

#: What brings a ledger from one version of its schema to the next; `pragma user_version` counts them.
STEPS = (
    """
create table runs (
    id integer primary key, wiki text not null, source text not null, digest text not null, drafter text not null,
    started text not null, facts text not null default '{}'
);
create table drafts (
    id integer primary key, run integer not null references runs, wiki text not null, source text not null,
    candidate text not null, type text not null, name text not null, drafter text not null,
    rank integer not null, score real not null, state text not null, digest text not null, page text not null,
    unique (wiki, candidate, digest)
);
create table findings (
    draft integer not null references drafts, code text not null, severity text not null, line integer not null,
    message text not null, cited text not null
);
create table decisions (
    id integer primary key, draft integer not null references drafts, decision text not null, who text not null,
    at text not null, reason text not null default ''
);
create index findings_of on findings (draft);
create index decisions_of on decisions (draft);
""",
    "alter table findings add column fix text;",
    """
alter table drafts add column written text not null default '{}';
create table calls (
    id integer primary key, run integer references runs, candidate text not null, stage text not null,
    prompt text not null, model text not null, key text not null, request text not null, answer text, error text,
    tokens_in integer not null, tokens_out integer not null, tokens_cached integer not null, seconds real not null,
    at text not null, reused integer references calls
);
create table choices (
    id integer primary key, wiki text not null, candidate text not null, basis text not null, choice text not null,
    unique (wiki, candidate, basis)
);
create index calls_by_key on calls (key);
create index calls_by_candidate on calls (candidate);
""",
    "alter table drafts add column replaces text not null default '';",
    """
alter table drafts add column evidence text not null default '';
alter table drafts add column redrafts integer references drafts;
alter table decisions add column code text not null default '';
alter table decisions add column batch integer not null default 0;
alter table decisions add column digest text not null default '';
alter table decisions add column source text not null default '';
alter table decisions add column warnings text not null default '';
alter table decisions add column seconds real;
alter table decisions add column undoes integer references decisions;
alter table decisions add column effect text not null default '{}';
alter table decisions add column hash text not null default '';
create table promises (wiki text primary key, batch integer not null, changes text not null);
create table visits (wiki text not null, who text not null, draft integer not null, primary key (wiki, who));
create index drafts_of on drafts (wiki);
""",
)
#: From this version on, decisions are chained, and nothing in them can be changed or removed by accident.
_CHAINED = 5
_APPEND_ONLY = (
    "create trigger decisions_stay before update on decisions begin select raise(abort, 'decisions stay'); end",
    "create trigger decisions_last before delete on decisions begin select raise(abort, 'decisions last'); end",
)


def _unusable(file: Path, error: Exception) -> str:
    return f"{file} cannot be used as a ledger: {error}. Move it away, or name another --store."


class Database:
    """One SQLite file; every method of its kinds raises `StoreError` where it cannot be read or written.

    Raises:
        StoreError: the file is no ledger, or one of a newer wikiagent.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{file.parent} cannot be used as a store: {error}. Name another --store.") from error
        with self._open() as db:
            version = db.execute("pragma user_version").fetchone()[0]
            if version > len(STEPS):
                raise StoreError(f"{file} was written by a newer wikiagent; update wikiagent, or name another --store.")
            if version < len(STEPS):
                self._update(db)

    def _update(self, db: sqlite3.Connection) -> None:
        """Bring the schema to this version; of two that start at once, the second finds it done."""
        db.execute("begin immediate")
        version = db.execute("pragma user_version").fetchone()[0]
        for statement in ";".join(STEPS[version:]).split(";"):
            db.execute(statement)
        if version < _CHAINED:
            seal(db)
            for trigger in _APPEND_ONLY:
                db.execute(trigger)
        db.execute(f"pragma user_version = {len(STEPS)}")

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        """Keep the file open, for a program that uses it for hours: closing it costs as much as a decision."""
        with self._open() as db:
            db.execute("pragma user_version").fetchone()
            yield

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection whose work is kept as a whole or not at all."""
        try:
            with closing(sqlite3.connect(self.file, timeout=30)) as db, db:
                db.row_factory = sqlite3.Row
                db.execute("pragma foreign_keys = on")
                db.execute("pragma journal_mode = wal")  # readers go on while a decision is being made
                yield db
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise StoreError(_unusable(self.file, error)) from error
            by = holder(self.file, self.file.with_name(f"{self.file.name}-shm"))
            raise StoreError(
                f"{self.file} is in use by another wikiagent{by}; try again when that has ended."
            ) from error
        except sqlite3.DatabaseError as error:
            raise StoreError(_unusable(self.file, error)) from error
