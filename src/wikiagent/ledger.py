"""The ledger: runs, drafts, findings and decisions, in SQLite. The one module that speaks SQL.

Drafts are values: recording the same draft again (same wiki, candidate and text) finds the earlier row with its state.
Decisions are only ever added.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from wikiagent.errors import DraftError, StoreError

_SCHEMA = """
create table if not exists runs (
    id integer primary key, wiki text not null, source text not null, digest text not null, drafter text not null,
    started text not null, facts text not null default '{}'
);
create table if not exists drafts (
    id integer primary key, run integer not null references runs, wiki text not null, source text not null,
    candidate text not null, type text not null, name text not null, drafter text not null,
    rank integer not null, score real not null, state text not null, digest text not null, page text not null,
    unique (wiki, candidate, digest)
);
create table if not exists findings (
    draft integer not null references drafts, code text not null, severity text not null, line integer not null,
    message text not null, cited text not null
);
create table if not exists decisions (
    id integer primary key, draft integer not null references drafts, decision text not null, who text not null,
    at text not null, reason text not null default ''
);
create index if not exists findings_of on findings (draft);
create index if not exists decisions_of on decisions (draft);
"""
_VERSION = 1
STATES = ("pending", "accepted", "rejected", "superseded")


@dataclass(frozen=True)
class Run:
    """One enrichment: `wiki` is the wiki's folder, `digest` the snapshot's, `facts` what the report needs (JSON)."""

    id: int
    wiki: str
    source: str
    digest: str
    drafter: str
    started: str
    facts: dict[str, object]


@dataclass(frozen=True)
class NewDraft:
    """A draft to record; `findings` are (code, severity, line, message, cited), `page` is the page as JSON."""

    candidate: str
    type: str
    name: str
    drafter: str
    rank: int
    score: float
    digest: str
    page: str
    findings: Sequence[tuple[str, str, int, str, str]]


@dataclass(frozen=True)
class Draft:
    """A recorded draft: `state` is one of STATES."""

    id: int
    run: int
    wiki: str
    source: str
    candidate: str
    type: str
    name: str
    drafter: str
    rank: int
    score: float
    state: str
    digest: str
    page: str


@dataclass(frozen=True)
class Decision:
    """What was decided about a draft, by whom (`policy:accept-valid` for a rule), when, and why."""

    draft: int
    decision: str
    who: str
    at: str
    reason: str


class Ledger:
    """The record of one store.

    Raises:
        StoreError: the file is no ledger, or one of a newer wikiagent.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            with self._open() as db:
                version = db.execute("pragma user_version").fetchone()[0]
                if version > _VERSION:
                    raise StoreError(
                        f"{file} was written by a newer wikiagent; update wikiagent, or name another --store."
                    )
                db.executescript(_SCHEMA)
                db.execute(f"pragma user_version = {_VERSION}")
        except (sqlite3.DatabaseError, OSError) as error:
            raise StoreError(
                f"{file} cannot be used as a ledger: {error}. Move it away, or name another --store."
            ) from error

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection whose work is kept as a whole or not at all."""
        with closing(sqlite3.connect(self._file, timeout=30)) as db, db:
            db.row_factory = sqlite3.Row
            db.execute("pragma foreign_keys = on")
            yield db

    # --- runs ---

    def start_run(self, wiki: Path, source: str, digest: str, drafter: str, started: str) -> int:
        """Record that a run began; returns its id."""
        with self._open() as db:
            cursor = db.execute(
                "insert into runs (wiki, source, digest, drafter, started) values (?, ?, ?, ?, ?)",
                (str(wiki), source, digest, drafter, started),
            )
            return int(cursor.lastrowid or 0)

    def note(self, run: int, facts: dict[str, object]) -> None:
        """Record what a run found, for its report."""
        with self._open() as db:
            db.execute("update runs set facts = ? where id = ?", (json.dumps(facts), run))

    def last_run(self, wiki: Path) -> Run | None:
        """The newest run over a wiki that came to its end."""
        with self._open() as db:
            row = db.execute(
                "select * from runs where wiki = ? and facts != '{}' order by id desc limit 1", (str(wiki),)
            ).fetchone()
        return Run(**{**dict(row), "facts": json.loads(row["facts"])}) if row else None

    # --- drafts ---

    def record(self, run: int, wiki: Path, source: str, drafts: Sequence[NewDraft]) -> list[Draft]:
        """Record drafts, all or none. One that is there already keeps its id and state, unless it is pending anew.

        An undecided draft of the same candidate with another text becomes `superseded`.
        """
        with self._open() as db:
            return [self._record(db, run, str(wiki), source, draft) for draft in drafts]

    def _record(self, db: sqlite3.Connection, run: int, wiki: str, source: str, new: NewDraft) -> Draft:
        known = db.execute(
            "select * from drafts where wiki = ? and candidate = ? and digest = ?", (wiki, new.candidate, new.digest)
        ).fetchone()
        if known is None:
            db.execute(
                "update drafts set state = 'superseded' where wiki = ? and candidate = ? and state = 'pending'",
                (wiki, new.candidate),
            )
            state = "rejected" if any(severity == "error" for _, severity, *_ in new.findings) else "pending"
            row = {
                "run": run, "wiki": wiki, "source": source, "candidate": new.candidate, "type": new.type,
                "name": new.name, "drafter": new.drafter, "rank": new.rank, "score": new.score, "state": state,
                "digest": new.digest, "page": new.page,
            }  # fmt: skip
            names = ", ".join(row)
            marks = ", ".join(f":{name}" for name in row)
            cursor = db.execute(f"insert into drafts ({names}) values ({marks})", row)  # noqa: S608 - names from above
            draft_id = cursor.lastrowid
            db.executemany("insert into findings values (?, ?, ?, ?, ?, ?)", [(draft_id, *f) for f in new.findings])
        else:
            draft_id = known["id"]
            db.execute("update drafts set rank = ?, score = ? where id = ?", (new.rank, new.score, draft_id))
        return Draft(**dict(db.execute("select * from drafts where id = ?", (draft_id,)).fetchone()))

    def drafts(self, wiki: Path | None = None, state: str | None = None) -> list[Draft]:
        """Drafts of one wiki or of all, in one state or in any, by rank."""
        with self._open() as db:
            rows = db.execute(
                "select * from drafts where (?1 is null or wiki = ?1) and (?2 is null or state = ?2) order by rank, id",
                (str(wiki) if wiki else None, state),
            ).fetchall()
        return [Draft(**dict(row)) for row in rows]

    def draft(self, draft_id: int) -> Draft:
        """One draft.

        Raises:
            DraftError: there is none with this id.
        """
        with self._open() as db:
            row = db.execute("select * from drafts where id = ?", (draft_id,)).fetchone()
        if row is None:
            raise DraftError(f"There is no draft {draft_id} in {self._file}; `wikiagent drafts` lists them.")
        return Draft(**dict(row))

    def findings(self, draft_id: int) -> list[tuple[str, str, int, str, str]]:
        """The findings of a draft: (code, severity, line, message, cited)."""
        with self._open() as db:
            rows = db.execute("select code, severity, line, message, cited from findings where draft = ?", (draft_id,))
            return [tuple(row) for row in rows]

    # --- decisions ---

    def decide(self, draft_ids: Sequence[int], decision: str, who: str, at: str, reason: str = "") -> None:
        """Record a decision for all drafts or none: `accepted`, `rejected`, or `pending` for one offered again."""
        with self._open() as db:
            for draft_id in draft_ids:
                db.execute("update drafts set state = ? where id = ?", (decision, draft_id))
                db.execute(
                    "insert into decisions (draft, decision, who, at, reason) values (?, ?, ?, ?, ?)",
                    (draft_id, decision, who, at, reason),
                )

    def decisions(self, draft_id: int) -> list[Decision]:
        """All decisions about a draft, the oldest first."""
        with self._open() as db:
            rows = db.execute(
                "select draft, decision, who, at, reason from decisions where draft = ? order by id", (draft_id,)
            )
            return [Decision(**dict(row)) for row in rows]
