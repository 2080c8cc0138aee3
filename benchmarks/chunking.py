"""Chunking of all Python files of peft 0.18.1, beside the floor: tree-sitter's bare parse of the same bytes."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from wikiagent.code.chunks import chunk_file
from wikiagent.code.syntax import parse
from wikiagent.index.embed import WordLlama
from wikiagent.source.fetch import fetch

STORE = Path(__file__).parents[1] / "store"


def main() -> None:
    snapshot = fetch("pypi:peft==0.18.1", STORE, progress=lambda message: print(message, file=sys.stderr))
    paths = snapshot.select(["*.py"], [])
    lines = sum(len(snapshot.lines(path)) for path in paths)
    embedder = WordLlama()

    start = time.perf_counter()
    for path in paths:
        parse(snapshot.read(path))
    floor = time.perf_counter() - start

    start = time.perf_counter()
    chunks = {path: chunk_file(path, snapshot.lines(path), embedder.count, embedder.limit) for path in paths}
    taken = time.perf_counter() - start

    lost = sum(
        len("".join("".join(snapshot.lines(path)).split()))
        - len("".join("".join(c.text for c in chunks[path]).split()))
        for path in paths
    )
    sizes = sorted(embedder.count(chunk.embedded) for found in chunks.values() for chunk in found)
    print(f"Chunking {len(paths)} Python files, {lines} lines:")
    print(f"  chunks                   {len(sizes)}")
    print(f"  tokens a chunk           median {sizes[len(sizes) // 2]}, most {sizes[-1]}, limit {embedder.limit}")
    print(f"  characters lost          {lost}")
    print(f"  bare parse (the floor)   {floor:.2f} s, {lines / floor:,.0f} lines/s")
    print(f"  chunking                 {taken:.2f} s, {lines / taken:,.0f} lines/s")


if __name__ == "__main__":
    main()
