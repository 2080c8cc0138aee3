"""The evidence of a draft: what the model was shown or has read, each piece with an id that it can name."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from threading import Lock

from wikiagent.draft.budget import estimated_tokens
from wikiagent.draft.fence import fenced
from wikiagent.draft.said import Context, exhibit
from wikiagent.index.retrieve import Hit
from wikiagent.mine.candidates import Candidate
from wikiagent.source.evidence import Place
from wikiagent.source.orders import addresses_a_model
from wikiagent.wiki.page import Environment, Exhibit, Heuristic

#: Chunks around a candidate that a packed prompt shows.
NEIGHBOURS = 4
#: Which part of a chunk's lines may be shown already, for the chunk still to add something.
MOST_SHOWN = 0.5
#: From so many lines on, a piece may be narrowed.
LONG = 13
#: Most lines of one piece of evidence.
MAX_LINES = 40

Search = Callable[[str, int], list[Hit]]
"""Finds the at most k chunks for a query, best first."""


@dataclass(frozen=True)
class Piece:
    """One piece of evidence: id, place, what it shows, and whether it is the candidate's own."""

    id: str
    place: Place
    caption: str
    own: bool


class EvidenceTable:
    """The evidence of one draft, in the order in which it was shown. Tools may add to it from several threads."""

    def __init__(self, base: Environment | Heuristic, own: int, context: Context) -> None:
        """Begin with what a page of the candidate quotes, under the same ids.

        Args:
            base: the page.
            own: how many of its exhibits, the first ones, show the candidate; the others explain it.
            context: what all pages of the run share.
        """
        self._context = context
        self._lock = Lock()
        self._pieces = [Piece(e.id, e.place, e.caption, n < own) for n, e in enumerate(base.evidence)]

    def __iter__(self) -> Iterator[Piece]:
        return iter(tuple(self._pieces))

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids, in order."""
        return tuple(piece.id for piece in self._pieces)

    def add(self, place: Place, said: str) -> str:
        """Add a place of the snapshot, at most `MAX_LINES` of it; returns its id, the earlier one where it is there."""
        place = Place(place.path, place.first, min(place.last, place.first + MAX_LINES - 1))
        with self._lock:
            known = next((piece.id for piece in self._pieces if piece.place == place), None)
            if known is None:
                known = f"e{len(self._pieces) + 1}"
                self._pieces.append(Piece(known, place, said, own=False))
            return known

    def add_around(self, candidate: Candidate, search: Search) -> None:
        """Add what search finds nearest to a candidate: the code around its lead, and what tells of the same.

        What gives orders to a language model is left out: it proves nothing, and one such line in the source should
        not spoil the other pages.
        """
        leader = candidate.signals[0]
        query = f"{leader.symbol} {leader.subject} {leader.text}"
        for hit in search(query, NEIGHBOURS):
            shown = sum(hit.place.common(piece.place) for piece in self._pieces)
            gives_orders = addresses_a_model(f"{hit.place.path}\n{hit.text}")
            if shown <= MOST_SHOWN * len(hit.place) and not gives_orders:
                self.add(hit.place, f"Code of `{hit.symbol}`" if hit.symbol else "Code at module level")

    def text(self, piece: Piece) -> str:
        """A piece as a prompt shows it: fenced, with an id before each line of a long one."""
        first = 1 if len(piece.place) >= LONG else None
        label = f"{piece.place.path}: {piece.caption}"
        return fenced(piece.id, label, self.exhibit(piece).code, first, f"{piece.id}.")

    def lines(self, ids: Collection[str]) -> list[str]:
        """The ids of the lines of those pieces among `ids` that are long enough to be narrowed: `e3.1`, `e3.2`."""
        long = [piece for piece in self._pieces if piece.id in ids and len(piece.place) >= LONG]
        return [f"{piece.id}.{number}" for piece in long for number in range(1, len(piece.place) + 1)]

    def texts(self, most_tokens: int | None = None) -> list[tuple[Piece, str]]:
        """The pieces with their texts, those that fit into so many tokens; the candidate's own come first."""
        out, tokens = [], 0
        for piece in sorted(self._pieces, key=lambda piece: not piece.own):
            text = self.text(piece)
            needed = estimated_tokens(text)
            if most_tokens is None or tokens + needed <= most_tokens:
                tokens += needed
                out.append((piece, text))
        return out

    def exhibit(self, piece: Piece, first: int = 1, last: int | None = None) -> Exhibit:
        """A piece as a page quotes it, or the lines of it from `first` to `last`, counted from 1."""
        place = piece.place
        narrowed = Place(place.path, place.first + first - 1, place.first + last - 1 if last else place.last)
        return exhibit(piece.id, narrowed, piece.caption, self._context)
