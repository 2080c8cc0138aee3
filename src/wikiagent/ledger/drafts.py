"""Runs, drafts, findings and decisions.

Drafts are values: recording the same draft again (same wiki, candidate and text) finds the earlier row. What was
decided about it stands; what was not decided follows the newest run. Decisions are only ever added.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from wikiagent.errors import DraftError
from wikiagent.ledger.decisions import Decisions, add_findings
from wikiagent.ledger.values import Draft, Kept, NewDecision, NewDraft, Promise, RecordedFinding, Run


class Ledger(Decisions):
    """The record of one store: runs, drafts, findings and decisions."""

    # --- runs ---

    def start_run(self, wiki: Path, source: str, digest: str, drafter: str, started: str, facts: str) -> int:
        """Record that a run began and what it found, as JSON; returns its id."""
        with self._open() as db:
            return self._start_run(db, wiki, source, digest, drafter, started, facts)

    @staticmethod
    def _start_run(db: sqlite3.Connection, wiki: Path, *rest: str) -> int:
        cursor = db.execute(
            "insert into runs (wiki, source, digest, drafter, started, facts) values (?, ?, ?, ?, ?, ?)",
            (str(wiki), *rest),
        )
        return int(cursor.lastrowid or 0)

    def add_facts(self, run: int, facts: str) -> None:
        """Replace what a run found by what it found since, as JSON."""
        with self._open() as db:
            db.execute("update runs set facts = ? where id = ?", (facts, run))

    def last_run(self, wiki: Path) -> Run | None:
        """The newest run over a wiki."""
        with self._open() as db:
            row = db.execute("select * from runs where wiki = ? order by id desc limit 1", (str(wiki),)).fetchone()
        return Run(**dict(row)) if row else None

    # --- what a plan chose ---

    def choose(self, wiki: Path, basis: str, choices: Mapping[str, str]) -> None:
        """Record what was chosen for candidates, as JSON by their keys, on a basis; an earlier choice goes."""
        with self._open() as db:
            db.executemany(
                "insert or replace into choices (wiki, candidate, basis, choice) values (?, ?, ?, ?)",
                [(str(wiki), candidate, basis, choice) for candidate, choice in choices.items()],
            )

    def choices(self, wiki: Path, basis: str) -> dict[str, str]:
        """What was chosen on a basis, as JSON by the candidates' keys."""
        with self._open() as db:
            rows = db.execute(
                "select candidate, choice from choices where wiki = ? and basis = ?", (str(wiki), basis)
            ).fetchall()
        return {row["candidate"]: row["choice"] for row in rows}

    # --- drafts ---

    def record(
        self, run: int, wiki: Path, source: str, drafts: Sequence[NewDraft], candidates: Collection[str] | None
    ) -> list[Draft]:
        """Record the drafts of a run, all or none. A decided draft keeps its state, an undecided one is judged anew.

        Undecided drafts that this run replaces become `superseded`: those of the same candidate with another text,
        of another source, and of candidates that are no longer there. The page that such a draft stands for is handed
        on to the new draft of its candidate.

        Args:
            run: the run.
            wiki: the wiki's folder.
            source: the source with its revision.
            drafts: the drafts.
            candidates: the keys of all candidates of the run, those that were not drafted too; None where the run was
                about these drafts alone, so that all others stay as they are.
        """
        with self._open() as db:
            db.execute("begin immediate")  # nobody decides between what is read here and what is written
            return self._record_all(db, run, wiki, source, drafts, candidates)

    @contextmanager
    def refreshing(
        self,
        run: Run,
        drafts: Sequence[NewDraft],
        candidates: Collection[str],
        kept: Sequence[Kept],
        left: Sequence[int],
    ) -> Iterator[tuple[Run, list[Draft], list[Draft], Promise]]:
        """Record a refresh, when the block has ended well: its run, its drafts, and what became of accepted ones.

        The block reads the ledger as it was, and fills the promise with the edit of the wiki that follows.

        Args:
            run: the run, whose id is given by the ledger.
            drafts: the drafts, as in `record`.
            candidates: the keys of all candidates of the run.
            kept: accepted drafts whose pages stay.
            left: accepted drafts whose pages leave the wiki: they become `superseded`.

        Yields:
            The run, its drafts, and all drafts for the wiki, as they will be; and the promise.
        """
        wiki = Path(run.wiki)
        with self._open() as db:
            db.execute("begin immediate")
            number = self._start_run(db, wiki, run.source, run.digest, run.drafter, run.started, run.facts)
            for draft in kept:
                now = (run.source, draft.digest, draft.page, draft.draft)
                db.execute("update or ignore drafts set source = ?, digest = ?, page = ? where id = ?", now)
            why = f"its page left the wiki: it does not hold in {run.source}"
            for draft_id in left:
                made = NewDecision(draft_id, "superseded", "superseded", "accepted", why)
                self._record_decision(db, made, "wikiagent", run.started)
            recorded = self._record_all(db, number, wiki, run.source, drafts, candidates)
            rows = db.execute("select * from drafts where wiki = ? order by rank, id", (run.wiki,)).fetchall()
            promise = Promise()
            yield replace(run, id=number), recorded, [Draft(**dict(row)) for row in rows], promise
            self._keep_promise(db, promise, 0)

    def _record_all(
        self,
        db: sqlite3.Connection,
        run: int,
        wiki: Path,
        source: str,
        drafts: Sequence[NewDraft],
        candidates: Collection[str] | None,
    ) -> list[Draft]:
        ids = [self._record(db, run, str(wiki), source, draft) for draft in drafts]
        drafted = {draft.candidate: draft_id for draft, draft_id in zip(drafts, ids, strict=True)}
        for old in db.execute("select * from drafts where wiki = ?", (str(wiki),)).fetchall():
            new = drafted.get(old["candidate"])
            goes = new is not None
            if candidates is not None:
                known = old["candidate"] in candidates or old["replaces"]
                goes = goes or old["source"] != source or not known
            if goes and old["id"] not in ids and self._undecided(db, old):
                db.execute("update drafts set state = 'superseded' where id = ?", (old["id"],))
                stands_for = (old["replaces"], new)
                db.execute("update drafts set replaces = ? where id = ? and replaces = ''", stands_for)
        rows = [db.execute("select * from drafts where id = ?", (draft_id,)).fetchone() for draft_id in ids]
        return [Draft(**dict(row)) for row in rows]

    def _record(self, db: sqlite3.Connection, run: int, wiki: str, source: str, new: NewDraft) -> int:
        """The id of a draft, new or known."""
        known = db.execute(
            "select * from drafts where wiki = ? and candidate = ? and digest = ?", (wiki, new.candidate, new.digest)
        ).fetchone()
        if known is not None and not self._undecided(db, known):
            now = (source, new.rank, new.score, known["id"])
            db.execute("update drafts set source = ?, rank = ?, score = ? where id = ?", now)
            return int(known["id"])
        row = {
            "run": run, "wiki": wiki, "source": source, "candidate": new.candidate, "type": new.type,
            "name": new.name, "drafter": new.drafter, "rank": new.rank, "score": new.score,
            "state": "rejected" if any(finding.severity == "error" for finding in new.findings) else "pending",
            "digest": new.digest, "page": new.page, "written": new.written, "replaces": new.replaces,
            "evidence": new.evidence, "redrafts": new.redrafts,
        }  # fmt: skip
        if known is None:
            columns, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
            cursor = db.execute(f"insert into drafts ({columns}) values ({marks})", row)  # noqa: S608 - names from above
            draft_id = int(cursor.lastrowid or 0)
        else:
            draft_id = int(known["id"])
            row["replaces"] = new.replaces or known["replaces"]
            row["redrafts"] = new.redrafts or known["redrafts"]
            anew = ("source", "rank", "score", "state", "page", "written", "replaces", "evidence", "redrafts")
            found = ", ".join(f"{name} = :{name}" for name in anew)
            db.execute(f"update drafts set {found} where id = :id", {**row, "id": draft_id})  # noqa: S608 - as above
            db.execute("delete from findings where draft = ?", (draft_id,))
        add_findings(db, draft_id, new.findings)
        return draft_id

    @staticmethod
    def _undecided(db: sqlite3.Connection, draft: sqlite3.Row) -> bool:
        """Whether nobody decided about a draft: what the gate alone rejected is undecided as well."""
        if draft["state"] == "rejected":
            last = "select decision from decisions where draft = ? order by id desc limit 1"
            decided = db.execute(last, (draft["id"],)).fetchone()
            return decided is None or decided["decision"] not in ("rejected", "merged")
        return draft["state"] in ("pending", "superseded")

    def drafts(self, wiki: Path | None = None, state: str | None = None, candidate: str | None = None) -> list[Draft]:
        """Drafts of one wiki or of all, in one state or in any, of one candidate or of all, by rank."""
        with self._open() as db:
            rows = db.execute(
                """select * from drafts where (?1 is null or wiki = ?1) and (?2 is null or state = ?2)
                and (?3 is null or candidate = ?3) order by rank, id""",
                (str(wiki) if wiki else None, state, candidate),
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
            raise DraftError(f"There is no draft {draft_id} in {self.file}; `wikiagent drafts` lists them.")
        return Draft(**dict(row))

    def all_findings(self, wiki: Path) -> dict[int, list[RecordedFinding]]:
        """The findings of all drafts for a wiki, by the draft's id."""
        found: dict[int, list[RecordedFinding]] = {}
        with self._open() as db:
            rows = db.execute(
                """select findings.draft, code, severity, line, message, cited, fix from findings
                join drafts on drafts.id = findings.draft where wiki = ?""",
                (str(wiki),),
            )
            for draft_id, *finding in rows:
                found.setdefault(draft_id, []).append(RecordedFinding(*finding))
        return found

    def findings(self, draft_id: int) -> list[RecordedFinding]:
        """The findings of a draft."""
        with self._open() as db:
            rows = db.execute(
                "select code, severity, line, message, cited, fix from findings where draft = ?", (draft_id,)
            )
            return [RecordedFinding(*row) for row in rows]
