from __future__ import annotations

import numpy as np

from benchmarks.queries import Query, group_of, queries_of, sources
from benchmarks.retrieval import Exact, Scored, Searched, gains_table
from wikiagent.code.chunks import Chunk
from wikiagent.index.embed import WordLlama
from wikiagent.index.retrieve import Index
from wikiagent.source.evidence import Place


def test_a_query_is_answered_by_a_chunk_that_shares_a_line_with_its_evidence() -> None:
    texts = ["zebra", "lion", "zebra lion"]
    chunks = [Chunk(Place("a.py", number, number), text, "", "") for number, text in enumerate(texts, 1)]
    searched = Searched(Index(chunks, lambda query, k: []), WordLlama())
    query = Query("q", "lion", (Place("a.py", 2, 2), Place("b.py", 1, 9)), "unseen")
    assert searched.relevant(query.places) == {1}
    scores = searched.scored(lambda text: [2, 1], [query])
    assert scores.recall == {5: [1.0], 10: [1.0], 20: [1.0]}
    assert scores.rank == [0.5]


def test_a_golden_stays_in_its_half() -> None:
    assert group_of("peft/x", seen=True) == "seen"
    assert {group_of(f"peft/{n}", seen=False) for n in range(40)} == {"tuning", "held out"}
    assert group_of("peft/x", seen=False) == group_of("peft/x", seen=False)


def test_every_package_with_goldens_is_searched() -> None:
    assert next(iter(sources())) == "peft-0.18.1"
    for name in sources():
        kinds = queries_of(name)
        assert [query.id for query in kinds["sentence"]] == [query.id for query in kinds["title"]]
    assert len(queries_of("peft-0.18.1")["question"]) >= 100


def test_all_vectors_are_looked_at() -> None:
    embedder = WordLlama()
    exact = Exact(embedder, embedder.embed(["zebra", "lion", "quarterly tax report"]))
    assert [number for number, _ in exact("the lion", 1)] == [1]
    assert exact("the lion", 3)[0][1] == exact.likeness("the lion")[1]
    assert np.argmax(exact.likeness("taxes")) == 2


def test_the_hybrid_is_better_only_where_it_is_more_than_chance() -> None:
    queries = [Query(f"q{n}", "", (), "held out") for n in range(20)]

    def scored(good: int) -> Scored:
        found = [1.0] * good + [0.0] * (20 - good)
        return Scored({5: found, 10: found, 20: found}, found, found, [0.0] * 20)

    def bars(hybrid: int) -> dict[str, bool]:
        scores = {"BM25": scored(10), "dense": scored(2), "hybrid": scored(hybrid)}
        return {bar.text.split(":")[0]: bar.met for bar in gains_table({"title": [("zoo", queries, scores, [])]}).bars}

    assert bars(20) == {"title": True, "better on": True}
    assert bars(11) == {"title": True, "better on": False}
    assert bars(3) == {"title": False, "better on": False}
