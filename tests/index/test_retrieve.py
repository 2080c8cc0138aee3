from __future__ import annotations

from pathlib import Path

import pytest

from tests.index.zoo import LetterEmbedder, snapshot_at
from wikiagent.index.embed import WordLlama
from wikiagent.index.retrieve import fuse, open_index, terms, words
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


def test_fusion_weighs_ranks() -> None:
    scores = fuse([(1.0, [7, 8]), (0.5, [9, 8])])
    assert sorted(scores, key=lambda number: -scores[number]) == [8, 7, 9]
    assert scores[7] == pytest.approx(1 / 61)
    assert scores[8] == pytest.approx(1 / 62 + 0.5 / 62)


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
