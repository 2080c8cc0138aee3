"""Search over the chunks of a snapshot: BM25 over words, BM25 over names, and nearest vectors, added up.

Scores are added, not ranks: a query in the words of the code has a chunk far above all others, and ranks would forget
by how much.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wikiagent.code.chunks import Chunk, chunk_snapshot
from wikiagent.index.embed import Embedder
from wikiagent.index.store import ChunkStore, Progress
from wikiagent.source.evidence import Place
from wikiagent.source.snapshot import Snapshot

#: What the words of a chunk's path and symbol count beside 1 for those of its text, and what its likeness to the query
#: counts, by vectors: `benchmarks/retrieval.py` measures both. Questions in other words than the code gain by either;
#: sentences in its words gain nothing, and lose where names count 0.5.
_NAMES_WEIGHT = 0.2
_VECTORS_WEIGHT = 0.8

#: What the score of a chunk counts where its file is not mined: tests use the words of what they test.
#: Measured as above, it is worth 0.1 of recall@10 by question and 0.07 by title.
_ASIDE_WEIGHT = 0.5

#: How much BM25 holds length against a chunk (0 to 1; 0.75 is usual). The limit makes chunks alike in length, and
#: a short one is mostly what was left over of a long function, not a text to the point.
_LENGTH_PENALTY = 0.5

#: How many of the nearest vectors are looked at.
_POOL = 200

_IDENTIFIER = re.compile(r"\w+")
#: Where an identifier is split: at underscores, between letters and digits, `aB`, and before the last of `ABc`.
_SEAM = re.compile(r"_+|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


#: One number a chunk, in the order of the chunks.
Scores = npt.NDArray[np.float64]

#: Finds the at most k chunks nearest to a text by their vectors: their numbers, from 0, with their likeness (cosine),
#: the nearest first.
Nearest = Callable[[str, int], list[tuple[int, float]]]


@dataclass(frozen=True)
class Hit:
    """One result of a search: a chunk's place, symbol and text, and its score (higher is better; only for ranking)."""

    place: Place
    symbol: str
    text: str
    score: float


class Index:
    """The chunks of one snapshot, ready to be searched."""

    def __init__(self, chunks: Sequence[Chunk], nearest: Nearest, mined: Collection[str] | None = None) -> None:
        """Index the words of the chunks.

        Args:
            chunks: what is searched.
            nearest: finds chunks by their vectors.
            mined: paths of the files that matter most; those of others are found behind them. None for all.
        """
        self.chunks = tuple(chunks)
        self.nearest = nearest
        self._text = _Words([chunk.embedded for chunk in chunks])
        self._names = _Words([f"{chunk.place.path} {chunk.symbol}" for chunk in chunks])
        aside = [mined is not None and path not in mined for path in (chunk.place.path for chunk in chunks)]
        self._worth = np.where(aside, _ASIDE_WEIGHT, 1.0)

    def by_words(self, query: str) -> Scores:
        """How well each chunk shares the words of the query, by BM25: 1 for the best, 0 for none."""
        return self._text.scores(query)

    def by_names(self, query: str) -> Scores:
        """How well the path and the symbol of each chunk share the words of the query: 1 for the best, 0 for none."""
        return self._names.scores(query)

    def by_vectors(self, query: str) -> Scores:
        """How much more like the query each chunk is, by cosine, than the last of those nearest to it; 0 for others."""
        scores = np.zeros(len(self.chunks))
        found = self.nearest(query, _POOL)
        if found:
            least = found[-1][1] if len(found) == _POOL else 0.0
            numbers, likeness = zip(*found, strict=True)
            scores[list(numbers)] = np.array(likeness) - least
        return scores

    def best(self, scores: Scores, k: int) -> list[int]:
        """The numbers of the at most `k` chunks with the best scores above 0; those of files not mined are behind."""
        worth = scores * self._worth
        return [int(number) for number in np.argsort(-worth, kind="stable")[:k] if worth[number] > 0]

    def search(self, query: str, k: int) -> list[Hit]:
        """The at most `k` best chunks for a query, best first; the same query gives the same hits.

        Raises:
            RemoteError: the embedder or the Chroma server failed.
            StoreError: the vector store cannot be used.
        """
        query = query.encode("utf-8", "replace").decode()  # no embedder takes halves of characters
        scores = self.by_words(query) + _NAMES_WEIGHT * self.by_names(query) + _VECTORS_WEIGHT * self.by_vectors(query)
        worth = scores * self._worth
        return [_hit(self.chunks[number], float(worth[number])) for number in self.best(scores, k)]


class _Words:
    """The words of texts, for BM25."""

    def __init__(self, texts: Sequence[str]) -> None:
        import bm25s

        logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to DEBUG
        listed = [terms(text) for text in texts]
        self._size = len(listed)
        self._bm25 = bm25s.BM25(b=_LENGTH_PENALTY) if any(listed) else None
        if self._bm25:
            self._bm25.index(listed, show_progress=False)

    def scores(self, query: str) -> Scores:
        """One score a text, as shares of the highest; all 0 where no text has a word of the query."""
        asked = terms(query)
        if not (self._bm25 and asked):
            return np.zeros(self._size)
        scores: Scores = np.asarray(self._bm25.get_scores(asked), np.float64)
        highest = scores.max()
        return scores / highest if highest > 0 else scores


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
