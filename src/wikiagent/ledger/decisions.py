"""Decisions about drafts: made all or none, never changed, and promised to the wiki before it is edited."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from wikiagent.errors import DraftError
from wikiagent.ledger.chain import Verified, append, verify
from wikiagent.ledger.database import Database
from wikiagent.ledger.values import Decision, NewDecision, Promise, Promised, RecordedFinding


class Decisions(Database):
    """The decisions of one store, and what the wiki still has to be given of them."""

    @contextmanager
    def deciding(
        self, made: Sequence[NewDecision], who: str, at: str, *, seconds: float | None = None
    ) -> Iterator[Promise]:
        """Record decisions, all or none, when the block has ended well; nobody else decides meanwhile.

        The block reads the ledger as it was. What the wiki is to become it says by filling the promise that it is
        given: that is kept with the decisions, so that the edit can be made, or made up for, even after a crash.

        Args:
            made: the decisions.
            who: the person, or `policy:…`.
            at: the time, as pages show it.
            seconds: how long a person looked at it.

        Raises:
            DraftError: a draft is not in the state that its decision needs, since somebody else decided about it.
        """
        with self._open() as db:
            db.execute("begin immediate")
            for each in made:
                self._change(db, each)
            promise = Promise()
            yield promise
            batch = 0
            for each in made:
                effect = promise.effects.get(each.draft, each.effect)
                number = append(db, {**self._row(db, each, who, at, seconds, effect), "batch": batch})
                batch = batch or number
            self._keep_promise(db, promise, batch)

    @staticmethod
    def _keep_promise(db: sqlite3.Connection, promise: Promise, batch: int) -> None:
        if promise.given_up:
            db.execute("delete from promises where wiki = ?", (promise.given_up,))
        if promise.wiki:
            kept = (promise.wiki, batch, json.dumps(promise.changes))
            db.execute("insert into promises (wiki, batch, changes) values (?, ?, ?)", kept)

    @staticmethod
    def _change(db: sqlite3.Connection, made: NewDecision) -> None:
        """Bring a draft to the state that a decision makes, where it is in the one that this needs."""
        last = """select id from decisions where draft = ? and decision not in ('skipped', 'undone')
            and id not in (select undoes from decisions where undoes is not null) order by id desc limit 1"""
        newest = db.execute(last, (made.draft,)).fetchone()
        changed = made.undoes is None or (newest is not None and newest["id"] == made.undoes)
        if changed:
            changed = bool(
                db.execute(
                    """update drafts set state = ?1, page = coalesce(?4, page) where id = ?2 and (state = ?3
                    or ?1 = 'rejected' and state = ?1 and replaces <> '' and not exists
                    (select * from decisions where draft = ?2 and decision = ?1
                    and id not in (select undoes from decisions where undoes is not null)))""",
                    (made.state, made.draft, made.was, made.page),
                ).rowcount
            )
        if not changed:
            told = f"is not {made.was} any more" if made.undoes is None else "was decided anew since"
            raise DraftError(f"Draft {made.draft} {told}; `wikiagent show {made.draft}` says by whom and why.")
        if made.findings is not None:
            db.execute("delete from findings where draft = ?", (made.draft,))
            add_findings(db, made.draft, made.findings)

    def _record_decision(self, db: sqlite3.Connection, made: NewDecision, who: str, at: str) -> None:
        """Record a decision that is part of something else."""
        self._change(db, made)
        append(db, {**self._row(db, made, who, at, None, made.effect), "batch": 0})

    @staticmethod
    def _row(
        db: sqlite3.Connection, made: NewDecision, who: str, at: str, seconds: float | None, effect: str
    ) -> dict[str, object]:
        """A decision as its row, without id and batch."""
        draft = db.execute("select digest, source from drafts where id = ?", (made.draft,)).fetchone()
        found = db.execute("select distinct code from findings where draft = ? order by code", (made.draft,))
        return {
            "draft": made.draft, "decision": made.decision, "who": who, "at": at, "reason": made.reason,
            "code": made.code, "digest": made.digest or draft["digest"], "source": draft["source"],
            "warnings": ", ".join(row["code"] for row in found), "seconds": seconds, "undoes": made.undoes,
            "effect": effect,
        }  # fmt: skip

    # --- what is said of decisions ---

    def decisions(self, draft_id: int) -> list[Decision]:
        """All decisions about a draft, the oldest first."""
        return self.log(draft=draft_id)

    def log(
        self, wiki: Path | None = None, draft: int | None = None, batch: int | None = None, after: int = 0
    ) -> list[Decision]:
        """Decisions of one wiki or of all, about one draft or all, of one batch or all, the oldest first.

        Args:
            wiki: the wiki's folder.
            draft: a draft.
            batch: number of the first decision of a batch.
            after: only those behind the one of this number.
        """
        with self._open() as db:
            rows = db.execute(
                """select decisions.* from decisions join drafts on drafts.id = decisions.draft
                where (?1 is null or drafts.wiki = ?1) and (?2 is null or draft = ?2) and (?3 is null or batch = ?3)
                and decisions.id > ?4 order by decisions.id""",
                (str(wiki) if wiki else None, draft, batch, after),
            ).fetchall()
        return [Decision(**dict(row)) for row in rows]

    def in_force(self, wiki: Path | None = None, draft: int | None = None) -> list[Decision]:
        """The decisions of a log that count, the oldest first: what was skipped or taken back does not."""
        log = self.log(wiki, draft)
        undone = {decision.undoes for decision in log}
        return [made for made in log if made.decision not in ("skipped", "undone") and made.id not in undone]

    def verify(self, known: str = "") -> Verified:
        """Whether the log is as it was recorded; `known` is a hash noted earlier that has to be in it still."""
        with self._open() as db:
            db.execute("begin")
            return verify(db, known)

    # --- promises ---

    def promised(self, wiki: Path) -> Promised | None:
        """The edit of a wiki that decisions promise and that is not known to be made."""
        with self._open() as db:
            row = db.execute("select batch, changes from promises where wiki = ?", (str(wiki),)).fetchone()
        if row is None:
            return None
        return Promised(row["batch"], {file: tuple(change) for file, change in json.loads(row["changes"]).items()})

    def kept(self, wiki: Path) -> None:
        """What was promised to a wiki is done."""
        with self._open() as db:
            db.execute("delete from promises where wiki = ?", (str(wiki),))

    # --- visits ---

    def seen(self, wiki: Path, who: str) -> int:
        """The newest draft that there was when a reviewer last opened the queue of a wiki, 0 if never."""
        with self._open() as db:
            return self._seen(db, wiki, who)

    @staticmethod
    def _seen(db: sqlite3.Connection, wiki: Path, who: str) -> int:
        row = db.execute("select draft from visits where wiki = ? and who = ?", (str(wiki), who)).fetchone()
        return int(row["draft"]) if row else 0

    def visit(self, wiki: Path, who: str) -> int:
        """Note that a reviewer opens the queue of a wiki; returns the newest draft of the visit before, 0 if none."""
        with self._open() as db:
            db.execute("begin immediate")
            before = self._seen(db, wiki, who)
            newest = db.execute("select max(id) as id from drafts where wiki = ?", (str(wiki),)).fetchone()["id"]
            now = (str(wiki), who, newest or 0)
            db.execute("insert or replace into visits (wiki, who, draft) values (?, ?, ?)", now)
        return before


def add_findings(db: sqlite3.Connection, draft: int, findings: Iterable[RecordedFinding]) -> None:
    """Record the findings of a draft."""
    db.executemany(
        "insert into findings (draft, code, severity, line, message, cited, fix) values (?, ?, ?, ?, ?, ?, ?)",
        [(draft, *finding) for finding in findings],
    )
