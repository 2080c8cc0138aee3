"""Retrieval: how often, how high and how fast the lines that prove a golden, or answer a question, are found.

    python -m benchmarks.retrieval

The queries are the goldens of `evals/golden/` by their sentences and by their titles, and the questions of
`evals/questions/`. A chunk is relevant where it shares a line with the evidence. Reported apart: the goldens that were
known when search was tuned, those of a tuning half, and those that nobody tuned to. The chunks of other libraries are
searched in the same ways (they need `.venv-peers`).
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.chunking import LIBRARIES, PEERS, chunks_of
from benchmarks.measure import Interval, interval, ndcg_at, recall_at, reciprocal_rank
from benchmarks.queries import Query, queries_of, sources
from benchmarks.report import PEFT, Bar, Table, note, run
from wikiagent.code.chunks import Chunk
from wikiagent.config import SourceSettings
from wikiagent.index.embed import Vectors, WordLlama
from wikiagent.index.retrieve import Index, Scores, open_index
from wikiagent.source.evidence import Place
from wikiagent.source.fetch import fetch
from wikiagent.source.snapshot import Snapshot

KEPT = 20
COLUMNS = ["", "queries", "recall@5", "recall@10", "recall@20", "MRR", "nDCG@10", "ms"]

ABOUT = (
    "Mean over queries with its 95 % interval (bootstrap). `seen`: goldens known when search was first tuned; `tuning` "
    "and `held out`: the two halves of the others, and only the first was used to tune; `unseen`: both. `dense` looks "
    "at every vector, `approximate` uses the index of Chroma; `hybrid` is `wikiagent search`. Tests are put behind."
)

APPROXIMATE = "dense, approximate"
PLAIN = "BM25, tests among them"

Arm = Callable[[str], list[int]]


@dataclass
class Scored:
    """What an arm got for each query, in the order of the queries."""

    recall: dict[int, list[float]] = field(default_factory=lambda: {5: [], 10: [], 20: []})
    rank: list[float] = field(default_factory=list)
    ndcg: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def row(self, name: str, clusters: Sequence[str]) -> list[str]:
        means = [interval(each, clusters) for each in (*self.recall.values(), self.rank, self.ndcg)]
        return [name, str(len(self.rank)), *map(str, means), f"{1000 * float(np.mean(self.seconds)):.1f}"]


MEASURES: dict[str, Callable[[Scored], list[float]]] = {
    "recall@10": lambda scores: scores.recall[10],
    "nDCG@10": lambda scores: scores.ndcg,
}


class Searched:
    """The chunks of one library over one snapshot, with the ways to search them."""

    def __init__(self, index: Index, embedder: WordLlama) -> None:
        self.index = index
        self._look = Exact(embedder, embedder.embed([chunk.embedded for chunk in index.chunks]))
        self._numbers = {chunk.place: number for number, chunk in enumerate(index.chunks)}
        self._on: dict[str, list[int]] = {}
        for number, chunk in enumerate(index.chunks):
            self._on.setdefault(chunk.place.path, []).append(number)

    def plain(self, query: str) -> list[int]:
        """By words alone, tests among them."""
        scores = self.index.by_words(query)
        return [int(number) for number in np.argsort(-scores, kind="stable")[:KEPT] if scores[number] > 0]

    def bm25(self, query: str) -> list[int]:
        return self.index.best(self.index.by_words(query), KEPT)

    def dense(self, query: str) -> list[int]:
        """By vectors alone, each of them looked at."""
        return self.index.best(self._look.likeness(query), KEPT)

    def approximate(self, query: str) -> list[int]:
        """By vectors alone, as the index finds them."""
        scores = np.zeros(len(self.index.chunks))
        for number, likeness in self.index.nearest(query, 10 * KEPT):
            scores[number] = likeness
        return self.index.best(scores, KEPT)

    def hybrid(self, query: str) -> list[int]:
        """As `wikiagent search` finds them."""
        return [self._numbers[hit.place] for hit in self.index.search(query, KEPT)]

    def arms(self) -> dict[str, Arm]:
        return {"BM25": self.bm25, "dense": self.dense, "hybrid": self.hybrid}

    def share_found(self, query: str) -> float:
        """The share of the ten nearest vectors that the index finds."""
        exact = [number for number, _ in self._look(query, 10)]
        found = [number for number, _ in self.index.nearest(query, 10)]
        return len(set(exact) & set(found)) / len(exact) if exact else 1.0

    def relevant(self, places: Sequence[Place]) -> set[int]:
        near = {number for place in places for number in self._on.get(place.path, ())}
        return {n for n in near if any(self.index.chunks[n].place.overlaps(place) for place in places)}

    def scored(self, arm: Arm, queries: Sequence[Query]) -> Scored:
        scores = Scored()
        for query in queries:
            begun = time.perf_counter()
            found = arm(query.text)[:KEPT]
            scores.seconds.append(time.perf_counter() - begun)
            relevant = self.relevant(query.places)
            good = [number in relevant for number in found]
            for k, recall in scores.recall.items():
                recall.append(recall_at(good, k))
            scores.rank.append(reciprocal_rank(good))
            scores.ndcg.append(ndcg_at(good, 10, len(relevant)))
        return scores


class Exact:
    """Finds the nearest vectors by looking at each of them."""

    def __init__(self, embedder: WordLlama, vectors: Vectors) -> None:
        self._embedder, self._vectors = embedder, vectors

    def likeness(self, query: str) -> Scores:
        """The cosine of each vector with that of a text."""
        return (self._vectors @ self._embedder.embed([query])[0]).astype(np.float64)

    def __call__(self, query: str, k: int) -> list[tuple[int, float]]:
        """The numbers and cosines of the at most `k` nearest, best first; none that is unlike the text."""
        likeness = self.likeness(query)
        nearest = np.argsort(-likeness, kind="stable")[:k]
        return [(int(number), float(likeness[number])) for number in nearest if likeness[number] > 0]


def searched(snapshot: Snapshot, embedder: WordLlama, store: Path) -> Searched:
    """What wikiagent makes of a snapshot."""
    settings = SourceSettings()
    mined = snapshot.select(settings.include, settings.exclude)
    return Searched(open_index(snapshot, embedder, store, mined=mined), embedder)


def of_peer(library: str, snapshot: Snapshot, embedder: WordLlama) -> Searched:
    """The chunks of another library, embedded and searched as ours are; the breadcrumb is the path alone."""
    texts = {path: "\n".join(snapshot.lines(path)) for path in snapshot.select(["*.py"], [])}
    chunks = []
    for path, pieces in chunks_of(library, texts)[2].items():
        after = 0
        for piece in pieces:
            first = piece.first
            if first is None:  # the library tells no lines: they are looked for, in order
                at = texts[path].find(piece.text, after)
                if at < 0:
                    continue
                after, first = at + len(piece.text), texts[path].count("\n", 0, at) + 1
            last = piece.last or first + piece.text.count("\n")
            chunks.append(Chunk(Place(path, first, last), piece.text, "", path))
    mined = snapshot.select(SourceSettings().include, SourceSettings().exclude)
    exact = Exact(embedder, embedder.embed([chunk.embedded for chunk in chunks]))
    return Searched(Index(chunks, exact, mined), embedder)


def measure(args: argparse.Namespace) -> Iterator[Table]:
    embedder = WordLlama()
    beside: Table | None = None
    results: list[tuple[str, str, list[Query], dict[str, Scored], list[float]]] = []
    with tempfile.TemporaryDirectory() as store:
        for name, source in sources().items():
            snapshot = fetch(source, args.store, progress=note)
            ours = searched(snapshot, embedder, Path(store))
            for kind, queries in queries_of(name).items():
                note(f"Searching {source} by {kind}")
                arms = {PLAIN: ours.plain} | ours.arms() | {APPROXIMATE: ours.approximate}
                scores = {arm: ours.scored(call, queries) for arm, call in arms.items()}
                results.append((name, kind, queries, scores, [ours.share_found(query.text) for query in queries]))
            if source == PEFT and PEERS.exists():
                beside = peers_table(ours, snapshot, embedder)
    kinds = {
        kind: [(name, *rest) for name, of, *rest in results if of == kind] for kind in ("sentence", "title", "question")
    }
    for kind, found in kinds.items():
        yield kind_table(kind, found)
    yield gains_table(kinds)
    if beside:
        yield beside


Result = tuple[str, list[Query], dict[str, Scored], list[float]]


def kind_table(kind: str, results: Sequence[Result]) -> Table:
    """All queries of a kind: by arm and group, then the hybrid by source."""
    rows, arms = [], list(results[0][2])
    for group in ("seen", "tuning", "held out", "unseen"):
        for arm in arms:
            scores, ids = together(results, arm, group)
            if ids:
                rows.append(scores.row(f"{group}: {arm}", ids))
    for result in results:
        scores, ids = together([result], "hybrid", "unseen")
        rows.append(scores.row(f"{result[0]}, unseen: hybrid", ids))
    return Table(
        f"Retrieval by {kind}",
        ABOUT,
        COLUMNS,
        rows,
        list(bars(kind, results)),
    )


def together(results: Sequence[Result], arm: str, group: str) -> tuple[Scored, list[str]]:
    """The scores of an arm for a group of the queries of some sources, with the queries' ids."""
    joined, ids = Scored(), []
    for _, queries, scores, _ in results:
        own = scores[arm]
        for number, query in enumerate(queries):
            if query.group == group or (group == "unseen" and query.group != "seen"):
                ids.append(query.id)
                for k, recall in joined.recall.items():
                    recall.append(own.recall[k][number])
                joined.rank.append(own.rank[number])
                joined.ndcg.append(own.ndcg[number])
                joined.seconds.append(own.seconds[number])
    return joined, ids


def gain(results: Sequence[Result], arm: str, measure: str, group: str) -> Interval:
    """How much better the hybrid is than an arm, query by query."""
    (hybrid, ids), (alone, _) = together(results, "hybrid", group), together(results, arm, group)
    return interval(list(np.subtract(MEASURES[measure](hybrid), MEASURES[measure](alone))), ids)


def gains_table(results: dict[str, Sequence[Result]]) -> Table:
    """The hybrid beside the arm that does best alone."""
    rows, bars, better = [], [], []
    for kind, found in results.items():
        for measure in MEASURES:
            for group in ("unseen", "held out"):
                gains = {arm: gain(found, arm, measure, group) for arm in ("BM25", "dense")}
                best = min(gains, key=lambda arm: gains[arm].mean)
                rows.append([f"{kind}, {measure}, {group}", best, str(gains[best])])
                if group == "held out":
                    bars.append(Bar(f"{kind}: no worse than {best} in {measure}: {gains[best]}", gains[best].high >= 0))
                    better += [f"{kind}, {measure}"] * (gains[best].low > 0)
    why = "none beyond chance: vectors that are means over tokens rank by much the same words as BM25"
    bars.append(Bar(f"better on: {'; '.join(better) or why} (bar: at least one set)", bool(better)))
    return Table(
        "Retrieval: the hybrid beside its best arm",
        "The gain, query by query, with its 95 % interval (bootstrap). The bars look at what was held out.",
        ["", "best arm", "gain of the hybrid"],
        rows,
        bars,
    )


def bars(kind: str, results: Sequence[Result]) -> Iterator[Bar]:
    """The bars of a kind of query."""
    wanted = {"sentence": 0.95, "title": 0.80}.get(kind)
    if wanted is not None:
        for group in ("unseen", "held out"):
            found = float(np.mean(together(results, "hybrid", group)[0].recall[10]))
            yield Bar(f"recall@10 of {group} goldens: {found:.3f} (bar: {wanted})", found >= wanted)
    (found, _), (exact, _) = (together(results, arm, "unseen") for arm in (APPROXIMATE, "dense"))
    loss = float(np.mean(exact.recall[10]) - np.mean(found.recall[10]))
    shares = float(np.mean([share for *_, each in results for share in each]))
    yield Bar(
        f"approximate search loses {100 * loss:.2f} % of recall@10 (bar: 1 %); it finds {100 * shares:.2f} % of "
        "the ten nearest",
        loss <= 0.01,
    )


def peers_table(ours: Searched, snapshot: Snapshot, embedder: WordLlama) -> Table:
    """The chunks of other libraries beside ours, under the same embedder and the same search."""
    all_chunks = {"wikiagent": ours} | {library: of_peer(library, snapshot, embedder) for library in LIBRARIES}
    rows = []
    for kind, queries in queries_of("peft-0.18.1").items():
        for library, chunks in all_chunks.items():
            for arm, call in chunks.arms().items():
                rows.append(chunks.scored(call, queries).row(f"{kind}: {library}, {arm}", [q.id for q in queries]))
    return Table(
        f"Retrieval over the chunks of other libraries: {snapshot.source}",
        "The same embedder, BM25 and fusion over each library's chunks, all goldens and questions about peft.",
        COLUMNS,
        rows,
    )


if __name__ == "__main__":
    run(__doc__, measure)
