from __future__ import annotations

from pathlib import Path

import pytest

from tests.index.zoo import LetterEmbedder, snapshot_at
from wikiagent.code.chunks import Chunk
from wikiagent.index.embed import WordLlama
from wikiagent.index.retrieve import Index, open_index, terms, words
from wikiagent.source.evidence import Place
from wikiagent.source.snapshot import Snapshot


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("get_peft_model", ["get", "peft", "model", "get_peft_model"]),
        ("LoraConfig", ["lora", "config", "loraconfig"]),
        ("HTTPServer2", ["http", "server", "2", "httpserver2"]),
        ("__init__", ["init"]),
        ("Params4bit", ["params", "4", "bit", "params4bit"]),
        ("bnb.nn", ["bnb", "nn"]),
        ("größe naïve", ["größe", "naïve"]),
        ("", []),
        ("___ --- ???", []),
    ],
)
def test_identifiers_are_split_and_kept(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_what_joins_a_sentence_is_not_searched_for_and_endings_do_not_matter() -> None:
    assert terms("What happens to my adapters when they are merged?") == ["happen", "adapt", "merg"]
    assert terms("merge_adapter") == ["merg", "adapt", "merge_adapt"]
    assert terms("why not?") == []


def test_a_question_finds_the_words_of_the_code(tmp_path: Path, letters: LetterEmbedder) -> None:
    files = {"a.py": "def feed_zebra():\n    pass\n", "b.py": "# why does the lion do what it does?\nlion = 1\n"}
    index = open_index(snapshot_at(tmp_path / "source", files), letters, tmp_path / "store")
    assert index.search("Why does it do that to the feeding of zebras?", 1)[0].place.path == "a.py"


ANIMALS = [
    Chunk(Place("zoo.py", 1, 1), "lion lion zebra", "feed", ""),
    Chunk(Place("zoo.py", 2, 2), "zebra stork", "wash", ""),
    Chunk(Place("lion.py", 1, 1), "stork", "feed", ""),
]


def test_each_way_to_search_scores_each_chunk() -> None:
    index = Index(ANIMALS, lambda query, k: [(2, 0.9), (1, 0.5)])
    assert index.by_words("lion") == pytest.approx([1, 0, 0])
    assert index.by_names("lion") == pytest.approx([0, 0, 1])
    assert index.by_vectors("lion") == pytest.approx([0, 0.5, 0.9])
    assert index.by_words("giraffe").tolist() == index.by_names("?").tolist() == [0, 0, 0]


def test_words_count_most_then_vectors_and_names() -> None:
    def found(query: str, nearest: list[tuple[int, float]]) -> list[int]:
        return [ANIMALS.index(chunk) for chunk in ranked(Index(ANIMALS, lambda text, k: nearest), query)]

    def ranked(index: Index, query: str) -> list[Chunk]:
        places = [hit.place for hit in index.search(query, 3)]
        return [next(chunk for chunk in ANIMALS if chunk.place == place) for place in places]

    assert found("lion", []) == [0, 2]
    assert found("lion", [(1, 0.9)]) == [0, 1, 2]
    assert found("giraffe", [(1, 0.9), (2, 0.2)]) == [1, 2]
    assert found("giraffe", []) == []


def test_only_what_is_nearer_than_the_last_of_the_pool_counts() -> None:
    chunks = [Chunk(Place("zoo.py", line, line), "stork", "", "") for line in range(1, 301)]
    index = Index(chunks, lambda query, k: [(number, 0.9 - number / 1000) for number in range(k)])
    scores = index.by_vectors("lion")
    assert scores[0] == pytest.approx(0.199)
    assert scores[199:].tolist() == [0] * 101


def test_search_finds_by_part_of_an_identifier(tmp_path: Path, letters: LetterEmbedder) -> None:
    files = {
        "a.py": "def feed_zebra():\n    pass\n",
        "b.py": "def washElephant():\n    pass\n",
        "long.py": f"DATA = '{'x' * 500} giraffe'\n",
        "setup.cfg": "[metadata]\nname = zoo\n",
        "notes.txt": "elephant\n",
    }
    index = open_index(snapshot_at(tmp_path / "source", files), letters, tmp_path / "store")
    hits = index.search("elephant", 5)
    assert (hits[0].place.path, hits[0].symbol) == ("b.py", "washElephant")
    assert hits[0].text == files["b.py"].rstrip("\n")
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert index.search("giraffe", 1)[0].place.path == "long.py"
    assert index.search("metadata", 1)[0].place.path == "setup.cfg"
    assert len(index.search("pass", 1)) == 1


def test_a_query_of_nothing_finds_nothing(tmp_path: Path, snapshot: Snapshot, letters: LetterEmbedder) -> None:
    assert open_index(snapshot, letters, tmp_path / "store").search(" ?! ", 5) == []


def test_a_snapshot_without_code_finds_nothing(tmp_path: Path, letters: LetterEmbedder) -> None:
    index = open_index(snapshot_at(tmp_path / "source", {"README": "zoo"}), letters, tmp_path / "store")
    assert index.chunks == ()
    assert index.search("zoo", 5) == []


def test_peft_is_found_by_words_and_by_meaning(peft: Snapshot, tmp_path: Path) -> None:
    index = open_index(peft, WordLlama(), tmp_path)
    assert "prepare_model_for_kbit_training" in {
        hit.symbol for hit in index.search("prepare model for kbit training", 10)
    }
    hits = index.search("the adapter is frozen when is_trainable is False", 10)
    assert "src/peft/peft_model.py" in {hit.place.path for hit in hits}
    assert hits == index.search("the adapter is frozen when is_trainable is False", 10)
    for hit in hits:
        assert hit.text == "\n".join(peft.lines(hit.place.path)[hit.place.first - 1 : hit.place.last])


def test_files_that_are_not_mined_are_found_behind_those_that_are(tmp_path: Path, letters: LetterEmbedder) -> None:
    files = {"zoo.py": "def feed(lion):\n    return lion\n", "tests/test_zoo.py": "def feed(lion):\n    return lion\n"}
    snapshot = snapshot_at(tmp_path / "source", files)
    found = open_index(snapshot, letters, tmp_path / "store", mined=["zoo.py"]).search("feed lion", 5)
    assert [hit.place.path for hit in found] == ["zoo.py", "tests/test_zoo.py"]
    turned = open_index(snapshot, letters, tmp_path / "store", mined=["tests/test_zoo.py"]).search("feed lion", 5)
    assert [hit.place.path for hit in turned] == ["tests/test_zoo.py", "zoo.py"]


def test_half_characters_are_no_reason_to_fail(snapshot: Snapshot, tmp_path: Path) -> None:
    index = open_index(snapshot, WordLlama(), tmp_path / "store")
    assert index.search("feed lion \udcff\ud800", 5) == index.search("feed lion ??", 5) != []
