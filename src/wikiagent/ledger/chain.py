"""The chain of decisions: each row holds a hash of itself and of the row before, so that a changed one shows."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

#: What the hash of a decision covers besides the hash of the row before, in this order.
COVERED = (
    "id", "draft", "decision", "who", "at", "reason", "code", "batch", "digest", "source", "warnings", "seconds",
    "undoes", "effect",
)  # fmt: skip
_STATES = {"accepted": "accepted", "extended": "accepted", "rejected": "rejected", "merged": "rejected"}


class Verified(NamedTuple):
    """What a look at the whole log found: how many decisions, the last hash, and what does not fit, in sentences."""

    decisions: int
    head: str
    problems: tuple[str, ...]


def chained(before: str, row: dict[str, object]) -> str:
    """SHA-256, in hex, of a decision and the hash of the one before (empty for the first)."""
    covered = json.dumps([before, *(row[name] for name in COVERED)], ensure_ascii=False)
    return hashlib.sha256(covered.encode("utf-8", "surrogateescape")).hexdigest()


def append(db: sqlite3.Connection, row: dict[str, object]) -> int:
    """Add a decision at the end of the chain; `row` has all of `COVERED` but the id, a batch of 0 begins one."""
    last = db.execute("select id, hash from decisions order by id desc limit 1").fetchone()
    number, before = (last["id"] + 1, last["hash"]) if last else (1, "")
    row = {**row, "id": number, "batch": row["batch"] or number}
    row["hash"] = chained(before, row)
    columns, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    db.execute(f"insert into decisions ({columns}) values ({marks})", row)  # noqa: S608 - names from above
    return number


def seal(db: sqlite3.Connection) -> None:
    """Give the decisions of an older ledger their hashes."""
    before = ""
    for row in db.execute("select * from decisions order by id").fetchall():
        before = chained(before, {**dict(row), "batch": row["id"]})
        db.execute("update decisions set batch = id, hash = ? where id = ?", (before, row["id"]))


def verify(db: sqlite3.Connection, known: str) -> Verified:
    """Compute the chain anew, and compare the states of drafts with the last decision about each.

    Args:
        db: the ledger.
        known: a hash that was noted earlier and has to be in the chain still; empty for none.
    """
    problems, before, number, seen = [], "", 0, set[str]()
    rows = db.execute("select * from decisions order by id").fetchall()
    for row in rows:
        number += 1
        if row["id"] != number:
            problems.append(f"Decision {number} is missing: decision {row['id']} follows on {number - 1}.")
            number = row["id"]
        if row["hash"] != chained(before, dict(row)):
            problems.append(f"Decision {row['id']} is not as it was recorded, or the one before it is not.")
        before = row["hash"]
        seen.add(before)
    if known and known not in seen:
        problems.append(f"No decision has the hash {known}: what was recorded up to it has been changed or removed.")
    return Verified(len(rows), before, (*problems, *_contradictions(db, rows)))


def _contradictions(db: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> Iterable[str]:
    """Drafts whose state is not what the last decision that stands made it."""
    undone = {row["undoes"] for row in rows}
    standing = (row for row in rows if row["id"] not in undone and row["decision"] not in ("skipped", "undone"))
    last = {row["draft"]: row["decision"] for row in standing}
    for draft in db.execute("select id, state from drafts order by id"):
        decided = _STATES.get(last.get(draft["id"], ""))
        if decided != draft["state"] and (decided or draft["state"] == "accepted"):
            said = f"the last decision about it says {last[draft['id']]}" if decided else "no decision says so"
            yield f"Draft {draft['id']} is {draft['state']}, but {said}."
