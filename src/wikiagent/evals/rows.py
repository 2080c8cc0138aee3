"""What a run is scored on: rows about goldens, pages and drafts. Every figure of an evaluation derives from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from wikiagent.errors import StoreError


class Row(BaseModel):
    """Base of all rows; `trial` counts from 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trial: int


class Shown(BaseModel):
    """A page that shows a golden's evidence.

    Attributes:
        page: its full name.
        rank: its place in the drafter's ranking, from 1; None where no order is on record.
        overlap: lines that page and golden share, as a part of the smaller span: 0.5 to 1.
        told: whether the page also says what the golden says, by words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    page: str
    rank: int | None
    overlap: float
    told: bool


class Near(BaseModel):
    """The page that comes closest to a golden that no page shows, and how it does."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    page: str
    how: str


class GoldenRow(Row):
    """What became of a golden.

    Attributes:
        id, type, title, insight, importance, seen, places: as the golden has them.
        shown: the pages that show its evidence, the highest ranked first.
        near: where no page does, the page that comes closest; None in an empty wiki.
        facts: what the golden states, with whether a page that shows it states that, by words.
        judged: the same by a judge; a fact that it gave no verdict on is None. Empty where no judge is configured.
        links: right, wrong and missing links of the best page; None where there is none, or nothing to link.
        unscored: why nothing can be said about it: the call that would have written its page failed. Else empty.
    """

    row: Literal["golden"] = "golden"
    id: str
    type: str
    title: str
    insight: str
    importance: float
    seen: bool
    places: tuple[str, ...]
    shown: tuple[Shown, ...] = ()
    near: Near | None = None
    facts: dict[str, bool] = {}
    judged: tuple[bool | None, ...] = ()
    links: tuple[int, int, int] | None = None
    unscored: str = ""


class Judged(BaseModel):
    """What a judge says of a page's statements.

    Attributes:
        supported: for each statement that needs evidence, whether what it cites supports it; None: no usable answer.
        needed: for each citation of these statements, whether it is needed there; None: no usable answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    supported: tuple[bool | None, ...] = ()
    needed: tuple[bool | None, ...] = ()


class PageRow(Row):
    """A page of the wiki, of any type, or an index with findings.

    Attributes:
        file: its path from the wiki's root.
        name: its full name; the file's for an index.
        type: its type; empty for an index.
        findings: how many findings of each rule it has.
        rank: as in `Shown`; Environments and Heuristics only, as are all that follow.
        quoted: the places that it quotes.
        verified, refuted, not_understood: how its citations stand.
        shows: ids of the goldens whose evidence it shows.
        importance: the highest importance of these; 0 without any.
        repeats: whether pages ranked higher show all that it quotes.
        judged: what a judge says; None where none is configured.
    """

    row: Literal["page"] = "page"
    file: str
    name: str
    type: str
    findings: dict[str, int] = {}
    rank: int | None = None
    quoted: tuple[str, ...] = ()
    verified: int = 0
    refuted: int = 0
    not_understood: int = 0
    shows: tuple[str, ...] = ()
    importance: float = 0
    repeats: bool = False
    judged: Judged | None = None


class DraftRow(Row):
    """A draft of a fresh run.

    Attributes:
        name: the page's full name.
        rank: rank of its candidate.
        clean_at_first: whether the first version had no error.
        stands: whether the last one has none.
        tokens: in and out; None where no model wrote it.
        cost: of these tokens; None where no price is known, or no model wrote it.
        seconds: of its calls; None where no model wrote it.
    """

    row: Literal["draft"] = "draft"
    name: str
    rank: int
    clean_at_first: bool
    stands: bool
    tokens: int | None = None
    cost: float | None = None
    seconds: float | None = None


class UnscoredRow(Row):
    """Something that could not be scored because a model or the network failed: a page, or a judge's answer."""

    row: Literal["unscored"] = "unscored"
    what: str
    why: str


class TrialRow(Row):
    """What a trial took as a whole: seconds for all its pages, None for a wiki that was there before."""

    row: Literal["trial"] = "trial"
    seconds: float | None = None
    pages: int = 0


@dataclass(frozen=True)
class Scores:
    """All rows of a run."""

    goldens: tuple[GoldenRow, ...] = ()
    pages: tuple[PageRow, ...] = ()
    drafts: tuple[DraftRow, ...] = ()
    unscored: tuple[UnscoredRow, ...] = ()
    trials: tuple[TrialRow, ...] = ()

    def __add__(self, other: Scores) -> Scores:
        """The rows of both."""
        return Scores(**{name: getattr(self, name) + getattr(other, name) for name in _FIELDS.values()})

    @property
    def leaves(self) -> list[PageRow]:
        """The Environments and Heuristics."""
        return [page for page in self.pages if page.type in ("Environment", "Heuristic")]


#: The kinds of rows, and where `Scores` has them.
_FIELDS = {"golden": "goldens", "page": "pages", "draft": "drafts", "unscored": "unscored", "trial": "trials"}
_ANY: TypeAdapter[GoldenRow | PageRow | DraftRow | UnscoredRow | TrialRow] = TypeAdapter(
    Annotated[GoldenRow | PageRow | DraftRow | UnscoredRow | TrialRow, Field(discriminator="row")]
)


def written(scores: Scores) -> str:
    """Scores as JSON lines, one row a line."""
    return "".join(f"{row.model_dump_json()}\n" for name in _FIELDS.values() for row in getattr(scores, name))


def read(text: bytes, name: str) -> Scores:
    """Read what `written` wrote; `name` is what a message calls it.

    Raises:
        StoreError: it is none.
    """
    found: dict[str, list[object]] = {field: [] for field in _FIELDS.values()}
    for number, line in enumerate(text.splitlines(), 1):
        try:
            row = _ANY.validate_json(line)
        except ValidationError as error:
            raise StoreError(
                f"{name}, line {number} is no row of an evaluation. `wikiagent eval report --rescore` makes them anew."
            ) from error
        found[_FIELDS[row.row]].append(row)
    return Scores(**{field: tuple(rows) for field, rows in found.items()})  # type: ignore[arg-type]
