"""Evidence overlap: whether a page shows the lines that prove a golden."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wikiagent.check.quoting import compare
from wikiagent.check.reading import Quote, Reading
from wikiagent.source.evidence import Place
from wikiagent.source.snapshot import Snapshot

#: A page is known by what it quotes first: nobody reads thirty quotes, and a page of all code would show everything.
MAX_QUOTES, MAX_LINES = 8, 160
#: A quote that is longer than this and twice the golden's span hides it more than it shows it.
LONGEST = 30
#: The part of the smaller span that both share at least.
ENOUGH = 0.5


def quoted(reading: Reading, snapshot: Snapshot) -> tuple[Place, ...]:
    """The places that count as what a page shows: its first quotes, as far as they are the text of their lines."""
    found: list[Place] = []
    lines = 0
    for quote in [quote for quote in reading.quotes if quote.citation][:MAX_QUOTES]:
        places = quote.citation.places if quote.citation else ()
        lines += sum(len(place) for place in places)
        if lines > MAX_LINES:
            break
        if _holds(quote, places, snapshot):
            found += places
    return tuple(found)


def _holds(quote: Quote, places: Sequence[Place], snapshot: Snapshot) -> bool:
    """Whether a quote is to the letter what stands at the places that its citation names."""
    cited: list[str] = []
    for place in places:
        if not snapshot.has(place.path) or not 1 <= place.first <= place.last <= len(snapshot.lines(place.path)):
            return False
        cited += snapshot.lines(place.path)[place.first - 1 : place.last]
    return bool(places) and compare(quote.code.strip("\n").split("\n"), cited, strict=True) is not None


def overlap(place: Place, span: Place) -> float:
    """The lines that a quoted place shares with a golden's span, as a part of the smaller of them: 0 to 1."""
    if len(place) > max(LONGEST, 2 * len(span)):
        return 0.0
    return place.common(span) / min(len(place), len(span))


def best(places: Iterable[Place], spans: Sequence[Place]) -> float:
    """The greatest overlap of any of some places with any of some spans."""
    return max((overlap(place, span) for place in places for span in spans), default=0.0)


def repeats(places: Sequence[Place], earlier: Iterable[Place]) -> bool:
    """Whether all places of a page are shown by earlier pages already: at least half of the lines of each."""
    before = list(earlier)
    return bool(places) and all(any(2 * place.common(old) >= len(place) for old in before) for place in places)


def distance(places: Iterable[Place], spans: Iterable[Place]) -> int | None:
    """How many lines lie between places and spans of the same file; None where they have no file in common."""
    spans = list(spans)
    gaps = [
        max(0, span.first - place.last, place.first - span.last)
        for place in places
        for span in spans
        if place.path == span.path
    ]
    return min(gaps, default=None)
