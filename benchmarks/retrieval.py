"""Retrieval over peft 0.18.1: recall@10 of BM25, of vectors, and of both fused, by sentence and by title.

The queries are the goldens beside the project (`../shared/golden/peft-0.18.1.jsonl`, or the file named as argument).
A query is answered where one of its first ten chunks overlaps a line of the golden's evidence.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wikiagent.config import SourceSettings
from wikiagent.index.embed import WordLlama
from wikiagent.index.retrieve import VECTOR_WEIGHT, Index, fuse, open_index
from wikiagent.source.evidence import Place
from wikiagent.source.fetch import fetch

HERE = Path(__file__).parents[1]
GOLDEN = HERE.parent / "shared" / "golden" / "peft-0.18.1.jsonl"
AT = 10
POOL = 100


def fused(index: Index, weight: float) -> Callable[[str], list[Place]]:
    def ranked(query: str) -> list[Place]:
        scores = fuse([(1.0, index.by_words(query, POOL)), (weight, index.by_vectors(query, POOL))])
        return places(index, sorted(scores, key=lambda number: (-scores[number], number)))

    return ranked


def places(index: Index, numbers: list[int]) -> list[Place]:
    return [index.chunks[number].place for number in numbers]


def recall(arm: Callable[[str], list[Place]], queries: list[str], goldens: list[dict[str, Any]]) -> float:
    found = 0
    for query, golden in zip(queries, goldens, strict=True):
        evidence = [Place(span["path"], span["start"], span["end"]) for span in golden["evidence"]]
        found += any(place.overlaps(span) for place in arm(query)[:AT] for span in evidence)
    return found / len(goldens)


def main() -> None:
    golden_file = Path(sys.argv[1]) if sys.argv[1:] else GOLDEN
    if not golden_file.is_file():
        print(f"Retrieval is not measured: there are no goldens at {golden_file}. Name a file of goldens as argument.")
        return
    goldens = [json.loads(line) for line in golden_file.read_text(encoding="utf-8").splitlines()]
    snapshot = fetch("pypi:peft==0.18.1", HERE / "store", progress=lambda message: print(message, file=sys.stderr))
    embedder, settings = WordLlama(), SourceSettings()
    with tempfile.TemporaryDirectory() as store:
        start = time.perf_counter()
        index = open_index(snapshot, embedder, Path(store))
        cold = time.perf_counter() - start
        start = time.perf_counter()
        index = open_index(snapshot, embedder, Path(store), mined=snapshot.select(settings.include, settings.exclude))
        warm = time.perf_counter() - start
        print(f"Indexing {len(index.chunks)} chunks with {embedder.name}: {cold:.1f} s cold, {warm:.1f} s warm")
        print(f"recall@{AT} over {len(goldens)} goldens      sentence   title")
        sentences = [golden["insight"] for golden in goldens]
        titles = [golden["title"].replace("_", " ") for golden in goldens]
        arms: dict[str, Callable[[str], list[Place]]] = {
            "BM25": lambda query: places(index, index.by_words(query, AT)),
            "vectors": lambda query: places(index, index.by_vectors(query, AT)),
        }
        arms |= {f"fused, vectors at {weight}": fused(index, weight) for weight in (0.1, VECTOR_WEIGHT, 0.3, 0.5, 1.0)}
        arms["as searched, tests behind"] = lambda query: [hit.place for hit in index.search(query, AT)]
        for name, arm in arms.items():
            by_sentence, by_title = (recall(arm, queries, goldens) for queries in (sentences, titles))
            print(f"  {name:<28} {by_sentence:8.3f} {by_title:8.3f}")


if __name__ == "__main__":
    main()
