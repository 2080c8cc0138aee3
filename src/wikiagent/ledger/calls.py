"""The calls of a model: each one is on record before its answer is used, and is not made twice."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from wikiagent.ledger.database import Database


@dataclass(frozen=True)
class Call:
    """One call of a model.

    Attributes:
        run: the run that made it, None outside of one.
        candidate: key of the candidate that it is about, empty where it is about none or several.
        stage: what for: `probe`, `plan`, `read`, `draft`, `repair` or `judge`.
        prompt: name and digest of the prompt template, as `draft@1f0c…`.
        model: the model's name.
        key: digest of endpoint and request: two calls with the same key ask the same.
        request: what was sent, as JSON.
        answer: the message that came back, as JSON; None where the call failed.
        error: why it failed, else None.
        tokens_in, tokens_out: what it cost; 0 where an earlier answer was used again.
        tokens_cached: those of `tokens_in` that the endpoint had kept from before.
        seconds: how long it took, retries included.
        at: when it ended.
        reused: id of the call whose answer was used again, None where the endpoint was asked.
        id: set by the ledger.
    """

    run: int | None
    candidate: str
    stage: str
    prompt: str
    model: str
    key: str
    request: str
    answer: str | None
    error: str | None
    tokens_in: int
    tokens_out: int
    tokens_cached: int
    seconds: float
    at: str
    reused: int | None = None
    id: int = 0


@dataclass(frozen=True)
class Usage:
    """What the calls of one stage cost together: `calls` that the endpoint answered or failed, `failed` of them."""

    stage: str
    calls: int
    failed: int
    tokens_in: int
    tokens_out: int
    tokens_cached: int
    seconds: float


_STAGES = ("probe", "plan", "read", "draft", "repair", "judge")


class CallLog(Database):
    """The calls of one store."""

    def add(self, call: Call) -> int:
        """Record a call; returns its id."""
        row = {field.name: getattr(call, field.name) for field in fields(Call) if field.name != "id"}
        columns, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        with self._open() as db:
            cursor = db.execute(f"insert into calls ({columns}) values ({marks})", row)  # noqa: S608 - names from above
            return int(cursor.lastrowid or 0)

    def answered(self, key: str) -> Call | None:
        """The newest call with this key that the endpoint answered."""
        with self._open() as db:
            row = db.execute(
                "select * from calls where key = ? and answer is not null and reused is null order by id desc limit 1",
                (key,),
            ).fetchone()
        return Call(**dict(row)) if row else None

    def about(self, candidate: str, wiki: Path) -> list[Call]:
        """The calls about a candidate in all runs over a wiki, the oldest first."""
        with self._open() as db:
            rows = db.execute(
                """select calls.* from calls join runs on runs.id = run
                where candidate = ? and wiki = ? order by calls.id""",
                (candidate, str(wiki)),
            )
            return [Call(**dict(row)) for row in rows]

    def cost_of(self, candidate: str, run: int) -> dict[str, float]:
        """What a candidate's draft in a run took, answers that were used again counted as when they were given.

        Returns:
            `calls`, `tokens_in`, `tokens_out`, `tokens_cached` and `seconds`.
        """
        with self._open() as db:
            row = db.execute(
                """select count(*) as calls, total(paid.tokens_in) as tokens_in, total(paid.tokens_out) as tokens_out,
                total(paid.tokens_cached) as tokens_cached, total(paid.seconds) as seconds
                from calls join calls as paid on paid.id = coalesce(calls.reused, calls.id)
                where calls.candidate = ? and calls.run = ?""",
                (candidate, run),
            ).fetchone()
        return {key: round(row[key], 1) if key == "seconds" else int(row[key]) for key in row.keys()}  # noqa: SIM118

    def usage(self, *, run: int | None = None, wiki: Path | None = None, source: str | None = None) -> list[Usage]:
        """What the calls cost by stage, in the order of the work: of one run, or of all over a wiki and a source."""
        with self._open() as db:
            rows = db.execute(
                """select stage, count(*) as calls, sum(error is not null) as failed, sum(tokens_in) as tokens_in,
                sum(tokens_out) as tokens_out, sum(tokens_cached) as tokens_cached, sum(seconds) as seconds
                from calls left join runs on runs.id = run
                where reused is null and (?1 is null or run = ?1) and (?2 is null or (wiki = ?2 and source = ?3))
                group by stage""",
                (run, str(wiki) if wiki else None, source),
            )
            found = [Usage(**dict(row)) for row in rows]
        return sorted(found, key=lambda usage: _STAGES.index(usage.stage))
