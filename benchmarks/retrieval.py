"""Retrieval: how often, how high and how fast the lines that prove a golden, or answer a question, are found.

    python -m benchmarks.retrieval [--full]

The queries are the goldens of `evals/golden/` by their sentences and by their titles, and the questions of
`evals/questions/`. A chunk is relevant where it shares a line with the evidence. Reported apart: the goldens that were
known when search was tuned, those of a tuning half, and those that nobody tuned to. Under `--full`, the chunks of other
libraries are searched in the same ways (they need `.venv-peers`).
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from benchmarks.chunking import LIBRARIES, PEERS, chunks_of
from benchmarks.measure import Interval, interval, ndcg_at, recall_at, reciprocal_rank
from benchmarks.report import PEFT, ROOT, Bar, Table, note, run
from wikiagent.code.chunks import Chunk
from wikiagent.config import SourceSettings
from wikiagent.evals.golden import read_goldens, read_questions
from wikiagent.index.embed import Vectors, WordLlama
from wikiagent.index.retrieve import VECTOR_WEIGHT, Index, fuse, open_index
from wikiagent.source.evidence import Place
from wikiagent.source.fetch import fetch
from wikiagent.source.snapshot import Snapshot

KEPT = 20
POOL = 100
EVALS = ROOT / "evals"
COLUMNS = ["", "queries", "recall@5", "recall@10", "recall@20", "MRR", "nDCG@10", "ms"]

ABOUT = (
    "Mean over queries with its 95 % interval (bootstrap). `seen`: goldens known when search was first tuned; `tuning` "
    "and `held out`: the two halves of the others, and only the first was used to tune; `unseen`: both. `dense` looks "
    "at every vector, `approximate` uses the index of Chroma; `hybrid` fuses BM25 and dense; `as searched` is "
    "`wikiagent search`: hybrid, with tests behind."
)

Arm = Callable[[str], list[int]]


@dataclass(frozen=True)
class Query:
    """A text and the lines that it should find.

    Attributes:
        id: of the golden or question.
        text: what is searched for.
        places: the evidence.
        group: `seen`, `tuning` or `held out`.
    """

    id: str
    text: str
    places: tuple[Place, ...]
    group: str


@dataclass
class Scores:
    """What an arm got for each query, in the order of the queries."""

    recall: dict[int, list[float]] = field(default_factory=lambda: {5: [], 10: [], 20: []})
    rank: list[float] = field(default_factory=list)
    ndcg: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def row(self, name: str, clusters: Sequence[str]) -> list[str]:
        means = [interval(each, clusters) for each in (*self.recall.values(), self.rank, self.ndcg)]
        return [name, str(len(self.rank)), *map(str, means), f"{1000 * float(np.mean(self.seconds)):.1f}"]


class Searched:
    """The chunks of one library over one snapshot, with the ways to search them."""

    def __init__(self, index: Index, embedder: WordLlama) -> None:
        self.index, self._embedder = index, embedder
        self._vectors = embedder.embed([chunk.embedded for chunk in index.chunks])
        self._on: dict[str, list[int]] = {}
        for number, chunk in enumerate(index.chunks):
            self._on.setdefault(chunk.place.path, []).append(number)

    def exact(self, query: str) -> list[int]:
        """The nearest vectors, each of them looked at."""
        return nearest(self._embedder, self._vectors, query, POOL)

    def hybrid(self, query: str, weight: float = VECTOR_WEIGHT) -> list[int]:
        scores = fuse([(1.0, self.index.by_words(query, POOL)), (weight, self.exact(query))])
        return sorted(scores, key=lambda number: (-scores[number], number))

    def as_searched(self, query: str) -> list[int]:
        numbers = {chunk.place: number for number, chunk in enumerate(self.index.chunks)}
        return [numbers[hit.place] for hit in self.index.search(query, KEPT)]

    def arms(self) -> dict[str, Arm]:
        return {"BM25": lambda query: self.index.by_words(query, POOL), "dense": self.exact, "hybrid": self.hybrid}

    def relevant(self, places: Sequence[Place]) -> set[int]:
        near = {number for place in places for number in self._on.get(place.path, ())}
        return {n for n in near if any(self.index.chunks[n].place.overlaps(place) for place in places)}

    def scored(self, arm: Arm, queries: Sequence[Query]) -> Scores:
        scores = Scores()
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


def nearest(embedder: WordLlama, vectors: Vectors, query: str, k: int) -> list[int]:
    """The numbers of the vectors nearest to a text, best first; none that is unlike it."""
    likeness = vectors @ embedder.embed([query])[0]
    return [int(number) for number in np.argsort(-likeness, kind="stable")[:k] if likeness[number] > 0]


def group_of(identity: str, seen: bool) -> str:
    """`seen`, or one of two halves by a hash, so that a golden stays where it is when others come."""
    if seen:
        return "seen"
    return "tuning" if hashlib.sha256(identity.encode()).digest()[0] % 2 else "held out"


@cache
def queries_of(name: str) -> dict[str, list[Query]]:
    """The queries about one source (`peft-0.18.1`), by kind."""
    goldens = read_goldens(EVALS / "golden" / f"{name}.yaml").goldens
    kinds: dict[str, list[Query]] = {"sentence": [], "title": []}
    for golden in goldens:
        group = group_of(f"{name}/{golden.id}", golden.seen)
        for kind, text in (("sentence", golden.insight), ("title", golden.title.replace("_", " "))):
            kinds[kind].append(Query(f"{name}/{golden.id}", text, golden.places, group))
    asked = EVALS / "questions" / f"{name}.yaml"
    if asked.exists():
        kinds["question"] = [
            Query(f"{name}/{each.id}", each.question, each.places, group_of(f"{name}/{each.id}", seen=False))
            for each in read_questions(asked).questions
        ]
    return kinds


def sources() -> dict[str, str]:
    """The sources that have goldens, by the names of the files."""
    files = sorted((EVALS / "golden").glob("*.yaml"), key=lambda file: (not file.name.startswith("peft"), file.name))
    return {file.stem: read_goldens(file).source for file in files}


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
    vectors = embedder.embed([chunk.embedded for chunk in chunks])
    return Searched(Index(chunks, lambda query, k: nearest(embedder, vectors, query, k)), embedder)


def overlap(ours: Searched, queries: Sequence[Query]) -> tuple[Scores, list[float]]:
    """Approximate search: its scores, and the share of the ten nearest that it finds."""
    approximate: Arm = lambda query: ours.index.by_vectors(query, POOL)  # noqa: E731
    shares = []
    for query in queries:
        exact = ours.exact(query.text)[:10]
        shares.append(len(set(exact) & set(approximate(query.text)[:10])) / len(exact) if exact else 1.0)
    return ours.scored(approximate, queries), shares


def measure(args: argparse.Namespace) -> Iterator[Table]:
    embedder = WordLlama()
    results: list[tuple[str, str, list[Query], dict[str, Scores], list[float]]] = []
    with tempfile.TemporaryDirectory() as store:
        for name, source in sources().items():
            snapshot = fetch(source, args.store, progress=note)
            ours = searched(snapshot, embedder, Path(store))
            for kind, queries in queries_of(name).items():
                note(f"Searching {source} by {kind}")
                scores = {arm: ours.scored(call, queries) for arm, call in ours.arms().items()}
                scores["as searched"] = ours.scored(ours.as_searched, queries)
                scores["dense, approximate"], shares = overlap(ours, queries)
                results.append((name, kind, queries, scores, shares))
            if args.full and source == PEFT and PEERS.exists():
                yield peers_table(snapshot, embedder)
    for kind in ("sentence", "title", "question"):
        yield kind_table(kind, [(*each[:1], *each[2:]) for each in results if each[1] == kind])


Result = tuple[str, list[Query], dict[str, Scores], list[float]]


def kind_table(kind: str, results: Sequence[Result]) -> Table:
    """All queries of a kind: by arm and group, then as searched by source."""
    rows, arms = [], list(results[0][2])
    for group in ("seen", "tuning", "held out", "unseen"):
        for arm in arms:
            scores, ids = together(results, arm, group)
            if ids:
                rows.append(scores.row(f"{group}: {arm}", ids))
    for result in results:
        scores, ids = together([result], "as searched", "unseen")
        rows.append(scores.row(f"{result[0]}, unseen: as searched", ids))
    return Table(
        f"Retrieval by {kind}",
        ABOUT,
        COLUMNS,
        rows,
        list(bars(kind, results)),
    )


def together(results: Sequence[Result], arm: str, group: str) -> tuple[Scores, list[str]]:
    """The scores of an arm for a group of the queries of some sources, with the queries' ids."""
    joined, ids = Scores(), []
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


def difference(results: Sequence[Result], arm: str, other: str, measure: str) -> Interval:
    """How much better an arm is than another on the unseen queries, query by query."""
    (one, ids), (two, _) = together(results, arm, "unseen"), together(results, other, "unseen")
    pick: Callable[[Scores], list[float]] = {
        "recall@10": lambda scores: scores.recall[10],
        "nDCG@10": lambda scores: scores.ndcg,
        "MRR": lambda scores: scores.rank,
    }[measure]
    return interval(list(np.subtract(pick(one), pick(two))), ids)


def bars(kind: str, results: Sequence[Result]) -> Iterator[Bar]:
    """The bars of a kind of query."""
    wanted = {"sentence": 0.95, "title": 0.80}.get(kind)
    if wanted is not None:
        for group in ("unseen", "held out"):
            found = float(np.mean(together(results, "as searched", group)[0].recall[10]))
            yield Bar(f"recall@10 of {group} goldens as searched: {found:.3f} (bar: {wanted})", found >= wanted)
    for name in ("hybrid", "as searched"):
        for measure in ("recall@10", "nDCG@10"):
            means = {arm: difference(results, name, arm, measure) for arm in ("BM25", "dense")}
            best = min(means, key=lambda arm: means[arm].mean)
            gain = means[best]
            word = "better than" if gain.low > 0 else "no worse than" if gain.high >= 0 else "worse than"
            yield Bar(f"{name} is {word} its best arm, {best}, in {measure}: {gain} (bar: not below 0)", gain.high >= 0)
    loss = -difference(results, "dense, approximate", "dense", "recall@10").mean
    shares = float(np.mean([share for *_, each in results for share in each]))
    yield Bar(
        f"approximate search loses {100 * loss:.2f} % of recall@10 (bar: 1 %); it finds {100 * shares:.2f} % of "
        "the ten nearest",
        loss <= 0.01,
    )


def peers_table(snapshot: Snapshot, embedder: WordLlama) -> Table:
    """The chunks of other libraries beside ours, under the same embedder and the same search."""
    with tempfile.TemporaryDirectory() as store:
        all_chunks = {"wikiagent": searched(snapshot, embedder, Path(store))}
    all_chunks |= {library: of_peer(library, snapshot, embedder) for library in LIBRARIES}
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
