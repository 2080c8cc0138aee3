"""Search over the chunks of a snapshot: BM25 over words and nearest vectors, fused."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from wikiagent.code.chunks import Chunk, chunk_snapshot
from wikiagent.index.embed import Embedder
from wikiagent.index.store import ChunkStore, Progress
from wikiagent.source.evidence import Place
from wikiagent.source.snapshot import Snapshot

#: Weight of the vectors beside 1 for BM25. `benchmarks/retrieval.py` measures it: static vectors find some of what
#: questions ask in other words than the code; above 0.1 they push aside what shares the words of a sentence.
VECTOR_WEIGHT = 0.1

#: What a place in a ranking counts for a chunk of a file that is not mined: tests use the words of what they test.
#: Measured as above, it is worth 0.1 of recall@10 by question and 0.07 by title.
_ASIDE_WEIGHT = 0.5

#: How much BM25 holds length against a chunk (0 to 1; 0.75 is usual). The limit makes chunks alike in length, and
#: a short one is mostly what was left over of a long function, not a text to the point.
_LENGTH_PENALTY = 0.5

#: The constant of reciprocal rank fusion, as its authors chose it.
_RANK_OFFSET = 60

#: How many chunks each arm offers to the fusion.
_POOL = 100

_IDENTIFIER = re.compile(r"\w+")
#: Where an identifier is split: at underscores, between letters and digits, `aB`, and before the last of `ABc`.
_SEAM = re.compile(r"_+|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True)
class Hit:
    """One result of a search: a chunk's place, symbol and text, and its score (higher is better; only for ranking)."""

    place: Place
    symbol: str
    text: str
    score: float


class Index:
    """The chunks of one snapshot, ready to be searched."""

    def __init__(
        self, chunks: Sequence[Chunk], nearest: Callable[[str, int], list[int]], mined: Collection[str] | None = None
    ) -> None:
        """Index the words of the chunks.

        Args:
            chunks: what is searched.
            nearest: the numbers, from 0, of the at most k chunks nearest to a text by their vectors, best first.
            mined: paths of the files that matter most; those of others are found behind them. None for all.
        """
        import bm25s

        logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to DEBUG
        self.chunks = tuple(chunks)
        self.by_vectors = nearest
        self._mined = None if mined is None else frozenset(mined)
        listed = [terms(chunk.embedded) for chunk in chunks]
        self._bm25 = bm25s.BM25(b=_LENGTH_PENALTY) if any(listed) else None
        if self._bm25:
            self._bm25.index(listed, show_progress=False)

    def by_words(self, query: str, k: int) -> list[int]:
        """The numbers of the at most `k` chunks that share words with the query, by BM25, best first."""
        asked = terms(query)
        if not (self._bm25 and asked):
            return []
        scores = self._bm25.get_scores(asked)
        best = np.argsort(-scores, kind="stable")[:k]
        return [int(number) for number in best if scores[number] > 0]

    def search(self, query: str, k: int) -> list[Hit]:
        """The at most `k` best chunks for a query, best first; the same query gives the same hits.

        Raises:
            RemoteError: the embedder or the Chroma server failed.
            StoreError: the vector store cannot be used.
        """
        pool = max(k, _POOL)
        scores = fuse([(1.0, self.by_words(query, pool)), (VECTOR_WEIGHT, self.by_vectors(query, pool))])
        if self._mined is not None:
            aside = [number for number in scores if self.chunks[number].place.path not in self._mined]
            scores.update({number: _ASIDE_WEIGHT * scores[number] for number in aside})
        best = sorted(scores, key=lambda number: (-scores[number], number))[:k]
        return [_hit(self.chunks[number], scores[number]) for number in best]


def open_index(
    snapshot: Snapshot,
    embedder: Embedder,
    store: Path,
    url: str | None = None,
    progress: Progress | None = None,
    mined: Collection[str] | None = None,
) -> Index:
    """The index of a snapshot, built where it is missing or only half built.

    Args:
        snapshot: the source to search.
        embedder: makes the vectors.
        store: the folder for run data.
        url: a Chroma server to use instead of local files.
        progress: called while the index is built.
        mined: paths of the files that matter most, None for all.

    Raises:
        ConfigError, RemoteError, StoreError: as `ChunkStore.opened` and the embedder say.
    """
    chunks = ChunkStore(store, url)
    digest = snapshot.digest
    with chunks.opened():
        if not chunks.holds(digest, embedder):
            found = list(chunk_snapshot(snapshot, embedder.count, embedder.limit))
            chunks.save(digest, embedder, found, progress)
        stored = chunks.load(digest, embedder)
    return Index(stored, lambda text, k: chunks.nearest(digest, embedder, text, k), mined)


def _hit(chunk: Chunk, score: float) -> Hit:
    return Hit(chunk.place, chunk.symbol, chunk.text, score)


def words(text: str) -> list[str]:
    """The words of a text, in lower case: whole identifiers, and their parts at case, digits and underscores."""
    found = []
    for identifier in _IDENTIFIER.findall(text):
        parts = [part.lower() for part in _SEAM.split(identifier) if part]
        found += parts
        if len(parts) > 1:
            found.append(identifier.lower())
    return found


def terms(text: str) -> list[str]:
    """What BM25 counts: the stems of the words of a text, without those that English sentences are joined with.

    Such words are rare in code, so BM25 would take them for the point of a question.
    """
    from Stemmer import Stemmer

    unsaid = _stopwords()
    stemmer = Stemmer("english", 0)  # one for each text: it is not safe for two threads
    return list(stemmer.stemWords([word for word in words(text) if word not in unsaid]))


@cache
def _stopwords() -> frozenset[str]:
    from bm25s.stopwords import STOPWORDS_EN_PLUS

    return frozenset(STOPWORDS_EN_PLUS)


def fuse(rankings: Iterable[tuple[float, Sequence[int]]]) -> dict[int, float]:
    """Weighted reciprocal rank fusion: from weights and rankings to one score for each number ranked."""
    scores: dict[int, float] = {}
    for weight, ranking in rankings:
        for rank, number in enumerate(ranking, 1):
            scores[number] = scores.get(number, 0.0) + weight / (_RANK_OFFSET + rank)
    return scores
